"""The port of a search over a model's answers: what is asked next, given what became of what was asked before.

A strategy is told and asked, one after the other; it must not know how prompts look, who answers, or how code is run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

__all__ = ["FIRST_TRIES", "Attempt", "Move", "Strategy", "Turn"]

FIRST_TRIES = 3  # that are asked for at the same time


class Move(StrEnum):
    """What a turn asks for."""

    FIRST = "first"  # name the bug, correct it
    REFINE = "refine"  # correct the last try, given what its code did
    RETHINK = "rethink"  # the last try's thought led to failing code: think again, then correct
    DEEPEN = "deepen"  # the last try's thought holds; what else is wrong?
    OTHER = "other"  # name another bug than those that were named


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One sample and what became of it.

    `thought` is the bug as the model named it, `sure` how sure it said to be, in [0, 1]; `code` is the function that it
    wrote. `fault` says why that could not be tried; else `passed` and `failed` name the tests, and `feedback` tells in
    words how the failing ones failed. `reward`, in [0, 1], is the share of the tests which failed at first that pass,
    less what it breaks.
    """

    number: int
    thought: str
    sure: float
    code: str = ""
    fault: str = ""
    passed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    feedback: str = ""
    reward: float = 0.0

    @property
    def is_right(self) -> bool:
        """Whether every test passes."""
        return not self.fault and not self.failed and bool(self.passed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One prompt in the strategy's terms: `line` is what it goes on from, oldest first; `others` were tried besides."""

    move: Move
    line: tuple[Attempt, ...] = ()
    others: tuple[Attempt, ...] = ()
    number: int = 0  # of those that were asked for with the same words: the first is to be the likeliest answer


class Strategy(Protocol):
    """A search over a model's answers."""

    def turns(self, room: int) -> Sequence[Turn]:
        """Return what is to be asked now, at most `room` turns; none while that depends on what is still out."""
        ...

    def learn(self, turn: Turn, attempt: Attempt | None) -> None:
        """Take in what became of a turn; None where no answer came."""
        ...
