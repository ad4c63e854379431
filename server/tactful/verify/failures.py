"""Failures as people read them: paths of the user's own tree, the source of the line that failed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tactful.verify.model import Failure
from tactful.verify.runner.host import Item, TestRun

__all__ = ["Paths", "collection_failure", "test_failure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Maps the paths that the sandbox sees (`inside`) to the user's (`root`); `texts` are the unsaved ones."""

    inside: Path
    root: Path
    texts: Mapping[Path, str]

    def outside(self, path: str) -> str:
        """Return the user's path for one seen in the sandbox."""
        found = Path(path)
        return str(self.root / found.relative_to(self.inside)) if found.is_relative_to(self.inside) else path

    def source_line(self, path: str, line: int) -> str:
        """Return the stripped source of a line (from 0) at the user's `path`, empty when it cannot be read."""
        lines = self.text(path).split("\n")
        return lines[line].strip() if 0 <= line < len(lines) else ""

    def text(self, path: str) -> str:
        """Return the text at the user's `path`, empty when it cannot be read."""
        text = self.texts.get(Path(path))
        if text is None:
            try:
                text = Path(path).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                return ""
        return text


def test_failure(run: TestRun, item: Item, paths: Paths) -> Failure:
    """Return the failure of a test that ran."""
    path = paths.outside(run.failure.get("path", item.path))
    line = int(run.failure.get("line", item.line))
    return _failure(run.id, path, line, run.failure, paths)


def collection_failure(error: Mapping[str, Any], paths: Paths) -> Failure:
    """Return the failure of a test file that could not be imported, at the innermost line of the workspace."""
    places = error.get("traceback", [])
    path, line = places[-1] if places else (str(paths.inside / str(error["id"]).partition("::")[0]), 0)
    return _failure(str(error["id"]), paths.outside(path), int(line), error, paths)


def _failure(test_id: str, path: str, line: int, data: Mapping[str, Any], paths: Paths) -> Failure:
    places = tuple((paths.outside(each), int(number)) for each, number in data.get("traceback", []))
    return Failure(
        test_id=test_id,
        path=path,
        line=line,
        message=data.get("message", ""),
        assertion=paths.source_line(path, line),
        traceback_lines=places,
        output=data.get("output", ""),
        values=tuple((name, value) for name, value in data.get("values", [])),
    )
