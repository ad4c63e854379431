"""A verification's failures as diagnostics: where they passed through the verified file, and in the test.

The protocol replaces all diagnostics of a file at once, so the board keeps what each verified document brought and
shows the sum.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types

from tactful.verify import Failure, VerifyResult

__all__ = ["SOURCE", "Board", "to_diagnostics"]

SOURCE = "tactful"
_LINE_WIDTH = 1000  # a range may end behind its line: clients take that as the line's end

Found = dict[str, list[types.Diagnostic]]
Publish = Callable[[str, Sequence[types.Diagnostic]], None]


class Board:
    """What is shown now, by verified document and file."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._found: dict[str, Found] = {}

    def show(self, verified: str, found: Found) -> None:
        """Show what the last verification of the document `verified` found, in place of what the one before did."""
        before = self._found.pop(verified, {})
        if found:
            self._found[verified] = found
        for uri in dict.fromkeys([*before, *found]):
            self._publish(uri, [each for other in self._found.values() for each in other.get(uri, ())])

    def clear(self, verified: str) -> None:
        """Take away what the last verification of a document found."""
        self.show(verified, {})


def to_diagnostics(result: VerifyResult, path: Path, line: int, uri_of: Callable[[Path], str]) -> Found:
    """Return the diagnostics of each file by uri; `line` (from 0) stands in where a failure never entered `path`."""
    found: Found = defaultdict(list)
    for failure in result.failures:
        place = _last_line_in(failure, path)
        test = types.Location(uri=uri_of(Path(failure.path)), range=_line(failure.line))
        cause = {"uri": uri_of(path), "line": line}  # what a quick fix verifies again
        found[uri_of(path)].append(_diagnostic(failure, line if place is None else place, test, cause))
        if Path(failure.path) != path:
            found[test.uri].append(_diagnostic(failure, failure.line, test, cause))
    return dict(found)


def _diagnostic(failure: Failure, line: int, test: types.Location, cause: dict[str, Any]) -> types.Diagnostic:
    asserted = f"\n{failure.assertion.strip()}" if failure.assertion.strip() else ""
    return types.Diagnostic(
        range=_line(line),
        severity=types.DiagnosticSeverity.Error,
        source=SOURCE,
        code=failure.test_id.rpartition("::")[2],
        message=f"{failure.test_id} fails: {failure.message}{asserted}",
        data=cause,
        related_information=[types.DiagnosticRelatedInformation(location=test, message="the failing test")],
    )


def _last_line_in(failure: Failure, path: Path) -> int | None:
    lines = [line for place, line in failure.traceback_lines if Path(place) == path]
    return lines[-1] if lines else None


def _line(line: int) -> types.Range:
    line = max(line, 0)
    return types.Range(start=types.Position(line, 0), end=types.Position(line, _LINE_WIDTH))
