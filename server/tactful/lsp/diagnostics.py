"""A verification's failures as diagnostics: where they passed through the verified file, and in the test."""

from collections import defaultdict
from pathlib import Path

from lsprotocol import types
from pygls.uris import from_fs_path

from tactful.verify import Failure, VerifyResult

__all__ = ["to_diagnostics"]

_LINE_WIDTH = 1000  # a range may end behind its line: clients take that as the line's end


def to_diagnostics(result: VerifyResult, path: Path, line: int) -> dict[str, list[types.Diagnostic]]:
    """Return the diagnostics of each file by uri; `line` (from 0) stands in where a failure never entered `path`."""
    found: dict[str, list[types.Diagnostic]] = defaultdict(list)
    for failure in result.failures:
        place = _last_line_in(failure, path)
        found[_uri(path)].append(_diagnostic(failure, line if place is None else place))
        if Path(failure.path) != path:
            found[_uri(Path(failure.path))].append(_diagnostic(failure, failure.line))
    return dict(found)


def _diagnostic(failure: Failure, line: int) -> types.Diagnostic:
    asserted = f"\n{failure.assertion.strip()}" if failure.assertion.strip() else ""
    test = types.Location(uri=_uri(Path(failure.path)), range=_line(failure.line))
    return types.Diagnostic(
        range=_line(line),
        severity=types.DiagnosticSeverity.Error,
        source="tactful",
        code=failure.test_id.rpartition("::")[2],
        message=f"{failure.test_id} fails: {failure.message}{asserted}",
        related_information=[types.DiagnosticRelatedInformation(location=test, message="the failing test")],
    )


def _last_line_in(failure: Failure, path: Path) -> int | None:
    lines = [line for place, line in failure.traceback_lines if Path(place) == path]
    return lines[-1] if lines else None


def _line(line: int) -> types.Range:
    line = max(line, 0)
    return types.Range(start=types.Position(line, 0), end=types.Position(line, _LINE_WIDTH))


def _uri(path: Path) -> str:
    return from_fs_path(str(path)) or path.as_uri()
