"""The tables of the feedback database, how rows are written and read, and how older databases are brought up to date.

The database holds numbers, reasons and lengths, and documents as keyed hashes: never source text and never a path.
`PRAGMA user_version` is the version of the tables. Values of features are stored without their names, which stand once
in `feature_sets`, so that a row takes some hundred bytes.
"""

import hashlib
import json
import math
import secrets
import sqlite3
from collections.abc import Callable, Mapping, Sequence

from tactful.core.errors import StoreError
from tactful.core.types import Decision, Features, Outcome

__all__ = ["VERSION", "prepare", "prune", "write_decision", "write_outcome", "write_survival"]

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE feature_sets (
    id INTEGER PRIMARY KEY,
    schema INTEGER NOT NULL,
    names TEXT NOT NULL,  -- JSON list
    UNIQUE (schema, names)
);
CREATE TABLE decisions (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    decided_at REAL NOT NULL,  -- seconds since the epoch
    uri_hash TEXT NOT NULL,
    language TEXT NOT NULL,
    mode TEXT NOT NULL,
    automatic INTEGER NOT NULL,
    stage TEXT NOT NULL,
    reason TEXT NOT NULL,
    propensity REAL NOT NULL,
    stage1_set INTEGER REFERENCES feature_sets (id),
    stage1_values TEXT,  -- JSON list in the order of the set's names, null for an unknown value
    stage1_score REAL,
    stage2_set INTEGER REFERENCES feature_sets (id),
    stage2_values TEXT,
    stage2_score REAL,
    suggestion_chars INTEGER,
    suggestion_lines INTEGER,
    source TEXT,
    probability REAL,
    ms_by_stage TEXT NOT NULL  -- JSON object
);
CREATE INDEX decisions_by_time ON decisions (decided_at);
CREATE TABLE outcomes (
    suggestion_id TEXT PRIMARY KEY,
    outcome TEXT NOT NULL,
    at REAL NOT NULL,
    accepted_chars INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE survival (
    suggestion_id TEXT NOT NULL,
    after_s INTEGER NOT NULL,
    kept_fraction REAL NOT NULL,
    PRIMARY KEY (suggestion_id, after_s)
) WITHOUT ROWID;
"""


def _begin(connection: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";"):
        connection.execute(statement)
    connection.execute("INSERT INTO meta VALUES ('salt', ?)", (secrets.token_bytes(16),))


# _MIGRATIONS[n] brings a database of version n to version n + 1.
_MIGRATIONS: Sequence[Callable[[sqlite3.Connection], None]] = (_begin,)
VERSION = len(_MIGRATIONS)


def prepare(connection: sqlite3.Connection) -> bytes:
    """Bring the tables to this version in one transaction and return the salt of the document hashes.

    Raises StoreError when a newer Tactful wrote the database, sqlite3.Error when it cannot be used.
    """
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found > VERSION:
            raise StoreError(
                f"it was written by a newer Tactful (tables {found}, this one knows {VERSION}); update Tactful"
            )
        for migrate in _MIGRATIONS[found:]:
            migrate(connection)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        salt: bytes = connection.execute("SELECT value FROM meta WHERE key = 'salt'").fetchone()[0]
    return salt


def write_decision(connection: sqlite3.Connection, salt: bytes, decision: Decision) -> None:
    """Insert a decision; one with the same id is replaced."""
    suggestion = decision.suggestion
    completion = decision.completion or (suggestion.completion if suggestion else None)
    generated = suggestion or completion
    text = generated.text if generated else None
    row = {
        "id": decision.decision_id,
        "decided_at": decision.decided_at,
        "uri_hash": hashlib.blake2b(decision.uri.encode(errors="replace"), key=salt, digest_size=8).hexdigest(),
        "language": decision.language_id,
        "mode": decision.mode,
        "automatic": decision.automatic,
        "stage": decision.stage.value,
        "reason": decision.reason,
        "propensity": decision.propensity,
        **_feature_columns(connection, 1, decision.stage1_features, decision.stage1_score),
        **_feature_columns(connection, 2, decision.stage2_features, decision.stage2_score),
        "suggestion_chars": None if text is None else len(text),
        "suggestion_lines": None if text is None else text.count("\n") + 1,
        "source": completion.source if completion else None,
        "probability": completion.probability if completion else None,
        "ms_by_stage": json.dumps({stage: round(ms, 3) for stage, ms in decision.ms_by_stage.items()}),
    }
    marks = ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT OR REPLACE INTO decisions ({', '.join(row)}) VALUES ({marks})", row)  # noqa: S608 - names from above


def write_outcome(
    connection: sqlite3.Connection, suggestion_id: str, outcome: Outcome, at: float, accepted_chars: int
) -> None:
    """Insert what became of a suggestion; an upgraded outcome replaces the earlier one."""
    row = (suggestion_id, outcome.value, at, accepted_chars)
    connection.execute("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?)", row)


def write_survival(connection: sqlite3.Connection, suggestion_id: str, after_s: int, kept_fraction: float) -> None:
    """Insert how much of an accepted text was left."""
    connection.execute("INSERT OR REPLACE INTO survival VALUES (?, ?, ?)", (suggestion_id, after_s, kept_fraction))


def prune(connection: sqlite3.Connection, *, before: float, max_rows: int) -> None:
    """Delete decisions older than `before` (epoch seconds), all but the last `max_rows`, and their outcomes."""
    last = connection.execute("SELECT max(number) FROM decisions").fetchone()[0]
    if last is None:
        return
    limit = (before, last - max_rows)
    connection.execute("DELETE FROM decisions WHERE decided_at < ? OR number <= ?", limit)
    for table in ("outcomes", "survival"):
        connection.execute(f"DELETE FROM {table} WHERE suggestion_id NOT IN (SELECT id FROM decisions)")  # noqa: S608 - names from above


def _feature_columns(
    connection: sqlite3.Connection, stage: int, features: Features | None, score: float | None
) -> Mapping[str, object]:
    names, values = f"stage{stage}_set", f"stage{stage}_values"
    columns: dict[str, object] = {names: None, values: None, f"stage{stage}_score": score}
    if features is not None:
        columns[names] = _feature_set(connection, features)
        columns[values] = json.dumps([_short(value) for value in features.values.values()], separators=(",", ":"))
    return columns


def _feature_set(connection: sqlite3.Connection, features: Features) -> int:
    key = (features.schema, json.dumps(list(features.values)))
    connection.execute("INSERT OR IGNORE INTO feature_sets (schema, names) VALUES (?, ?)", key)
    row = connection.execute("SELECT id FROM feature_sets WHERE schema = ? AND names = ?", key).fetchone()
    number: int = row[0]
    return number


def _short(value: float) -> float | int | None:
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) else float(f"{value:.9g}")
