"""Which of the repairs that pass is most likely the one that was meant, and how likely that is.

Repairs that answer alike on inputs that no test has tried count as one: what is offered is a behaviour, and the
likeliest edit that gives it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from tactful.verify.repair.candidates import Candidate
from tactful.verify.repair.priors import LEARNED

__all__ = ["Choice", "Passed", "behaviours", "chosen", "facts_of", "weight_of"]

MONOTONOUS = 0.9  # share of one answer above which the answers tell nothing
BROKEN_COSTS = 0.7  # how much of its score a repair loses under which every untried input raises or does not end
SMALL = 20  # characters, old and new, of an edit that counts half as much as one of none
LEAST_SCORE = 1e-5
MOST_COUNTED = 5  # failing tests; the tasks that the chance is fitted to have no more


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

    @property
    def broken(self) -> float:
        """The share of untried inputs that raise an error or do not end."""
        found = sum(each.startswith(("raises ", "does not end")) for each in self.answers)
        return found / len(self.answers) if self.answers else 0.0

    def told_from(self, other: "Passed") -> str:
        """Return, in words, an input on which this repair and `other` differ; empty when none is known."""
        for call, own, others in zip(self.calls, self.answers, other.answers, strict=False):
            if own != others:
                return f"{call}: {own} with it, {others} with the other"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A behaviour by its likeliest repair, and the chance in [0, 1] that it is the right one."""

    passed: Passed
    chance: float


def chosen(passed: Sequence[Passed], failing_tests: int, passing_tests: int) -> list[Choice]:
    """Return one choice for each behaviour, most likely first; the counts are of tests before the repair."""
    groups = behaviours(passed)
    if not groups:
        return []
    weights = [sum(weight_of(each) for each in group) for group in groups]
    order = sorted(range(len(groups)), key=lambda number: -weights[number])
    best = order[0]
    first = LEARNED.chance_right(facts_of(groups[best], weights, failing_tests, passing_tests))
    left = 1.0 - first
    choices = []
    for number in order:
        chance = first if number == best else min(first * weights[number] / weights[best], left)
        left -= chance * (number != best)
        choices.append(Choice(passed=max(groups[number], key=_worth_showing), chance=chance))
    return choices


def facts_of(
    group: Sequence[Passed], weights: Sequence[float], failing_tests: int, passing_tests: int
) -> dict[str, float]:
    """Return what the chance of the likeliest behaviour rests on; `weights` are those of all behaviours."""
    best = max(group, key=lambda each: each.score)
    return {
        "share": log(max(weights) / sum(weights)),
        "score": log(max(best.score, LEAST_SCORE)),
        "failing": log(max(1, min(failing_tests, MOST_COUNTED))),
        "all_failing": float(not passing_tests),
        "pair": float(best.candidate.operator == "pair"),
        "broken": best.broken,
    }


def behaviours(passed: Sequence[Passed]) -> list[list[Passed]]:
    """Return the repairs in groups that answer alike."""
    groups: dict[object, list[Passed]] = {}
    for number, each in enumerate(passed):
        groups.setdefault(each.answers if _telling(each.answers) else number, []).append(each)
    return list(groups.values())


def _worth_showing(each: Passed) -> float:
    """Return how well a repair stands for those that answer alike: a likely one, and a small one."""
    edit = each.candidate
    return each.score / (1.0 + (edit.end - edit.start + len(edit.new_text)) / SMALL)


def _telling(answers: Sequence[str]) -> bool:
    """Return whether the answers differ enough among themselves that two repairs with the same ones are alike."""
    most = max((answers.count(each) for each in set(answers)), default=0)
    return 0 < most <= MONOTONOUS * len(answers)


def weight_of(each: Passed) -> float:
    """Return the score, lowered for a repair under which untried inputs raise errors or do not end."""
    return each.score * (1.0 - BROKEN_COSTS * each.broken)
