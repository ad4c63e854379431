"""Chooses thresholds so that the share of wanted suggestions that get hidden stays under a promise.

Knows: scores, groups, binomial bounds. Must not know: models, features, modes.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from tactful.acceptance.promises import SHARES, Promises

__all__ = ["CONFIDENCE", "choose_promises", "choose_threshold", "upper_bound"]

CONFIDENCE = 0.9
STAGE1_SHARE = 0.2  # of what may be lost, before anything is generated; the rest is for stage 2, which knows more
_STEPS = 400

Vector = NDArray[np.float64]


def choose_promises(
    scores1: Vector, scores2: Vector, groups: Sequence[str], shares: Sequence[float] = SHARES
) -> Promises:
    """Return thresholds of both stages for each of `shares`, which ascend; none may be lost more often than promised.

    The scores are those of the wanted suggestions alone, by models that were not fitted to them; `scores2` are
    comparable ones (`tactful.core.utility`). Each promise holds by itself with a probability of 90%: half of the chance
    to break it is for each stage.
    """
    pairs = [_choose_pair(scores1, scores2, groups, share) for share in shares]
    return Promises(
        shares=tuple(shares), stage1=tuple(pair[0] for pair in pairs), stage2=tuple(pair[1] for pair in pairs)
    )


def _choose_pair(scores1: Vector, scores2: Vector, groups: Sequence[str], max_lost: float) -> tuple[float, float]:
    chance = (1 - CONFIDENCE) / 2
    first = choose_threshold(scores1, groups, max_lost * STAGE1_SHARE, chance=chance)
    return first, choose_threshold(scores2, groups, max_lost, lost=scores1 < first, chance=chance)


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
