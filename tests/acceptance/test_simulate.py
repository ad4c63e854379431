"""What a simulated programmer meets under a policy, counted by the clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import pytest

from tactful.acceptance.policies import Always, Policy, Shown
from tactful.acceptance.replay import SourceFile
from tactful.acceptance.simulate import Tally, simulate_file
from tactful.core.types import Completion, CompletionRequest, Features

TEXT = "".join(
    f"def area_{n}(width, height):\n    total = width * height + {n}\n    return total\n\n\n" for n in range(8)
)
SOURCE = SourceFile(path="/p/shapes.py", language_id="python", text=TEXT)


@dataclass
class Scripted:
    answer: Callable[[str], str]

    def complete(self, request: CompletionRequest) -> Sequence[Completion]:
        return [Completion(text=self.answer(request.text[: request.offset]), probability=0.5)]


def all_right(before: str) -> str:
    """Return the rest of the line, as the file has it."""
    start = TEXT.index(before) + len(before) if before in TEXT else len(before)
    return TEXT[start:].partition("\n")[0]


def all_wrong(before: str) -> str:
    return f"never_{len(before)}()"


@dataclass
class Waiting:
    """Shows everything once the hand has rested."""

    wait_s: float

    def generates(self, features: Features) -> bool:
        return True

    def shows(self, features: Features) -> Shown:
        return Shown(wait_s=self.wait_s)


def simulate(answer: Callable[[str], str], **policies: Policy) -> dict[str, Tally]:
    given = {"never": Always(share=0), "always": Always(), **policies}
    return dict(simulate_file(SOURCE, Scripted(answer), given, Random(0), lines=60))


def test_nobody_is_interrupted_by_nothing() -> None:
    never = simulate(all_wrong)["never"]
    assert (never.generated, never.shown, never.reading_s) == (0, 0, 0)
    assert never.lines >= 60
    assert never.keys > 10 * never.lines


def test_right_suggestions_save_keys_and_time() -> None:
    found = simulate(all_right)
    assert found["always"].kept > 20
    assert found["always"].interruptions == 0
    assert found["always"].keys + found["always"].kept_chars == found["never"].keys
    assert found["always"].seconds < found["never"].seconds
    assert 0 < found["always"].lines_helped <= found["always"].kept


def test_wrong_suggestions_cost_exactly_the_time_to_read_them() -> None:
    found = simulate(all_wrong)
    assert found["always"].interruptions == found["always"].shown > 50
    assert found["always"].keys == found["never"].keys
    assert found["always"].seconds - found["never"].seconds == pytest.approx(found["always"].reading_s)


def test_a_patient_policy_interrupts_less_and_generates_as_much() -> None:
    found = simulate(all_wrong, patient=Waiting(1.0))
    assert found["patient"].interruptions < 0.7 * found["always"].interruptions
    assert found["patient"].generated == found["always"].generated


def test_what_was_read_and_goes_on_to_match_is_no_new_interruption() -> None:
    def half_right(before: str) -> str:
        return all_right(before) + "_and_more()"

    found = simulate(half_right)["always"]
    lines_with_text = sum(bool(line.strip()) for line in TEXT.splitlines())
    assert found.kept == 0
    assert 0 < found.shown < 2 * found.lines * lines_with_text / TEXT.count("\n")


def test_the_same_seed_gives_the_same() -> None:
    assert simulate(all_right) == simulate(all_right)


def test_a_file_of_blanks_is_not_typed() -> None:
    blank = SourceFile(path="/p/b.py", language_id="python", text="\n\n")
    assert simulate_file(blank, Scripted(all_wrong), {"always": Always()}, Random(0), lines=5)["always"] == Tally()
