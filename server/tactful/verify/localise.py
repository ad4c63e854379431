"""Fault localisation: which lines of the verified file the failing tests point at.

Ochiai's coefficient over executed lines (Abreu, Zoeteweij, van Gemund: "On the accuracy of spectrum-based fault
localization", 2007), raised for the lines that the failures' tracebacks name.
"""

from collections.abc import Collection, Iterable
from math import sqrt

__all__ = ["suspiciousness"]

TRACEBACK_SHARE = 0.5  # how far a line in a traceback is moved from its coefficient towards 1


def suspiciousness(
    failing: Collection[frozenset[int]], passing: Iterable[frozenset[int]], traceback_lines: Collection[int]
) -> dict[int, float]:
    """Return how suspicious each line is, in (0, 1], for the lines that failing tests executed.

    `failing` and `passing` hold the executed lines of each test; lines are counted from 0.
    """
    passing = list(passing)
    lines = frozenset[int]().union(*failing) if failing else frozenset()
    scores: dict[int, float] = {}
    for line in lines:
        in_failing = sum(line in executed for executed in failing)
        in_passing = sum(line in executed for executed in passing)
        scores[line] = in_failing / sqrt(len(failing) * (in_failing + in_passing))
    for line in traceback_lines:
        before = scores.get(line, 0.5)
        scores[line] = before + TRACEBACK_SHARE * (1.0 - before)
    return scores
