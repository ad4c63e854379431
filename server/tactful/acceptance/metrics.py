"""How good scores are: ranking, honesty, and what hiding by them costs and saves.

Must not know: models, features, where rows come from.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

__all__ = ["expected_calibration_error", "hidden_at_lost", "score_metrics", "within_groups"]

_BINS = 10

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
