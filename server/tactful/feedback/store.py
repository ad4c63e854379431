"""The feedback database's writer: records are queued in memory and written by a thread of its own.

No call waits for the disk. Trouble (locked, full, unwritable, corrupt) costs one message per cause, never an earlier
record: what cannot be written waits in memory, and a corrupt file is moved aside, not deleted. Must not know what the
records are used for; the tables are in `schema`, reading is in `reading`.
"""

import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from tactful.core.errors import StoreError
from tactful.core.types import Decision, Outcome
from tactful.feedback import reading
from tactful.feedback.schema import prepare, prune, write_decision, write_outcome, write_survival

__all__ = ["MAX_AGE_DAYS", "MAX_ROWS", "MAX_WAITING", "SqliteStore"]

MAX_ROWS = 200_000  # decisions kept; a row takes some hundred bytes
MAX_AGE_DAYS = 90
MAX_WAITING = 2_000  # records held in memory while the database cannot be written
_BATCH = 256  # records in one transaction
_PRUNE_EVERY = 5_000  # records
_LONGEST_RETRY_S = 60.0
_BUSY_TIMEOUT_S = 2.0
_GATHER_S = 0.3  # how long records gather, so that the writer does not compete with every keystroke

_Record = Callable[[sqlite3.Connection, bytes], None]
_UNUSABLE_RECORD = (
    ValueError,
    TypeError,
    OverflowError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
    sqlite3.IntegrityError,
)


