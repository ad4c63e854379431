"""What became of a programmer's own suggestions as rows to learn from.

Knows: the label (kept, not merely accepted), the weight of what was shown to explore. Must not know: the database, from
which records are handed in.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol

from tactful.acceptance.rows import Row
from tactful.core.features import SCHEMA
from tactful.core.labels import is_wanted
from tactful.core.types import Features, Outcome

__all__ = ["Record", "rows_of_experience"]

_USER = "me"
_DAY_S = 86_400
_MOST_WEIGHT = 10.0  # a rare exploration must not outweigh all that was shown
_LATER_S = (30, 300)


class Record(Protocol):
    """A decision and its outcome as the feedback database has it; see `tactful.feedback.reading.DecisionRow`."""

    @property
    def decided_at(self) -> float: ...
    @property
    def automatic(self) -> bool: ...
    @property
    def propensity(self) -> float: ...
    @property
    def stage1_features(self) -> Features | None: ...
    @property
    def stage2_features(self) -> Features | None: ...
    @property
    def suggestion_chars(self) -> int | None: ...
    @property
    def outcome(self) -> Outcome | None: ...
    @property
    def outcome_at(self) -> float | None: ...
    @property
    def kept_30_s(self) -> float | None: ...
    @property
    def kept_5_min(self) -> float | None: ...


def rows_of_experience(records: Iterable[Record]) -> Iterator[Row]:
    """Return a row for each record whose outcome tells whether the suggestion was wanted, in their order.

    Grouped by day, of one programmer. A record of features that this version does not compute is left out. What was
    shown although the gate would have hidden it counts for those that were not (its weight is one over the propensity,
    ten at most).
    """
    for record in records:
        if record.outcome is None or record.outcome_at is None or not record.automatic:
            continue  # what was asked for by hand says little of what is wanted unasked
        kept = record.kept_30_s if record.kept_5_min is None else record.kept_5_min
        wanted = is_wanted(record.outcome, record.outcome_at - record.decided_at, kept)
        stage1, stage2 = record.stage1_features, record.stage2_features
        if wanted is None or stage1 is None or stage2 is None or not stage1.schema == stage2.schema == SCHEMA:
            continue
        yield Row(
            group=f"day {int(record.decided_at // _DAY_S)}",
            user=_USER,
            stage1=stage1,
            stage2=stage2,
            wanted=wanted,
            length=record.suggestion_chars or 0,
            weight=min(_MOST_WEIGHT, 1 / max(record.propensity, 1e-9)),
            at=record.decided_at,
            known_at=_known_at(record, record.outcome_at),
        )


def _known_at(record: Record, outcome_at: float) -> float:
    soon, later = _LATER_S
    if record.kept_5_min is not None:
        return outcome_at + later
    return outcome_at + soon if record.kept_30_s is not None else outcome_at
