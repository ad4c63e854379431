"""Answers from the map's tables: which tests run a function, and which records are current."""

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from tactful.verify.coverage.book import note_functions
from tactful.verify.coverage.records import Known, Record, Texts
from tactful.verify.coverage.sources import read_units, stamp_of
from tactful.verify.coverage.units import units_of

__all__ = ["Lines", "bring_up_to_date", "known_about"]

_RUNS = """
SELECT test, ran.function, lines, ran.checksum = functions.checksum
FROM ran JOIN wanted ON wanted.function = ran.function JOIN functions ON functions.id = ran.function
"""
# A change of the wanted functions themselves leaves a record current: whether a test gets there is decided before them.
_STALE = """
SELECT DISTINCT test FROM ran JOIN functions ON functions.id = ran.function
WHERE ran.checksum != functions.checksum AND ran.function NOT IN (SELECT function FROM wanted)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The lines that are asked about, counted from the beginning of each function that holds some of them."""

    by_function: Mapping[str, frozenset[int]]

    @staticmethod
    def of(text: str | None, lines: range | None) -> "Lines":
        """Return the lines of a file that are asked about; none are where `lines` is None."""
        if text is None or lines is None:
            return Lines(by_function={})
        found: dict[str, set[int]] = {}
        units = units_of(text)
        for line in lines:
            unit = units.at(line)
            if unit is not None:
                found.setdefault(unit.name, set()).add(line - unit.first_line)
        return Lines(by_function={name: frozenset(numbers) for name, numbers in found.items()})


def bring_up_to_date(database: sqlite3.Connection, root: Path, texts: Texts) -> None:
    """Note the checksums that the functions have now."""
    for file, path, stamp in database.execute("SELECT id, path, stamp FROM files").fetchall():
        now = stamp_of(root, path, texts.get(path))
        if now != stamp:
            note_functions(database, file, read_units(root, path, texts.get(path)))
            database.execute("UPDATE files SET stamp = ? WHERE id = ?", (now, file))


def known_about(database: sqlite3.Connection, target: str, chosen: Collection[str] | None, lines: Lines) -> Known:
    """Return what is known about the functions `chosen` (None: all) of the file `target`."""
    functions = database.execute(
        "SELECT functions.id, name FROM functions JOIN files ON files.id = file WHERE path = ?", (target,)
    ).fetchall()
    wanted = {number: name for number, name in functions if chosen is None or name in chosen}
    database.execute("CREATE TEMP TABLE wanted (function INTEGER PRIMARY KEY)")
    database.executemany("INSERT INTO wanted VALUES (?)", [(number,) for number in wanted])
    runs = _runs(database, wanted, lines)
    stale = {test for (test,) in database.execute(_STALE)}
    records: dict[tuple[str, str, str], Record] = {}
    for test, *key, seconds, failed in database.execute("SELECT * FROM tests"):
        records[key[0], key[1], key[2]] = Record(
            runs_target=test in runs,
            is_current=test not in stale,
            failed=bool(failed),
            seconds=seconds,
            runs_lines=runs.get(test),
        )
    files = dict.fromkeys(file for (file, _, _), record in records.items() if record.runs_target)
    return Known(records=records, files=tuple(files))


def _runs(database: sqlite3.Connection, wanted: Mapping[int, str], lines: Lines) -> dict[int, bool | None]:
    """Return the tests that ran a wanted function, each with whether it ran one of the lines (None: unknown)."""
    runs: dict[int, bool | None] = {}
    for test, function, numbers, is_same in database.execute(_RUNS):
        asked = lines.by_function.get(wanted[function])
        if asked is None or not is_same or numbers is None:
            runs.setdefault(test, None)
        else:
            runs[test] = bool(runs.get(test)) or not asked.isdisjoint(json.loads(numbers))
    return runs
