"""Reading the feedback database: rows for training and reports, recent outcomes, counts.

Opens the file read-only for each question and creates nothing. The tables are described in `schema`.
"""

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tactful.core.errors import StoreError
from tactful.core.labels import BLINK_S
from tactful.core.types import Features, Outcome, Stage

__all__ = [
    "Counts",
    "DecisionRow",
    "connected",
    "count",
    "count_outcomes",
    "decisions_with_outcomes",
    "features_of",
    "is_begun",
    "known_sets",
    "last_outcomes",
    "recent_outcomes",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One decision as it was recorded, and what became of it; None where nothing is known."""

    decision_id: str
    decided_at: float  # seconds since the epoch
    uri_hash: str
    language_id: str
    mode: str
    automatic: bool
    stage: Stage
    reason: str
    propensity: float
    stage1_features: Features | None
    stage1_score: float | None
    stage2_features: Features | None
    stage2_score: float | None
    suggestion_chars: int | None
    suggestion_lines: int | None
    source: str | None
    probability: float | None
    ms_by_stage: Mapping[str, float]
    outcome: Outcome | None
    outcome_at: float | None
    accepted_chars: int | None
    kept_30_s: float | None  # share of the accepted text still there, in [0, 1]
    kept_5_min: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much the database holds."""

    decisions: int
    shown: int
    by_outcome: Mapping[Outcome, int]
    first_at: float | None  # seconds since the epoch
    bytes_on_disk: int


_JOINED = """
SELECT decisions.*, outcomes.outcome, outcomes.at AS outcome_at, outcomes.accepted_chars,
       soon.kept_fraction AS kept_30_s, later.kept_fraction AS kept_5_min
FROM decisions
LEFT JOIN outcomes ON outcomes.suggestion_id = decisions.id
LEFT JOIN survival AS soon ON soon.suggestion_id = decisions.id AND soon.after_s = 30
LEFT JOIN survival AS later ON later.suggestion_id = decisions.id AND later.after_s = 300
"""
_ROWS = _JOINED + "ORDER BY decisions.number"
# As in `tactful.core.labels`: what was unseen, or refused too fast to have been read, tells nothing.
_RECENT = """
SELECT outcome FROM outcomes LEFT JOIN decisions ON decisions.id = outcomes.suggestion_id
WHERE outcome != 'unseen'
      AND NOT (outcome IN ('rejected', 'ignored') AND coalesce(outcomes.at - decided_at < :blink_s, 0))
ORDER BY outcomes.at DESC LIMIT :limit
"""


def decisions_with_outcomes(path: Path) -> Iterator[DecisionRow]:
    """Yield every decision, oldest first; nothing when there is no database yet. Raises StoreError."""
    if not is_begun(path):
        return
    with connected(path) as connection:
        sets = known_sets(connection)
        for row in connection.execute(_ROWS):
            yield _decision_row(row, sets)


def last_outcomes(path: Path, limit: int) -> list[DecisionRow]:
    """Return the last `limit` decisions of which it is known what became, oldest first. Raises StoreError."""
    if not is_begun(path):
        return []
    with connected(path) as connection:
        sets = known_sets(connection)
        question = f"{_JOINED} WHERE outcomes.outcome IS NOT NULL ORDER BY decisions.number DESC LIMIT ?"
        found = connection.execute(question, (limit,)).fetchall()
        return [_decision_row(row, sets) for row in reversed(found)]


def count_outcomes(path: Path) -> int:
    """Return of how many suggestions it is known what became, without the unseen ones. Raises StoreError."""
    if not is_begun(path):
        return 0
    with connected(path) as connection:
        question = "SELECT count(*) FROM outcomes WHERE outcome != ?"
        return int(connection.execute(question, (Outcome.UNSEEN.value,)).fetchone()[0])


def known_sets(connection: sqlite3.Connection) -> Mapping[int, tuple[int, list[str]]]:
    """Return schema and names of every set of features, by its key in the decisions."""
    question = "SELECT id, schema, names FROM feature_sets"
    return {key: (schema, json.loads(names)) for key, schema, names in connection.execute(question)}


def recent_outcomes(path: Path, limit: int) -> tuple[Outcome, ...]:
    """Return the last `limit` outcomes that tell something, newest last. Raises StoreError."""
    if not is_begun(path):
        return ()
    with connected(path) as connection:
        rows = connection.execute(_RECENT, {"blink_s": BLINK_S, "limit": limit}).fetchall()
    return tuple(Outcome(row[0]) for row in reversed(rows))


def count(path: Path) -> Counts:
    """Return how much the database holds; zeros when there is none. Raises StoreError."""
    if not is_begun(path):
        return Counts(decisions=0, shown=0, by_outcome={}, first_at=None, bytes_on_disk=0)
    with connected(path) as connection:
        total, shown, first = connection.execute(
            "SELECT count(*), coalesce(sum(stage = ?), 0), min(decided_at) FROM decisions", (Stage.SHOWN.value,)
        ).fetchone()
        outcomes = connection.execute("SELECT outcome, count(*) FROM outcomes GROUP BY outcome").fetchall()
    return Counts(
        decisions=total,
        shown=shown,
        by_outcome={Outcome(name): number for name, number in outcomes},
        first_at=first,
        bytes_on_disk=sum(part.stat().st_size for part in (path, Path(f"{path}-wal")) if part.exists()),
    )


def is_begun(path: Path) -> bool:
    """Say whether there is a database with tables; the writer may be about to make them."""
    if not path.exists():
        return False
    with connected(path) as connection:
        return bool(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def connected(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the database for reading one state of it. Raises StoreError for what goes wrong in the block."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("BEGIN")  # one state of the database for all that is asked
            yield connection
    except (sqlite3.Error, ValueError) as error:
        raise StoreError(f"The feedback database {path} cannot be read ({error}). {_remedy(error)}") from error


def _remedy(error: Exception) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "Another program holds it; try again when that has ended."
    return "Move it away to begin a new one."


def _decision_row(row: sqlite3.Row, sets: Mapping[int, tuple[int, list[str]]]) -> DecisionRow:
    return DecisionRow(
        decision_id=row["id"],
        language_id=row["language"],
        automatic=bool(row["automatic"]),
        stage=Stage(row["stage"]),
        stage1_features=features_of(row["stage1_set"], row["stage1_values"], sets),
        stage2_features=features_of(row["stage2_set"], row["stage2_values"], sets),
        ms_by_stage=json.loads(row["ms_by_stage"]),
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        **{name: row[name] for name in _SAME_NAMES},
    )


_SAME_NAMES = (
    "decided_at",
    "uri_hash",
    "mode",
    "reason",
    "propensity",
    "stage1_score",
    "stage2_score",
    "suggestion_chars",
    "suggestion_lines",
    "source",
    "probability",
    "outcome_at",
    "accepted_chars",
    "kept_30_s",
    "kept_5_min",
)


def features_of(key: int | None, values: str | None, sets: Mapping[int, tuple[int, list[str]]]) -> Features | None:
    """Return stored values under the names of their set; None where nothing is stored."""
    if key is None or values is None:
        return None
    schema, names = sets[key]
    numbers = (math.nan if value is None else float(value) for value in json.loads(values))
    return Features(schema=schema, values=dict(zip(names, numbers, strict=True)))
