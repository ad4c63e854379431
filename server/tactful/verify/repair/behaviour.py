"""What the repairs that pass answer to inputs that no test has tried."""

from collections.abc import Sequence
from dataclasses import replace

from tactful.verify.repair.candidates import swap_point
from tactful.verify.repair.choose import Passed
from tactful.verify.repair.inputs import varied
from tactful.verify.repair.source import Source
from tactful.verify.repair.trial import swapped_in
from tactful.verify.runner.host import Runner, RunnerLost

__all__ = ["observed"]


def observed(source: Source, passed: Sequence[Passed], ids: Sequence[str], runner: Runner) -> list[Passed]:
    """Return `passed` with the answers of each to untried inputs, where the repaired function can be called alone."""
    points = {swap_point(source, each.candidate) for each in passed}
    if len(points) != 1 or len(passed) < 2:
        return list(passed)
    point = points.pop()
    if point is None or _takes_self(source, point):
        return list(passed)
    try:
        calls = runner.record_calls(ids, point)
        inputs = varied(calls) if calls else []
        if not inputs:
            return list(passed)
        texts = [swapped_in(source, each.candidate) or {} for each in passed]
        found = runner.probe(texts, point, inputs)
    except RunnerLost:
        return list(passed)
    shown = tuple(f"{point[0]}({', '.join(each)})" for each in inputs)
    return [replace(each, answers=tuple(answers), calls=shown) for each, answers in zip(passed, found, strict=True)]


def _takes_self(source: Source, point: tuple[str, int]) -> bool:
    for function in source.functions:
        if function.name == point[0] and function.args.args[:1]:
            return function.args.args[0].arg in ("self", "cls")
    return False
