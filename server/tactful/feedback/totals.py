"""The feedback database as a report reads it: what was not shown as counts, what was shown row by row, and samples.

A million decisions are read in seconds and never held in memory. The tables are described in `schema`.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tactful.core.types import Features
from tactful.feedback.reading import connected, features_of, is_begun, known_sets

__all__ = ["BLOCKS_A_DAY", "Log", "Quiet", "Shown", "opened"]

BLOCKS_A_DAY = 8
_BLOCK_S = 86_400 // BLOCKS_A_DAY
_SAMPLED_TIMES = 10_000
_SAMPLED_FEATURES = 1_500


class Quiet(NamedTuple):
    """A kind of decision that showed nothing."""

    block: int  # three hours of the reader's clock, counted since the epoch
    language_id: str
    source: str | None
    stage: str
    reason: str  # empty for what the gate hid: its features say more
    had_a_chance: int  # 0 where nothing of the kind could have been shown


class Shown(NamedTuple):
    """One suggestion that was shown; None where nothing is known."""

    block: int
    language_id: str
    source: str | None
    decided_at: float  # seconds since the epoch
    automatic: int
    propensity: float
    score: float | None  # of the second stage
    chars: int | None
    outcome: str | None
    outcome_at: float | None
    accepted_chars: int | None
    kept_fraction: float | None  # after five minutes, else after thirty seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What a report reads, each part once."""

    quiet: Mapping[Quiet, int]
    shown: Iterable[Shown]
    ms_by_stage: Iterable[Mapping[str, float]]  # of a sample
    hidden: Iterable[tuple[int, Features]]  # of a sample: the stage that hid it (1 or 2), and what that stage saw


_QUIET = """
SELECT CAST((decided_at + :offset_s) / :block_s AS INTEGER), language, source, stage,
       CASE WHEN stage IN ('gate1', 'gate2') THEN '' ELSE reason END, propensity > 0
FROM decisions WHERE stage != 'shown'
"""
_SHOWN = """
SELECT CAST((decided_at + :offset_s) / :block_s AS INTEGER), language, source, decided_at, automatic, propensity,
       stage2_score, suggestion_chars, outcomes.outcome, outcomes.at, outcomes.accepted_chars,
       CASE WHEN outcomes.accepted_chars > 0 THEN (
           SELECT kept_fraction FROM survival WHERE suggestion_id = id ORDER BY after_s DESC LIMIT 1
       ) END
FROM decisions LEFT JOIN outcomes ON outcomes.suggestion_id = id
WHERE stage = 'shown'
"""
_EVERY = """
WITH RECURSIVE sample (place) AS (SELECT :first UNION ALL SELECT place + :step FROM sample WHERE place < :last)
"""
_TIMES = _EVERY + "SELECT ms_by_stage FROM sample JOIN decisions ON number = place"  # noqa: S608 - constants
_HIDDEN = (
    _EVERY
    + """
SELECT CASE stage WHEN 'gate1' THEN 1 ELSE 2 END,
       CASE stage WHEN 'gate1' THEN stage1_set ELSE stage2_set END,
       CASE stage WHEN 'gate1' THEN stage1_values ELSE stage2_values END
FROM sample JOIN decisions ON number = place WHERE stage IN ('gate1', 'gate2')
"""
)


@contextmanager
def opened(path: Path, utc_offset_s: int = 0) -> Iterator[Log]:
    """Give what the database holds, empty where there is none yet; days begin where `utc_offset_s` says.

    Raises StoreError, also while the parts are read.
    """
    if not is_begun(path):
        yield Log(quiet={}, shown=(), ms_by_stage=(), hidden=())
        return
    with connected(path) as connection:
        connection.row_factory = None
        clock = {"offset_s": utc_offset_s, "block_s": _BLOCK_S}
        yield Log(
            quiet={Quiet(*key): count for key, count in Counter(connection.execute(_QUIET, clock)).items()},
            shown=map(Shown._make, connection.execute(_SHOWN, clock)),
            ms_by_stage=_times(connection),
            hidden=_hidden(connection),
        )


def _times(connection: sqlite3.Connection) -> Iterator[Mapping[str, float]]:
    for (times,) in connection.execute(_TIMES, _sample(connection, _SAMPLED_TIMES)):
        yield json.loads(times)


def _hidden(connection: sqlite3.Connection) -> Iterator[tuple[int, Features]]:
    sets = known_sets(connection)
    for stage, key, values in connection.execute(_HIDDEN, _sample(connection, _SAMPLED_FEATURES)):
        features = features_of(key, values, sets)
        if features is not None:
            yield stage, features


def _sample(connection: sqlite3.Connection, wanted: int) -> Mapping[str, int]:
    first, last = connection.execute(
        "SELECT coalesce(min(number), 0), coalesce(max(number), 0) FROM decisions"
    ).fetchone()
    return {"first": first, "last": last, "step": (last - first) // wanted + 1}
