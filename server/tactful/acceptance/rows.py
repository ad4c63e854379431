"""One moment that a gate can learn from, wherever it comes from.

Must not know: how rows are made (`replay`, `decisions`) or what is trained from them.
"""

from dataclasses import dataclass

from tactful.core.types import Features

__all__ = ["Row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The features of a moment, and whether what would have been shown was wanted.

    `group` is what rows of one origin share (a project, a programmer): training never sees a part of the group that it
    is judged on. `stage2` is None where nothing was there to show, and such a row is not wanted.
    """

    group: str
    stage1: Features
    stage2: Features | None
    wanted: bool
    length: int = 0  # characters of the suggestion
    weight: float = 1.0  # how much the row counts in training
    at: float | None = None  # seconds; None where rows of a group have no order in time
    known_at: float | None = None  # when it was known whether it was wanted
    user: str = ""  # who the rows of several groups belong to, where that is known; else the group
    tells: bool = True  # False for a refusal too fast to be one, see `tactful.core.labels`
