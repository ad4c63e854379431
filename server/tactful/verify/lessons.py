"""What a verification's traced runs teach the coverage map, and what the map knew before it."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tactful.verify.bed import Bed
from tactful.verify.coverage import NOTHING_KNOWN, CoverageMap, Known, Measured, map_file
from tactful.verify.model import VerifyRequest
from tactful.verify.runner.host import TestRun, Trace
from tactful.verify.scope import Scope

__all__ = ["Lessons", "coverage_map"]


class Lessons:
    """What was run and is still to be written into the map, so that no answer waits for it."""

    def __init__(self) -> None:
        self._since = time.time()
        self._waiting: list[tuple[CoverageMap, list[Measured], dict[str, str]]] = []

    def about(self, request: VerifyRequest, python: Path, scope: Scope, texts: Mapping[Path, str]) -> Known:
        """Return what the map knows about the scope of `request`."""
        found = coverage_map(request, python)
        if found is None:
            return NOTHING_KNOWN
        target = request.path.relative_to(request.root).as_posix()
        return found.known(target, scope.units(request.text), scope.lines, _relative(texts, request.root))

    def note(
        self,
        runs: Sequence[TestRun],
        bed: Bed,
        request: VerifyRequest,
        python: Path,
        texts: Mapping[Path, str],
        trace: Trace = "near",
    ) -> None:
        """Take in what traced runs did; nothing where no map is kept."""
        found = coverage_map(request, python)
        if found is None:
            return
        target = bed.place(request.path)
        measured = [
            _measured(each, bed.confined.root, target if trace == "near" else None) for each in runs if each.ran
        ]
        self._waiting.append((found, measured, _relative(texts, request.root)))

    def keep(self) -> None:
        """Write it into the map."""
        for found, measured, texts in self._waiting:
            found.learn(measured, texts, self._since)
        self._waiting.clear()


def coverage_map(request: VerifyRequest, python: Path) -> CoverageMap | None:
    """Return the map of the request's workspace, None where none is kept."""
    if request.cache_dir is None:
        return None
    return CoverageMap(map_file(request.cache_dir, request.root), request.root, str(python))


def _measured(run: TestRun, inside: Path, target: str | None) -> Measured:
    prefix = f"{inside}/"
    ran = {name.removeprefix(prefix): lines for name, lines in run.ran.items() if name.startswith(prefix)}
    exact = ran if target is None else [target.removeprefix(prefix)]
    return Measured(test_id=run.id, failed=run.outcome == "failed", seconds=run.seconds, ran=ran, exact=exact)


def _relative(texts: Mapping[Path, str], root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): text for path, text in texts.items()}
