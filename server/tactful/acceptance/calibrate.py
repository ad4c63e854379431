"""From raw log-odds to honest probabilities, learned on rows that the model was not fitted to.

Must not know: what a model is made of.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from tactful.acceptance.scorer import logit

__all__ = ["calibration_points"]

_ROWS_FOR_BINS = 3_000
_BINS = 20

Vector = NDArray[np.float64]


def calibration_points(raw: Vector, wanted: Vector) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return points (x, y) that map raw to calibrated log-odds, x strictly ascending and y never descending.

    Few rows: a straight line (Platt, "Probabilistic outputs for support vector machines", 1999). Many: a line through
    bins of equal size, made monotone (Zadrozny and Elkan, "Transforming classifier scores", KDD 2002).
    """
    return _binned(raw, wanted) if len(raw) >= _ROWS_FOR_BINS else _straight(raw, wanted)


def _straight(raw: Vector, wanted: Vector) -> tuple[tuple[float, ...], tuple[float, ...]]:
    model = LogisticRegression(C=10.0).fit(raw[:, None], wanted)
    slope, intercept = max(1e-3, float(model.coef_[0, 0])), float(model.intercept_[0])
    return (-1.0, 1.0), (intercept - slope, intercept + slope)


def _binned(raw: Vector, wanted: Vector) -> tuple[tuple[float, ...], tuple[float, ...]]:
    order = np.argsort(raw, kind="stable")
    base = float(wanted.mean())
    bins = np.array_split(order, _BINS)
    # One imagined row at the base rate keeps a bin without any wanted row from promising certainty.
    rates = [(float(wanted[part].sum()) + base) / (len(part) + 1) for part in bins]
    xs = np.array([float(raw[part].mean()) for part in bins])
    ys = IsotonicRegression().fit_transform(xs, [logit(rate) for rate in rates])
    kept = np.flatnonzero(np.diff(xs, prepend=-np.inf) > 1e-9)
    if len(kept) < 2:
        return _straight(raw, wanted)
    return tuple(xs[kept].tolist()), tuple(ys[kept].tolist())
