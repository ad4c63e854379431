"""What the repairs that pass answer to inputs that no test has tried."""

from collections.abc import Sequence
from dataclasses import replace

from tactful.verify.repair.candidates import swap_point
from tactful.verify.repair.choose import Passed
from tactful.verify.repair.source import Source
from tactful.verify.repair.trial import swapped_in
from tactful.verify.runner.host import Runner, RunnerLost

__all__ = ["observed"]


def observed(source: Source, passed: Sequence[Passed], ids: Sequence[str], runner: Runner) -> list[Passed]:
    """Return `passed` with the answers of each to untried inputs, where all of them repair the same function."""
    points = {swap_point(source, each.candidate) for each in passed}
    point = points.pop() if len(points) == 1 else None
    if point is None or len(passed) < 2:
        return list(passed)
    try:
        found = runner.probe([swapped_in(source, each.candidate) or {} for each in passed], ids, point)
    except RunnerLost:
        return list(passed)
    return [
        replace(each, answers=tuple(answers), calls=tuple(f"{point[0]}({call})" for call in calls))
        for each, (calls, answers) in zip(passed, found, strict=True)
    ]
