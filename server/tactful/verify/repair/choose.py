"""Which of the repairs that pass is most likely the one that was meant, and how likely that is.

Repairs that answer alike on inputs that no test has tried count as one: what is offered is a behaviour, and the
simplest edit that gives it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tactful.verify.repair.candidates import Candidate

__all__ = ["Choice", "Passed", "chosen"]

DOUBT = 0.02  # score at which a lone repair is as likely wrong as right
MONOTONOUS = 0.9  # share of one answer above which the answers tell nothing
SINGLE_TEST = 0.9  # one failing test is thin evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A candidate that makes the near tests pass, and the score by which it was tried.

    `answers` are what the function answers to untried inputs under it (`calls`, as source), empty when that is not
    known.
    """

    candidate: Candidate
    score: float
    answers: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()

    def told_from(self, other: "Passed") -> str:
        """Return, in words, an input on which this repair and `other` differ; empty when none is known."""
        for call, own, others in zip(self.calls, self.answers, other.answers, strict=False):
            if own != others:
                return f"{call}: {own} with it, {others} with the other"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A behaviour that passes: the most likely edit that gives it, and the chance in [0, 1] that it is meant."""

    passed: Passed
    chance: float


def chosen(passed: Sequence[Passed], failing_tests: int) -> list[Choice]:
    """Return one choice for each behaviour, most likely first."""
    groups: dict[object, list[Passed]] = {}
    for number, each in enumerate(passed):
        groups.setdefault(each.answers if _telling(each.answers) else number, []).append(each)
    weights = {key: sum(_weight(each) for each in group) for key, group in groups.items()}
    total = sum(weights.values())
    choices = [
        Choice(
            passed=max(group, key=lambda each: each.score),
            chance=_trust(group, failing_tests) * weights[key] / total,
        )
        for key, group in groups.items()
    ]
    return sorted(choices, key=lambda each: -each.chance)


def _telling(answers: Sequence[str]) -> bool:
    """Return whether the answers differ enough among themselves that two repairs with the same ones are alike."""
    most = max((answers.count(each) for each in set(answers)), default=0)
    return most <= MONOTONOUS * len(answers) and most > 0


def _weight(each: Passed) -> float:
    """Return the score, lowered for a repair under which untried inputs raise errors or do not end."""
    if not each.answers:
        return each.score
    broken = sum(answer.startswith(("raises ", "does not end")) for answer in each.answers) / len(each.answers)
    return each.score * (1.0 - 0.7 * broken)


def _trust(group: Sequence[Passed], failing_tests: int) -> float:
    """Return how far a repair is to be trusted even if no other passes."""
    best = max(each.score for each in group)
    likely = best / (best + DOUBT)
    return likely if failing_tests > 1 else likely * SINGLE_TEST
