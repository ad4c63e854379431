"""Whether a new gate takes over from the one in use: only if it would have done better on what came after it.

Knows: rows in the order of time, candidates, progressive validation. Plain Python, so that a gate can be recalibrated
where scikit-learn is not installed. Must not know: files, how a candidate is trained (a function is given).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log, sqrt

from tactful.acceptance.adaptation import adapted
from tactful.acceptance.promises import Promises
from tactful.acceptance.rows import Row
from tactful.acceptance.scorer import Cascade, StageModel, TreeScorer, kind_of, logit, sigmoid
from tactful.core.types import Features

__all__ = ["LEAST_ROWS", "Candidate", "Contest", "contest", "recalibrated"]

LEAST_ROWS = 200  # outcomes from which on there is anything to decide
_CUTS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_SURELY = 1.645  # standard errors: one chance in twenty to take over by luck
_LEAST_OF_KIND, _LEAST_OF_EACH = 50, 10
_PRIOR = 0.1  # strength of the belief that nothing needs to change
_STEPS = 40

Candidate = Callable[[Sequence[Row]], TreeScorer | None]  # what would have been made of these rows, None: nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Log loss of both gates on the rows behind each cut, and whether the new one is surely better."""

    rows: int
    old: float
    new: float
    error: float  # standard error of the difference
    wins: bool


def contest(rows: Sequence[Row], old: TreeScorer, candidate: Candidate) -> Contest | None:
    """Compare the gate in use with what a way of learning would have put in its place; None where it had nothing.

    Progressive validation: at each of five cuts the candidate learns from all that came before, and both gates, adapted
    to the programmer, score what comes until the next cut (Blum, Kalai, Langford, COLT 1999). `rows` are in the order
    of time; only those with a suggestion count.
    """
    seen = [row for row in rows if row.stage2 is not None]
    losses: list[tuple[float, float]] = []
    for begin, end in _pieces(len(seen)):
        new = candidate(seen[:begin])
        if new is None:
            return None
        pair = (_losses(scorer, seen[:end], begin) for scorer in (old, new))
        losses += zip(*pair, strict=True)
    if len(losses) < 2:
        return None
    gaps = [before - after for before, after in losses]
    mean = sum(gaps) / len(gaps)
    error = sqrt(sum((gap - mean) ** 2 for gap in gaps) / (len(gaps) - 1) / len(gaps))
    return Contest(
        rows=len(losses),
        old=sum(before for before, _ in losses) / len(losses),
        new=sum(after for _, after in losses) / len(losses),
        error=error,
        wins=mean > _SURELY * error and mean > 0,
    )


def recalibrated(base: TreeScorer, rows: Sequence[Row]) -> TreeScorer | None:
    """Return `base` with scores that fit these rows: the same order, other probabilities; None with too few rows.

    A line in log-odds for each stage (Platt 1999). Thresholds move along with the scores, so that they hide the same.
    """
    cascades = dict(base.cascades)
    for kind, cascade in base.cascades.items():
        part = [row for row in rows if row.stage2 is not None and kind_of(row.stage2) == kind]
        wanted = sum(row.wanted for row in part)
        if len(part) >= _LEAST_OF_KIND and min(wanted, len(part) - wanted) >= _LEAST_OF_EACH:
            cascades[kind] = _recalibrated_cascade(cascade, part)
    return TreeScorer(cascades=cascades) if cascades != base.cascades else None


def _pieces(count: int) -> Iterator[tuple[int, int]]:
    places = [int(count * cut) for cut in _CUTS]
    return ((begin, end) for begin, end in pairwise(places) if begin < end)


def _losses(scorer: TreeScorer, rows: Sequence[Row], begin: int) -> list[float]:
    plain = [scorer.log_odds(2, _stage2(row)) for row in rows]
    scores = [sigmoid(value) for value in adapted(plain, rows)[begin:]]
    pairs = zip(scores, rows[begin:], strict=True)
    return [-log(max(1e-9, score if row.wanted else 1 - score)) for score, row in pairs]


def _stage2(row: Row) -> Features:
    assert row.stage2 is not None
    return row.stage2


def _recalibrated_cascade(cascade: Cascade, rows: Sequence[Row]) -> Cascade:
    first = _line([(cascade.stage1.log_odds(row.stage1.values), row.wanted) for row in rows])
    second = _line([(cascade.stage2.log_odds(_stage2(row).values), row.wanted) for row in rows])
    promises = cascade.promises
    return Cascade(
        stage1=_moved_stage(cascade.stage1, first),
        stage2=_moved_stage(cascade.stage2, second),
        promises=Promises(
            shares=promises.shares,
            stage1=tuple(_moved(score, first) for score in promises.stage1),
            stage2=tuple(_moved(score, second) for score in promises.stage2),
        ),
    )


def _moved_stage(stage: StageModel, line: tuple[float, float]) -> StageModel:
    intercept, slope = line
    return replace(
        stage,
        calibration_y=tuple(intercept + slope * y for y in stage.calibration_y),
        lost_5pct=_moved(stage.lost_5pct, line),
    )


def _moved(score: float, line: tuple[float, float]) -> float:
    return sigmoid(line[0] + line[1] * logit(score)) if score > 0 else 0.0


def _line(pairs: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Return intercept and slope of the most probable logistic line, by Newton's method; the slope stays positive."""
    intercept, slope = 0.0, 1.0
    for _ in range(_STEPS):
        g0, g1 = -_PRIOR * intercept, -_PRIOR * (slope - 1)
        h00, h01, h11 = _PRIOR, 0.0, _PRIOR
        for x, wanted in pairs:
            probability = sigmoid(intercept + slope * x)
            miss, bend = wanted - probability, probability * (1 - probability)
            g0, g1 = g0 + miss, g1 + miss * x
            h00, h01, h11 = h00 + bend, h01 + bend * x, h11 + bend * x * x
        determinant = h00 * h11 - h01 * h01
        intercept += _short((h11 * g0 - h01 * g1) / determinant)
        slope = max(0.05, slope + _short((h00 * g1 - h01 * g0) / determinant))
    return intercept, slope


def _short(step: float) -> float:
    """Return a step that is not so long that Newton's method runs away from scores that are far too sure."""
    return min(max(step, -0.5), 0.5)
