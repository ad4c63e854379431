"""Chooses thresholds so that the share of wanted suggestions that get hidden stays under a promise.

Knows: scores, groups, binomial bounds. Must not know: models, features, modes.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

__all__ = ["CONFIDENCE", "choose_threshold", "upper_bound"]

CONFIDENCE = 0.9
_STEPS = 400

Vector = NDArray[np.float64]


def choose_threshold(
    scores: Vector,
    groups: Sequence[str],
    max_lost: float,
    *,
    lost: NDArray[np.bool_] | None = None,
    chance: float = 0.1,
) -> float:
    """Return the largest threshold with at most `max_lost` of the wanted suggestions below it; 0 where none will do.

    `scores` and `groups` are those of the wanted suggestions alone, scored by models that were not fitted to them;
    `lost` marks those that an earlier stage has hidden already. Thresholds are tried from the lowest up until the
    first for which the promise cannot be kept with probability 1 - `chance` (fixed-sequence testing; Angelopoulos,
    Bates, Candès, Jordan, Lei, "Learn then test", 2021).
    """
    already = np.zeros(len(scores), bool) if lost is None else lost
    codes = np.unique(np.asarray(groups), return_inverse=True)[1]
    best = 0.0
    for threshold in np.unique(np.quantile(scores, np.linspace(0, min(1.0, 2 * max_lost + 0.02), _STEPS))):
        if upper_bound(already | (scores < threshold), codes, chance) > max_lost:
            break
        best = float(threshold)
    return best


def upper_bound(lost: NDArray[np.bool_], groups: NDArray[np.int_], chance: float) -> float:
    """Return the share of lost suggestions that is exceeded with probability `chance` at most.

    The exact binomial bound (Clopper and Pearson, 1934) on the effective number of rows: rows of one group resemble
    one another, so their number is divided by the design effect (Kish, "Survey sampling", 1965).
    """
    count, hits = len(lost), int(lost.sum())
    if hits == count:
        return 1.0
    effect = _design_effect(lost, groups)
    return float(beta.ppf(1 - chance, hits / effect + 1, (count - hits) / effect))


def _design_effect(lost: NDArray[np.bool_], groups: NDArray[np.int_]) -> float:
    count, share = len(lost), float(lost.mean())
    sizes = np.bincount(groups).astype(float)
    if share == 0.0 or len(sizes) < 2:
        return 1.0
    residuals = np.bincount(groups, weights=lost.astype(float)) - sizes * share
    spread = float((residuals**2).sum()) * len(sizes) / (len(sizes) - 1)
    return max(1.0, spread / (count * share * (1 - share)))
