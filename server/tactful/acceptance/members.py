"""Fits one model with scikit-learn and hands it over as plain trees or weights.

One of the two importers of scikit-learn (with `metrics`). Must not know: stages, modes, groups.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from tactful.acceptance.scorer import Linear, Trees, rank

__all__ = ["FITTERS", "Matrix", "Vector", "export_trees", "fit_linear", "fit_trees", "log_odds"]

Matrix: TypeAlias = NDArray[np.float64]
Vector: TypeAlias = NDArray[np.float64]
Fitter: TypeAlias = Callable[[Matrix, Vector, Vector, Sequence[str], int], Trees | Linear]

_BEYOND = 1e300
_KNOTS = 21  # quantiles that ranks are read from
# More of these cannot make a suggestion less likely to be wanted; holding the trees to that steadies small data.
_RISING = frozenset({"engine_probability", "mean_logprob", "least_logprob", "first_logprob", "total_logprob"})

# What matters most where data is scarce, as found on 14 programmers of the CUPS study (630 decisions): with so few rows
# every further feature costs more than it tells. Earlier outcomes are left to the offset of `adaptation`.
_CONFIDENCE = ("mean_logprob", "total_logprob", "tokens", "length", "lines")
_PLACE = (
    "in_comment",
    "in_error",
    "indent",
    "words_before",
    "partial_word_length",
    "line_start_seen",
    "blank_lines_above",
)
_SINCE = ("typed_since_last", "deleted_since_last", "s_since_last_ended")

_Value = TypeVar("_Value")


class _NodeRow(NamedTuple):
    feature: int
    threshold: float
    missing_left: int
    right: int
    value: float


def log_odds(member: Trees | Linear, matrix: Matrix) -> Vector:
    """Return the member's log-odds for each row of `matrix`."""
    return np.array([member.log_odds(row) for row in matrix.tolist()])


