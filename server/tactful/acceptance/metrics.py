"""How good scores are: ranking, honesty, and what hiding by them costs and saves.

Must not know: models, features, where rows come from.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

__all__ = [
    "calibration_curve",
    "expected_calibration_error",
    "hidden_and_lost",
    "hidden_at_lost",
    "score_metrics",
    "spread_over_groups",
    "within_groups",
]

_BINS = 10
_DRAWS = 200

Vector = NDArray[np.float64]


def score_metrics(scores: Vector, wanted: Vector) -> Mapping[str, float | None]:
    """Return auroc, auprc, ece, brier and the share of unwanted rows hidden when 5% of the wanted ones are lost.

    The last is read from these very rows: it tells how well the scores rank, not what a threshold chosen beforehand
    will do. auroc and it are None where all rows are wanted or none is.
    """
    mixed = 0 < wanted.sum() < len(wanted)
    return {
        "auroc": float(roc_auc_score(wanted, scores)) if mixed else None,
        "auprc": float(average_precision_score(wanted, scores)) if wanted.any() else None,
        "ece": expected_calibration_error(scores, wanted),
        "brier": float(((scores - wanted) ** 2).mean()),
        "unwanted_hidden_at_5pct_lost": hidden_at_lost(scores, wanted, 0.05) if mixed else None,
    }


def expected_calibration_error(scores: Vector, wanted: Vector) -> float:
    """Return the mean distance of promised and found shares over ten bins of equal width (Guo et al., ICML 2017)."""
    bins = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    gaps = [abs(float((scores - wanted)[bins == number].sum())) for number in range(_BINS)]
    return sum(gaps) / len(scores)


def hidden_at_lost(scores: Vector, wanted: Vector, max_lost: float) -> float:
    """Return the share of unwanted rows below the highest threshold that loses at most `max_lost` of the wanted."""
    of_wanted = np.sort(scores[wanted == 1])
    threshold = of_wanted[int(np.floor(max_lost * len(of_wanted)))]
    return float((scores[wanted == 0] < threshold).mean())


def hidden_and_lost(scores: Vector, wanted: Vector) -> list[list[float]]:
    """Return pairs (share of wanted rows lost, share of unwanted rows hidden), up to 30% lost."""
    if not 0 < wanted.sum() < len(wanted):
        return []
    return [[percent / 100, hidden_at_lost(scores, wanted, percent / 100)] for percent in range(31)]


def calibration_curve(scores: Vector, wanted: Vector) -> list[list[float]]:
    """Return (mean score, share wanted, rows) for ten bins of equal width, without the empty ones."""
    bins = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    parts = [bins == number for number in range(_BINS)]
    return [[float(scores[part].mean()), float(wanted[part].mean()), int(part.sum())] for part in parts if part.any()]


def within_groups(scores: Vector, wanted: Vector, groups: NDArray[np.str_]) -> float | None:
    """Return the mean auroc inside each group that has both kinds of rows, weighted by its size; None without any."""
    found = []
    for group in np.unique(groups):
        part = groups == group
        if 0 < wanted[part].sum() < part.sum():
            found.append((float(roc_auc_score(wanted[part], scores[part])), int(part.sum())))
    if not found:
        return None
    values, sizes = zip(*found, strict=True)
    return float(np.average(values, weights=sizes))


def spread_over_groups(scores: Vector, wanted: Vector, groups: NDArray[np.str_], seed: int = 0) -> list[float] | None:
    """Return the 5% and 95% quantiles of auroc when groups are drawn anew with replacement; None with fewer than two.

    The bootstrap over clusters: what another draw of programmers or projects would have given.
    """
    names, codes = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        return None
    members = [np.flatnonzero(codes == code) for code in range(len(names))]
    random = np.random.default_rng(seed)
    draws = (random.integers(len(names), size=len(names)) for _ in range(_DRAWS))
    drawn = (np.concatenate([members[code] for code in codes_drawn]) for codes_drawn in draws)
    found = [float(roc_auc_score(wanted[part], scores[part])) for part in drawn if 0 < wanted[part].sum() < len(part)]
    return [float(np.quantile(found, share)) for share in (0.05, 0.95)] if found else None
