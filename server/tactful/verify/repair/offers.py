"""What is told of the repairs that pass: offers with their evidence, or why there is none."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from tactful.verify.model import Offer, TestNames, VerifyResult
from tactful.verify.repair.candidates import Candidate, applied
from tactful.verify.repair.choose import Choice
from tactful.verify.repair.patch import patch
from tactful.verify.repair.rewrite import OPERATOR
from tactful.verify.repair.source import Source

__all__ = ["described", "offered", "offers_of", "why_nothing"]

MAX_SHOWN = 70  # characters of a change that is told as a whole
MAX_CHANGES = 3  # of one edit that are told


def offered(result: VerifyResult, offers: tuple[Offer, ...], after: tuple[str, ...]) -> VerifyResult:
    """Return `result` with `offers`; `after` are the tests that pass with the first of them."""
    return replace(
        result,
        status="fixed",
        message=f"{offers[0].description} makes {_all(len(after))}.",
        offers=offers,
        evidence=replace(result.evidence, tests_after=TestNames(passed=after)),
    )


def _all(tests: int) -> str:
    return "the near test pass" if tests == 1 else f"all {tests} near tests pass"


def why_nothing(passed: int, examples: Sequence[Offer], tried: int, is_late: bool) -> str:
    """Return why nothing is offered; `examples` are repairs that pass of which none is likely enough."""
    if examples:
        shown = "; ".join(each.description for each in examples)
        which = "One repair makes" if passed == 1 else f"{passed} different repairs make"
        doubt = "it is too unlikely to be meant" if passed == 1 else "the tests cannot tell which one is meant"
        return f"{which} the near tests pass, but {doubt} ({shown}): nothing is offered; add a test that tells more."
    if is_late:
        return f"The time budget ended after {tried} candidate repairs; nothing is offered."
    return f"None of {tried} candidate repairs makes the near tests pass, so nothing is offered."


def offers_of(
    source: Source,
    name: str,
    choices: Sequence[Choice],
    result: VerifyResult,
    thought_of: Callable[[Candidate], str] = lambda candidate: "",
) -> tuple[Offer, ...]:
    """Return the choices as offers, each told from the first (and that from the second) where it can be.

    `name` is the path of the file in the workspace. `thought_of` gives the bug as a model named it, "" for other edits.
    """
    failed = result.evidence.tests_before.failed
    repaired = f"makes {len(failed)} failing test{'s' * (len(failed) != 1)} pass: {', '.join(failed[:3])}"
    offers = []
    for number, choice in enumerate(choices):
        other = choices[0] if number else next(iter(choices[1:]), None)
        told = choice.passed.told_from(other.passed) if other else ""
        thought = thought_of(choice.passed.candidate)
        named = f"the model named the bug: {thought}" if thought else ""
        offers.append(_offer(source, name, choice, tuple(each for each in (repaired, named, told) if each)))
    return tuple(offers)


def _offer(source: Source, name: str, choice: Choice, evidence: tuple[str, ...]) -> Offer:
    winner = choice.passed.candidate
    return Offer(
        start=winner.start,
        end=winner.end,
        old_text=source.text[winner.start : winner.end],
        new_text=winner.new_text,
        description=described(source.text, winner),
        diff=patch(source.text, applied(source.text, winner), name),
        chance_right=round(choice.chance, 3),
        evidence=evidence,
    )


def described(text: str, edit: Candidate) -> str:
    """Return in a few words what `edit` changes, and where; several changes are told one by one."""
    old = text[edit.start : edit.end]
    if max(len(old), len(edit.new_text)) <= MAX_SHOWN:
        return _change(text, edit.start, old, edit.new_text)
    if edit.operator == OPERATOR:
        first = text.count("\n", 0, edit.start + len(old) - len(old.lstrip())) + 1
        last = first + old.strip().count("\n")
        return f"new text for line {first}" if last == first else f"new text for lines {first} to {last}"
    before, after = (re.findall(r"\w+|\s+|[^\w\s]", each) for each in (old, edit.new_text))
    changes = []
    for kind, first, last, low, high in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            at = edit.start + len("".join(before[:first]))
            changes.append(_change(text, at, "".join(before[first:last]), "".join(after[low:high])))
    shown = changes[:MAX_CHANGES]
    more = f" and {len(changes) - len(shown)} more" if len(changes) > len(shown) else ""
    return ", ".join(shown) + more


def _change(text: str, start: int, old: str, new: str) -> str:
    line = text.count("\n", 0, start + len(old) - len(old.lstrip())) + 1
    before, after = (" ".join(each.split())[:MAX_SHOWN] for each in (old, new))
    if not before:
        return f"insert `{after}` at line {line}"
    return f"`{before}` -> `{after}` at line {line}" if after else f"delete `{before}` at line {line}"
