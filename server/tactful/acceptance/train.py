"""Trains the cascade: compares models on groups they have not seen, calibrates the best, chooses thresholds.

Knows: rows, groups, the order of the steps. Must not know: scikit-learn's objects (see `members`), files, where rows
come from.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tactful.acceptance.calibrate import calibration_points
from tactful.acceptance.members import FITTERS, Matrix, Vector, log_odds
from tactful.acceptance.metrics import score_metrics, within_groups
from tactful.acceptance.rows import Row
from tactful.acceptance.scorer import StageModel, TreeScorer, interpolate, sigmoid
from tactful.acceptance.thresholds import CONFIDENCE, choose_promises
from tactful.core.errors import TactfulError
from tactful.core.features import STAGE1_NAMES, STAGE2_NAMES
from tactful.core.utility import comparable

__all__ = ["NotEnoughData", "Trained", "fit"]

_FOLDS = 5
_LEAST_ROWS, _LEAST_OF_EACH = 100, 20
_BLENDS: tuple[tuple[str, ...], ...] = (
    ("linear",),
    ("small trees",),
    ("large trees",),
    ("linear", "small trees"),
    ("linear", "large trees"),
)

Progress = Callable[[str, int, int], None]  # what is being done, steps done, steps in all


class NotEnoughData(TactfulError):
    """There are too few rows, or too few of one kind, to train on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A gate, and what is known of it: how it was trained and how it did on groups left out of each fit."""

    scorer: TreeScorer
    about: Mapping[str, Any]


def fit(rows: Sequence[Row], *, seed: int = 0, progress: Progress | None = None) -> Trained:
    """Train both stages on `rows`.

    Every choice (model, calibration, thresholds) rests on scores from models that were not fitted to the row's group;
    with fewer than three groups, to its part of the rows in order. `progress` hears of each fit. Raises NotEnoughData.
    """
    seen = [row for row in rows if row.stage2 is not None]
    _require(seen)
    tell = _Steps(progress, total=2 * (_FOLDS * len(FITTERS) + 1))
    first = _fit_stage(_table([row.stage1 for row in rows], rows, STAGE1_NAMES), seed, tell)
    second = _fit_stage(_table([row.stage2 for row in seen], seen, STAGE2_NAMES), seed, tell)
    has_stage2 = np.array([row.stage2 is not None for row in rows])
    wanted = second.table.wanted == 1
    chars = np.expm1([row.stage2.values["length"] for row in rows if row.stage2 is not None])
    even = np.array([comparable(*pair) for pair in zip(second.left_out.tolist(), chars.tolist(), strict=True)])
    groups = second.table.groups[wanted].tolist()
    promises = choose_promises(first.left_out[has_stage2][wanted], even[wanted], groups)
    about = {
        "rows": len(rows),
        "groups": len({row.group for row in rows}),
        "suggestions": len(seen),
        "wanted": sum(row.wanted for row in seen),
        "seed": seed,
        "confidence": CONFIDENCE,
        "stage1": first.about,
        "stage2": second.about,
    }
    return Trained(scorer=TreeScorer(stage1=first.model, stage2=second.model, promises=promises), about=about)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    names: tuple[str, ...]
    matrix: Matrix
    wanted: Vector
    weights: Vector
    groups: NDArray[np.str_]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    table: _Table
    model: StageModel
    left_out: Vector  # calibrated score of each row by models that were not fitted to its group
    about: Mapping[str, Any]


@dataclass(slots=True)
class _Steps:
    progress: Progress | None
    total: int
    done: int = 0

    def begin(self, what: str) -> None:
        if self.progress is not None:
            self.progress(what, self.done, self.total)
        self.done += 1


def _require(seen: Sequence[Row]) -> None:
    wanted = sum(row.wanted for row in seen)
    if len(seen) < _LEAST_ROWS or min(wanted, len(seen) - wanted) < _LEAST_OF_EACH:
        raise NotEnoughData(
            f"{len(seen)} suggestions, {wanted} of them wanted, are too few to train on: at least {_LEAST_ROWS} are "
            f"needed, with {_LEAST_OF_EACH} wanted and {_LEAST_OF_EACH} unwanted. Give more files or recordings."
        )


def _table(features: Sequence[Any], rows: Sequence[Row], names: tuple[str, ...]) -> _Table:
    matrix = np.array([[one.values[name] for name in names] for one in features])
    # A feature that never differs cannot be learned from, and one that is known for no row cannot be scored by.
    differs = [len(np.unique(column[~np.isnan(column)])) > 1 for column in matrix.T]
    return _Table(
        names=tuple(name for name, kept in zip(names, differs, strict=True) if kept),
        matrix=matrix[:, differs],
        wanted=np.array([row.wanted for row in rows], float),
        weights=np.array([row.weight for row in rows]),
        groups=np.array([row.group for row in rows]),
    )


def _fit_stage(table: _Table, seed: int, tell: _Steps) -> _Stage:
    folds = _folds(table.groups, seed)
    raw = {name: _left_out_log_odds(name, table, folds, seed, tell) for name in FITTERS}
    blends = {blend: np.mean([raw[name] for name in blend], axis=0) for blend in _BLENDS}
    best = min(blends, key=lambda blend: _log_loss(blends[blend], table))
    tell.begin("fitting the chosen model")
    members = tuple(
        (1 / len(best), FITTERS[name](table.matrix, table.wanted, table.weights, table.names, seed)) for name in best
    )
    xs, ys = calibration_points(blends[best], table.wanted)
    model = StageModel(names=table.names, members=members, calibration_x=xs, calibration_y=ys)
    left_out = _calibrated(blends[best], table, folds)
    compared = {" + ".join(blend): _log_loss(scores, table) for blend, scores in blends.items()}
    about = {
        "model": " + ".join(best),
        "log_loss_of": compared,
        **score_metrics(left_out, table.wanted),
        "auroc_within_groups": within_groups(left_out, table.wanted, table.groups),
    }
    promised = np.array([sigmoid(interpolate(value, xs, ys)) for value in blends[best]])
    return _Stage(table=table, model=model, left_out=promised, about=about)


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


def _left_out_log_odds(name: str, table: _Table, folds: NDArray[np.int_], seed: int, tell: _Steps) -> Vector:
    result = np.zeros(len(table.wanted))
    for fold in np.unique(folds):
        tell.begin(f"comparing models: {name}")
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


def _calibrated(raw: Vector, table: _Table, folds: NDArray[np.int_]) -> Vector:
    """Return probabilities from calibrations that were learned on the other folds, to be judged by."""
    result = np.zeros(len(raw))
    for fold in np.unique(folds):
        part = folds == fold
        xs, ys = calibration_points(raw[~part], table.wanted[~part])
        result[part] = [sigmoid(interpolate(value, xs, ys)) for value in raw[part]]
    return result
