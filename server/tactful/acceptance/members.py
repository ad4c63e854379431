"""Fits one model with scikit-learn and hands it over as plain trees or weights.

One of the two importers of scikit-learn (with `metrics`). Must not know: stages, modes, groups.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

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
) -> Trees:
    """Fit boosted trees of at most `leaves` leaves, each adding `rate` of its answer.

    `wanted` holds 0 and 1; a NaN in `matrix` is unknown.
    """
    model = HistGradientBoostingClassifier(
        max_iter=rounds,
        max_leaf_nodes=leaves,
        learning_rate=rate,
        min_samples_leaf=max(10, min(60, len(matrix) // 100)),
        l2_regularization=10.0,
        max_features=0.3,
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


FITTERS: dict[str, Fitter] = {"linear": fit_linear, "small trees": _small_trees, "large trees": _large_trees}


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
