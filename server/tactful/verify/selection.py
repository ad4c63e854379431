"""Which of the collected tests run, and in which order: by the coverage map where it knows, else by reading.

A test that was measured, and for which nothing has changed but the target itself, runs the target or does not: nothing
is left to guess. For every other test the names in it tell how near it is. What failed last comes first; of what is
equally near the quick come before the slow, and otherwise the order of the collection stays, because tests of one file
share fixtures.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tactful.verify.coverage import Known, Record
from tactful.verify.discover import Aim, NearFile, why_near
from tactful.verify.runner.host import Item
from tactful.verify.scope import Scope

__all__ = ["Chosen", "Selection", "select"]

_RUNS_LINES, _RUNS, _RAN, _EXAMPLE = 10.0, 9.0, 8.0, 5.0
_QUICK_S = (0.05, 0.5, 5.0)  # tests are ordered by these classes


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A test to run, why, and how near it is; `is_affected` where it runs the target, as far as anybody can tell."""

    item: Item
    why: str
    score: float
    is_affected: bool
    record: Record | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The tests in the order in which they run; `ruled_out` counts those that are known not to run the target."""

    tests: tuple[Chosen, ...]
    ruled_out: int = 0

    @property
    def affected(self) -> frozenset[str]:
        """The ids of the tests that have to pass before a repair is offered."""
        return frozenset(each.item.id for each in self.tests if each.is_affected)

    @property
    def measured(self) -> int:
        """How many tests were chosen because they were seen to run the target."""
        return sum(each.score >= _RAN for each in self.tests)


def select(scope: Scope, aim: Aim, items: Sequence[Item], files: Mapping[str, NearFile], known: Known) -> Selection:
    """Return the tests among `items` to run; `files` are the near test files by path as the items have it."""
    near: list[Chosen] = []
    ruled_out = 0
    for item in items:
        record = known.of(item.id)
        if record is not None and record.is_current and not record.runs_target:
            ruled_out += 1
        elif (chosen := _by_record(scope, item, record) or _by_reading(scope, aim, item, files, record)) is not None:
            near.append(chosen)
    return Selection(tests=tuple(sorted(near, key=_order)), ruled_out=ruled_out)


def _by_record(scope: Scope, item: Item, record: Record | None) -> Chosen | None:
    """Return a test that was seen to run the target."""
    if record is None or not record.runs_target:
        return None
    name = scope.name or "code of the file"
    if not record.is_current:
        return Chosen(item=item, why=f"ran {name} when last measured", score=_RAN, is_affected=True, record=record)
    why, score = (f"runs the lines of {name}", _RUNS_LINES) if record.runs_lines else (f"runs {name}", _RUNS)
    return Chosen(item=item, why=why, score=score, is_affected=True, record=record)


def _by_reading(
    scope: Scope, aim: Aim, item: Item, files: Mapping[str, NearFile], record: Record | None
) -> Chosen | None:
    """Return a test that is near by what its file says, None for one that is not."""
    name = ".".join(item.id.split("[")[0].split("::")[1:])
    if item.kind == "doctest":
        if scope.symbols and not any(name.endswith(each.name) for each in scope.symbols):
            return None
        return Chosen(item=item, why="is an example in the docstring", score=_EXAMPLE, is_affected=True, record=record)
    near = files.get(item.path)
    if near is None:
        return None
    score, why = why_near(aim, near, name)
    return Chosen(item=item, why=why, score=score, is_affected=score > 0, record=record)


def _order(each: Chosen) -> tuple[bool, float, int]:
    seconds = each.record.seconds if each.record is not None else 0.0
    return not (each.record is not None and each.record.failed), -each.score, bisect_left(_QUICK_S, seconds)
