"""Fits one stage: compares models on groups they have not seen, takes the best, calibrates it.

Knows: tables of features, folds. Must not know: scikit-learn's objects (see `members`), cascades, thresholds of modes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tactful.acceptance.adaptation import adapted
from tactful.acceptance.calibrate import calibration_points
from tactful.acceptance.members import FITTERS, Matrix, Vector, log_odds
from tactful.acceptance.metrics import calibration_curve, score_metrics, spread_over_groups, within_groups
from tactful.acceptance.rows import Row
from tactful.acceptance.scorer import StageModel, interpolate, sigmoid
from tactful.core.errors import TactfulError

__all__ = ["FittedStage", "NotEnoughData", "fit_stage", "steps_for"]

_FOLDS = 5
_AIMED_LOST = 0.04  # of the wanted: a share of 5% found here was 5.5% on programmers who had no part in it
_FEW_ROWS = 3_000
_Blends = tuple[tuple[str, ...], ...]
_BLENDS: _Blends = (
    ("linear",),
    ("small trees",),
    ("large trees",),
    ("linear", "small trees"),
    ("linear", "large trees"),
)
# With few rows, choosing is itself a source of error: little is compared, all of it is simple, and the first, a blend
# of both, which is the safest, has to be beaten clearly.
_BLENDS_OF_FEW: _Blends = (("steady linear", "steady trees"), ("linear",), ("small trees",), ("linear", "small trees"))
_CLEARLY = 0.01  # of log loss


class NotEnoughData(TactfulError):
    """There are too few rows, or too few of one kind, to train on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedStage:
    """A model, and the scores that the rows got from models that were not fitted to their group."""

    model: StageModel
    left_out: Vector  # calibrated, and adapted to the group where its rows have times
    about: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    names: tuple[str, ...]
    matrix: Matrix
    wanted: Vector
    weights: Vector
    groups: NDArray[np.str_]


def steps_for(rows: int) -> int:
    """Return how many fits `fit_stage` needs at most, for progress."""
    return _FOLDS * len(_fitters(_blends(rows))) + 1


def fit_stage(
    features: Sequence[Any], rows: Sequence[Row], names: tuple[str, ...], seed: int, tell: Callable[[str], None]
) -> FittedStage:
    """Fit the model that did best on left-out groups to all `rows`; `features` are theirs. Raises NotEnoughData."""
    table = _table(features, rows, names)
    folds, blends = _folds(table.groups, seed), _blends(len(rows))
    raw = {name: _left_out_log_odds(name, table, folds, seed, tell) for name in _fitters(blends)}
    blended = {blend: np.mean([raw[name] for name in blend], axis=0) for blend in blends}
    losses = {blend: _log_loss(scores, table) for blend, scores in blended.items()}
    best = _choose(losses, len(rows))
    tell("fitting the chosen model")
    members = tuple(
        (1 / len(best), FITTERS[name](table.matrix, table.wanted, table.weights, table.names, seed)) for name in best
    )
    xs, ys = calibration_points(blended[best], table.wanted)
    left_out = _to_scores([interpolate(value, xs, ys) for value in blended[best]], rows)
    model = StageModel(
        names=table.names,
        members=members,
        calibration_x=xs,
        calibration_y=ys,
        lost_5pct=float(np.quantile(left_out[table.wanted == 1], _AIMED_LOST)),
    )
    compared = {" + ".join(blend): loss for blend, loss in losses.items()}
    about = {"model": " + ".join(best), "log_loss_of": compared, **_judged(blended[best], table, folds, rows)}
    return FittedStage(model=model, left_out=left_out, about=about)


def _judged(raw: Vector, table: _Table, folds: NDArray[np.int_], rows: Sequence[Row]) -> Mapping[str, Any]:
    """Return figures for scores whose calibration, too, was learned on the other folds."""
    plain = np.zeros(len(raw))
    for fold in np.unique(folds):
        part = folds == fold
        xs, ys = calibration_points(raw[~part], table.wanted[~part])
        plain[part] = [interpolate(value, xs, ys) for value in raw[part]]
    scores = _to_scores(plain.tolist(), rows)
    return {
        **score_metrics(scores, table.wanted),
        "auroc_90": spread_over_groups(scores, table.wanted, table.groups),
        "auroc_within_groups": within_groups(scores, table.wanted, table.groups),
        "auroc_without_adaptation": score_metrics(plain, table.wanted)["auroc"],
        "curve": calibration_curve(scores, table.wanted),
    }


def _to_scores(log_odds_of_rows: Sequence[float], rows: Sequence[Row]) -> Vector:
    return np.array([sigmoid(value) for value in adapted(log_odds_of_rows, rows)])


def _blends(rows: int) -> _Blends:
    return _BLENDS if rows >= _FEW_ROWS else _BLENDS_OF_FEW


def _choose(losses: Mapping[tuple[str, ...], float], rows: int) -> tuple[str, ...]:
    best, safest = min(losses, key=lambda blend: losses[blend]), next(iter(losses))
    return best if rows >= _FEW_ROWS or losses[best] < losses[safest] - _CLEARLY else safest


def _fitters(blends: _Blends) -> list[str]:
    return list(dict.fromkeys(name for blend in blends for name in blend))


def _table(features: Sequence[Any], rows: Sequence[Row], names: tuple[str, ...]) -> _Table:
    matrix = np.array([[one.values[name] for name in names] for one in features])
    # A feature that never differs cannot be learned from, and one that is known for no row cannot be scored by.
    differs = [len(np.unique(column[~np.isnan(column)])) > 1 for column in matrix.T]
    differs[0] = differs[0] or not any(differs)  # a model of no feature at all still has a base rate
    return _Table(
        names=tuple(name for name, kept in zip(names, differs, strict=True) if kept),
        matrix=matrix[:, differs],
        wanted=np.array([row.wanted for row in rows], float),
        weights=np.array([row.weight for row in rows]),
        groups=np.array([row.group for row in rows]),
    )


def _folds(groups: NDArray[np.str_], seed: int) -> NDArray[np.int_]:
    """Return the fold of each row: whole groups, dealt out by size; runs of rows where there are fewer than three."""
    names, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if len(names) < 3:
        return np.arange(len(groups)) * _FOLDS // len(groups)
    order = np.random.default_rng(seed).permutation(len(names))
    loads = np.zeros(min(_FOLDS, len(names)))
    fold_of = np.zeros(len(names), int)
    for code in sorted(order.tolist(), key=lambda one: -sizes[one]):
        fold_of[code] = int(np.argmin(loads))
        loads[fold_of[code]] += sizes[code]
    return fold_of[codes]


def _left_out_log_odds(
    name: str, table: _Table, folds: NDArray[np.int_], seed: int, tell: Callable[[str], None]
) -> Vector:
    result = np.zeros(len(table.wanted))
    for fold in np.unique(folds):
        tell(f"comparing models: {name}")
        rest = folds != fold
        wanted = table.wanted[rest]
        if len(np.unique(wanted)) < 2:
            raise NotEnoughData("The wanted suggestions all come from one place. Give more files or recordings.")
        member = FITTERS[name](table.matrix[rest], wanted, table.weights[rest], table.names, seed)
        result[~rest] = log_odds(member, table.matrix[~rest])
    return result


def _log_loss(raw: Vector, table: _Table) -> float:
    signs = 2 * table.wanted - 1
    return float(np.average(np.logaddexp(0, -signs * raw), weights=table.weights))
