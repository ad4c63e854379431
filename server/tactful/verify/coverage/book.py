"""Enters what tests did into the map's tables."""

import json
import sqlite3
from collections.abc import Collection, Iterator
from pathlib import Path

from tactful.verify.coverage.records import Measured, Texts, test_key
from tactful.verify.coverage.sources import read_units, stamp_of
from tactful.verify.coverage.units import OUTSIDE, Units

__all__ = ["Book", "note_functions"]


class _Changed(Exception):
    """A file is no longer what the tests ran."""


class Book:
    """Enters runs, with the checksums of the functions as they are now."""

    def __init__(self, database: sqlite3.Connection, root: Path, texts: Texts, since: float) -> None:
        self._database = database
        self._root = root
        self._texts = texts
        self._since = since
        self._units: dict[str, Units | None] = {}
        self._numbers: dict[tuple[str, str], int] = {}

    def enter(self, run: Measured) -> None:
        """Replace what was known of a test, unless a file that it ran has changed since.

        A test that fails may have ended early: what it ran before is kept beside what it ran now.
        """
        file, name, variant = test_key(run.test_id)
        ran = {**run.ran, file: run.ran.get(file, ())}  # a test that was skipped rests on its file all the same
        try:
            rows = [row for path, lines in ran.items() for row in self._rows(path, lines, path in run.exact)]
        except _Changed:
            return
        self._database.execute(
            "INSERT INTO tests (file, name, variant, seconds, failed) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (file, name, variant) DO UPDATE SET seconds = excluded.seconds, failed = excluded.failed",
            (file, name, variant, run.seconds, run.failed),
        )
        asked = "SELECT id FROM tests WHERE file = ? AND name = ? AND variant = ?"
        (test,) = self._database.execute(asked, (file, name, variant)).fetchone()
        if not run.failed:
            self._database.execute("DELETE FROM ran WHERE test = ?", (test,))
        self._database.executemany("INSERT OR REPLACE INTO ran VALUES (?, ?, ?, ?)", [(test, *row) for row in rows])

    def _rows(self, path: str, lines: Collection[int], exact: bool) -> Iterator[tuple[int, str, str | None]]:
        units = self._of(path)
        if units is None:
            return
        found: dict[str, list[int]] = {OUTSIDE: []}
        for line in sorted(lines):
            unit = units.at(line)
            if unit is not None:
                found.setdefault(unit.name, []).append(line - unit.first_line)
        checksums = units.checksums()
        for name, numbers in found.items():
            kept = json.dumps(numbers, separators=(",", ":")) if exact and name != OUTSIDE else None
            yield self._numbers[path, name], checksums[name], kept

    def _of(self, path: str) -> Units | None:
        """Return the units of a file, None for one that is not in the user's tree. Raises _Changed."""
        if path not in self._units:
            self._units[path] = units = self._read(path)
            if units is not None:
                self._note(path, units)
        return self._units[path]

    def _read(self, path: str) -> Units | None:
        if path not in self._texts:
            try:
                changed = (self._root / path).stat().st_mtime
            except OSError:
                return None
            if changed >= self._since:
                raise _Changed
        return read_units(self._root, path, self._texts.get(path))

    def _note(self, path: str, units: Units) -> None:
        stamp = stamp_of(self._root, path, self._texts.get(path))
        self._database.execute(
            "INSERT INTO files (path, stamp) VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET stamp = excluded.stamp",
            (path, stamp),
        )
        (file,) = self._database.execute("SELECT id FROM files WHERE path = ?", (path,)).fetchone()
        note_functions(self._database, file, units)
        for number, name in self._database.execute("SELECT id, name FROM functions WHERE file = ?", (file,)):
            self._numbers[path, name] = number


def note_functions(database: sqlite3.Connection, file: int, units: Units | None) -> None:
    """Note the checksums that the functions of a file have now; those that are gone have none."""
    database.execute("UPDATE functions SET checksum = '' WHERE file = ?", (file,))
    for name, checksum in (units.checksums() if units is not None else {}).items():
        database.execute(
            "INSERT INTO functions (file, name, checksum) VALUES (?, ?, ?) "
            "ON CONFLICT (file, name) DO UPDATE SET checksum = excluded.checksum",
            (file, name, checksum),
        )