def fit_trees(
    matrix: Matrix,
    wanted: Vector,
    weights: Vector,
    names: Sequence[str],
    seed: int,
    *,
    leaves: int,
    rounds: int,
    rate: float,
    share: float = 0.3,
) -> Trees:
    """Fit boosted trees of at most `leaves` leaves, each adding `rate` of its answer.

    Each node chooses among the `share` of the features; `wanted` holds 0 and 1; a NaN in `matrix` is unknown.
    """
    model = HistGradientBoostingClassifier(
        max_iter=rounds,
        max_leaf_nodes=leaves,
        learning_rate=rate,
        min_samples_leaf=max(10, min(60, len(matrix) // 100)),
        l2_regularization=10.0,
        max_features=share,
        monotonic_cst=[int(name in _RISING) for name in names],
        early_stopping=False,
        random_state=seed,
    )
    # scikit-learn cannot bin a feature of which nothing is known; as a constant it is left alone.
    unknown = np.isnan(matrix).all(axis=0)
    with threadpool_limits(limits=1):  # several threads wait for one another wherever something else is running
        model.fit(np.where(unknown, 0.0, matrix), wanted, sample_weight=weights)
    return export_trees(model)


def export_trees(model: HistGradientBoostingClassifier) -> Trees:
    """Return a fitted binary classifier as plain trees with the same log-odds."""
    table: list[_NodeRow] = []
    roots: list[int] = []
    for step in model._predictors:
        roots.append(len(table))
        _append_tree(step[0].nodes, 0, table)
    feature, threshold, missing_left, right, value = zip(*table, strict=True)
    return Trees(
        baseline=float(model._baseline_prediction.ravel()[0]),
        roots=tuple(roots),
        feature=feature,
        threshold=threshold,
        missing_left=missing_left,
        right=right,
        value=value,
    )


def fit_linear(matrix: Matrix, wanted: Vector, weights: Vector, names: Sequence[str], seed: int) -> Linear:
    """Fit logistic regression over ranks, with one more weight for each feature that can be unknown."""
    del names
    knots = tuple(_quantiles(column) for column in matrix.T)
    design = np.hstack([_ranks(matrix, knots), np.isnan(matrix).astype(float)])
    model = LogisticRegression(C=0.1, max_iter=2_000, random_state=seed)
    model.fit(design, wanted, sample_weight=weights)
    coefficients = model.coef_[0].tolist()
    width = matrix.shape[1]
    return Linear(
        intercept=float(model.intercept_[0]),
        weights=tuple(coefficients[:width]),
        missing=tuple(coefficients[width:]),
        knots=knots,
    )


def _small_trees(matrix: Matrix, wanted: Vector, weights: Vector, names: Sequence[str], seed: int) -> Trees:
    return fit_trees(matrix, wanted, weights, names, seed, leaves=5, rounds=60, rate=0.05)


def _large_trees(matrix: Matrix, wanted: Vector, weights: Vector, names: Sequence[str], seed: int) -> Trees:
    return fit_trees(matrix, wanted, weights, names, seed, leaves=24, rounds=160, rate=0.08)


def _steady_trees(matrix: Matrix, wanted: Vector, weights: Vector, names: Sequence[str], seed: int) -> Trees:
    """Fit trees to the few features that matter most, for data of a few hundred rows."""
    kept = _numbers_of(names, _CONFIDENCE + _PLACE)
    chosen = [names[number] for number in kept]
    trees = fit_trees(matrix[:, kept], wanted, weights, chosen, seed, leaves=5, rounds=150, rate=0.05, share=0.5)
    return replace(trees, feature=tuple(kept[feature] if feature >= 0 else feature for feature in trees.feature))


def _steady_linear(matrix: Matrix, wanted: Vector, weights: Vector, names: Sequence[str], seed: int) -> Linear:
    """Fit regression to the few features that matter most, for data of a few hundred rows."""
    kept = _numbers_of(names, _CONFIDENCE + _PLACE + _SINCE)
    few = fit_linear(matrix[:, kept], wanted, weights, [names[number] for number in kept], seed)
    width = matrix.shape[1]
    return Linear(
        intercept=few.intercept,
        weights=_spread(few.weights, kept, width, 0.0),
        missing=_spread(few.missing, kept, width, 0.0),
        knots=_spread(few.knots, kept, width, ()),
    )


def _numbers_of(names: Sequence[str], chosen: Sequence[str]) -> list[int]:
    """Return where the `chosen` features stand; all features where none of them is known."""
    return [number for number, name in enumerate(names) if name in chosen] or list(range(len(names)))


def _spread(values: Sequence[_Value], places: Sequence[int], width: int, filler: _Value) -> tuple[_Value, ...]:
    placed = dict(zip(places, values, strict=True))
    return tuple(placed.get(number, filler) for number in range(width))


FITTERS: dict[str, Fitter] = {
    "linear": fit_linear,
    "small trees": _small_trees,
    "large trees": _large_trees,
    "steady linear": _steady_linear,
    "steady trees": _steady_trees,
}


def _quantiles(column: Vector) -> tuple[float, ...]:
    """Return the knots of one feature; the middle of the training values twice where it never differs."""
    known = column[~np.isnan(column)]
    if not len(known):
        return (0.0, 0.0)
    return tuple(np.quantile(known, np.linspace(0, 1, _KNOTS), method="lower").tolist())


def _ranks(matrix: Matrix, knots: tuple[tuple[float, ...], ...]) -> Matrix:
    columns = [
        [0.0 if value != value else rank(value, run) for value in column.tolist()]
        for column, run in zip(matrix.T, knots, strict=True)
    ]
    return np.array(columns).T


def _append_tree(nodes: Any, index: int, table: list[_NodeRow]) -> None:
    """Append the node at `index` of scikit-learn's table, and all below it, in preorder."""
    node = nodes[index]
    if node["is_leaf"]:
        table.append(_NodeRow(-1, 0.0, 0, 0, float(node["value"])))
        return
    place = len(table)
    table.append(_NodeRow(-1, 0.0, 0, 0, 0.0))
    _append_tree(nodes, int(node["left"]), table)
    right = len(table)
    _append_tree(nodes, int(node["right"]), table)
    # An infinite threshold sends every known value left; a float that no feature reaches does the same, and can stand
    # in JSON.
    threshold = float(min(node["num_threshold"], _BEYOND))
    weights = nodes["count"][[int(node["left"]), int(node["right"])]].astype(float)
    mean = float(np.average([table[place + 1].value, table[right].value], weights=weights))
    missing_left = int(node["missing_go_to_left"])
    table[place] = _NodeRow(int(node["feature_idx"]), threshold, missing_left, right, mean)
