"""The coverage map of one workspace: which tests run which functions and lines, as they were when last measured.

One SQLite file below the cache folder. It holds names, line numbers and checksums, no source text: of a parametrised
test's id, which may spell its values, a checksum. A record is current as long as every function that the test ran, and
what stands outside of functions in their files, has the checksum that it had then. What the tests read apart from
Python files is not watched. This module knows nothing of processes or of how tests are run.
"""

import hashlib
import sqlite3
from collections.abc import Collection, Iterable
from contextlib import closing, suppress
from pathlib import Path

from tactful.verify.coverage.asking import Lines, bring_up_to_date, known_about
from tactful.verify.coverage.book import Book
from tactful.verify.coverage.records import NOTHING_KNOWN, Known, Measured, Texts

__all__ = ["CoverageMap", "map_file"]

_SCHEMA = """
CREATE TABLE files (id INTEGER PRIMARY KEY, path TEXT UNIQUE NOT NULL, stamp TEXT NOT NULL);
CREATE TABLE functions (
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL, UNIQUE (file, name)
);
CREATE TABLE tests (
    id INTEGER PRIMARY KEY, file TEXT NOT NULL, name TEXT NOT NULL, variant TEXT NOT NULL,
    seconds REAL NOT NULL, failed INTEGER NOT NULL, UNIQUE (file, name, variant)
);
CREATE TABLE ran (
    test INTEGER NOT NULL, function INTEGER NOT NULL, checksum TEXT NOT NULL, lines TEXT,
    PRIMARY KEY (test, function)
) WITHOUT ROWID;
CREATE INDEX ran_by_function ON ran (function);
CREATE TABLE about (interpreter TEXT NOT NULL);
PRAGMA user_version = 1;
"""
_VERSION = 1
_WAIT_S = 2.0  # for another process that writes the map


def map_file(cache_dir: Path, root: Path) -> Path:
    """Return the file of the map of the workspace `root`."""
    digest = hashlib.sha256(str(root).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return cache_dir / "coverage" / f"{digest}.sqlite3"


class CoverageMap:
    """The map in the file `path` of the workspace `root`, as measured with `interpreter`.

    Whatever goes wrong with the file costs no more than what it knew: it is made anew, or nothing is known.
    """

    def __init__(self, path: Path, root: Path, interpreter: str) -> None:
        self._path = path
        self._root = root
        self._interpreter = interpreter

    def known(self, target: str, chosen: Collection[str] | None, lines: range | None, texts: Texts) -> Known:
        """Return what is known about the functions `chosen` (None: all) of the file `target`.

        `texts` are unsaved texts by relative path, as `target` is; `lines` are asked about in particular.
        """
        if not self._path.exists():
            return NOTHING_KNOWN
        try:
            with closing(self._connect()) as database, database:
                bring_up_to_date(database, self._root, texts)
                return known_about(database, target, chosen, Lines.of(texts.get(target), lines))
        except (OSError, sqlite3.Error):
            return NOTHING_KNOWN

    def learn(self, runs: Iterable[Measured], texts: Texts, since: float) -> None:
        """Take in what tests did while `texts` stood for files; not where one has changed after `since`."""
        with suppress(OSError, sqlite3.Error), closing(self._connect()) as database, database:
            book = Book(database, self._root, texts, since)
            for each in runs:
                book.enter(each)

    def _connect(self) -> sqlite3.Connection:
        try:
            return self._open()
        except sqlite3.DatabaseError:  # another version's, or no database at all: what it knew can be measured again
            self._path.unlink(missing_ok=True)
            return self._open()

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self._path, timeout=_WAIT_S)
        try:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                database.executescript(_SCHEMA)
                database.execute("INSERT INTO about VALUES (?)", (self._interpreter,))
                database.commit()
            elif version != _VERSION:
                raise sqlite3.DatabaseError("of another version")
            elif database.execute("SELECT interpreter FROM about").fetchone() != (self._interpreter,):
                for table in ("ran", "tests"):  # under another interpreter tests may run something else
                    database.execute(f"DELETE FROM {table}")  # noqa: S608 - two fixed names
                database.execute("UPDATE about SET interpreter = ?", (self._interpreter,))
                database.commit()
        except BaseException:
            database.close()
            raise
        return database