class SqliteStore:
    """The store port over one SQLite file.

    `on_problem` gets one message per cause, in words for people; it is called from the writer's thread or the
    caller's. `now` returns seconds since the epoch. `retry_s` is the first wait after a failed write; it doubles up to
    a minute.
    """

    def __init__(
        self,
        path: Path,
        on_problem: Callable[[str], None],
        *,
        max_rows: int = MAX_ROWS,
        max_waiting: int = MAX_WAITING,
        retry_s: float = 1.0,
        busy_timeout_s: float = _BUSY_TIMEOUT_S,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._on_problem = on_problem
        self._told: set[str] = set()
        self._max_rows, self._max_waiting, self._now = max_rows, max_waiting, now
        self._first_retry_s, self._busy_timeout_s = retry_s, busy_timeout_s
        self._retry_s = retry_s
        self._waiting: deque[_Record] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._hurry = False  # somebody waits for the writer
        self._lost = False
        self._last_try = False  # the store is being closed: what cannot be written now is lost
        self._thread: threading.Thread | None = None
        self._connection: sqlite3.Connection | None = None
        self._salt = b""
        self._since_prune = 0

    def record_decision(self, decision: Decision) -> None:
        """Remember a decision, shown or skipped."""
        self._record(lambda connection, salt: write_decision(connection, salt, decision))

    def record_outcome(self, suggestion_id: str, outcome: Outcome, at: float, accepted_chars: int) -> None:
        """Remember what became of a suggestion; `at` in seconds since the epoch. A later outcome replaces it."""
        self._record(lambda connection, _: write_outcome(connection, suggestion_id, outcome, at, accepted_chars))

    def record_survival(self, suggestion_id: str, after_s: int, kept_fraction: float) -> None:
        """Remember how much of an accepted text (in [0, 1]) was still there `after_s` seconds later."""
        self._record(lambda connection, _: write_survival(connection, suggestion_id, after_s, kept_fraction))

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until everything is written; say whether that was so in time. Not for the event loop."""
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._waiting, timeout_s) and not self._lost

    def close(self, timeout_s: float = 5.0) -> None:
        """Write what can be written within `timeout_s` and stop; later records are dropped."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread:
            self._thread.join(timeout_s)

    def decisions_with_outcomes(self) -> Iterator[reading.DecisionRow]:
        """Yield every decision and what became of it, oldest first. Raises StoreError."""
        self.flush()
        return reading.decisions_with_outcomes(self._path)

    def recent_history(self, limit: int = 10) -> tuple[Outcome, ...]:
        """Return the last outcomes that tell something, newest last. Raises StoreError."""
        return reading.recent_outcomes(self._path, limit)

    def counts(self) -> reading.Counts:
        """Return how much the database holds. Raises StoreError."""
        self.flush()
        return reading.count(self._path)

    def _record(self, record: _Record) -> None:
        with self._changed:
            if self._closing:
                return
            full = len(self._waiting) >= self._max_waiting
            if not full:
                self._waiting.append(record)
                if len(self._waiting) in (1, _BATCH):
                    self._changed.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="tactful-feedback", daemon=True)
                self._thread.start()
        if full:
            self._tell("waiting", f"{self._max_waiting} records wait for {self._path}; newer ones are dropped.")

    def _run(self) -> None:
        try:
            while batch := self._next_batch():
                self._try_to_write(batch)
        finally:
            self._disconnect()

    def _next_batch(self) -> Sequence[_Record]:
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting) or self._closing)
            self._changed.wait_for(self._has_enough, _GATHER_S)
            self._hurry = False
            return [self._waiting[place] for place in range(min(_BATCH, len(self._waiting)))]

    def _has_enough(self) -> bool:
        return self._hurry or self._closing or len(self._waiting) >= _BATCH

    def _try_to_write(self, batch: Sequence[_Record]) -> None:
        try:
            self._write(batch)
        except StoreError as error:
            self._give_up(f"The feedback database {self._path} is not used: {error}.")
        except (sqlite3.Error, OSError) as error:
            self._disconnect()
            if not (_is_corruption(error) and self._begin_anew()):
                self._tell(*_cause(error, self._path))
                self._wait_for_retry()
        else:
            self._retry_s = self._first_retry_s
            with self._changed:
                for _ in batch:
                    self._waiting.popleft()
                self._changed.notify_all()

    def _write(self, batch: Sequence[_Record]) -> None:
        connection = self._connect()
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            for record in batch:
                try:
                    record(connection, self._salt)
                except _UNUSABLE_RECORD as error:
                    kind = type(error).__name__
                    self._tell("record", f"A record could not be stored ({kind}) and was left out; please report it.")
        self._since_prune += len(batch)
        if self._since_prune >= _PRUNE_EVERY:
            self._prune(connection)

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))  # what is in it concerns its owner only
            self._connection = sqlite3.connect(self._path, timeout=self._busy_timeout_s, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._salt = prepare(self._connection)
            self._prune(self._connection)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _prune(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            prune(connection, before=self._now() - MAX_AGE_DAYS * 86400, max_rows=self._max_rows)
        self._since_prune = 0

    def _begin_anew(self) -> bool:
        """Move a corrupt database aside; False when it cannot be moved."""
        if _is_sound(self._path):  # another server has already replaced it
            return True
        aside = f"{self._path}.corrupt-{time.strftime('%Y%m%d-%H%M%S', time.gmtime(self._now()))}"
        try:
            for suffix in ("-wal", "-shm", ""):
                if (part := Path(f"{self._path}{suffix}")).exists():
                    part.replace(f"{aside}{suffix}")
        except OSError:
            return False
        self._tell("corrupt", f"The feedback database was corrupt. It was moved to {aside}, and a new one begins.")
        return True

    def _give_up(self, message: str) -> None:
        with self._changed:
            self._closing = True
            self._drop_waiting()
        self._tell("unusable", message)

    def _wait_for_retry(self) -> None:
        with self._changed:
            if self._last_try:
                self._drop_waiting()
            self._last_try = self._closing or self._changed.wait_for(lambda: self._closing, self._retry_s)
        self._retry_s = min(2 * self._retry_s, _LONGEST_RETRY_S)

    def _drop_waiting(self) -> None:
        self._lost = True
        self._waiting.clear()
        self._changed.notify_all()

    def _tell(self, cause: str, message: str) -> None:
        with self._changed:
            known = cause in self._told
            self._told.add(cause)
        if not known:
            self._on_problem(message)


def _is_corruption(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _is_sound(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.Error:
        return False


def _cause(error: Exception, path: Path) -> tuple[str, str]:
    """Return the cause as a word, and what to tell people."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return (
            "locked",
            f"The feedback database {path} is locked by another program; records wait in memory until it is free.",
        )
    if code == sqlite3.SQLITE_FULL:
        return "full", f"The disk of the feedback database {path} is full; records wait in memory. Make some room."
    return (
        "unwritable",
        f"The feedback database {path} cannot be written ({error}). Suggestions go on, but nothing is "
        "learned from them; check that its folder can be written.",
    )
