"""Published ways to decide when a suggestion is shown, fitted to rows, to be compared with.

- CDHF (Mozannar et al., "When to Show a Suggestion?", AAAI 2024): a threshold on each of two stages, so that 95% of
  what is hidden was not wanted. There a quarter of the suggestions was hidden so. Where nine in ten suggestions are
  unwanted to begin with, the rule hides nearly all; so both are here, the rule and the published share.
- The filter of 2022: logistic regression over a dozen surface features of the cursor's place, asked before anything is
  generated, and nothing in the middle of a line. It has the shape of the filter that Copilot's client held in June 2022
  (de Moor, van Deursen, Izadi, "A Transformer-Based Approach for Smart Invocation of Automatic Code Completion", AIware
  2024, table 1), without what it knew of earlier suggestions. The weights are learned from the rows, and it holds back
  35% of the calls, the share reported where acceptance rose from 18 to 34% by such a filter.

Needs scikit-learn for the filter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tactful.acceptance.policies import Cascade, Policy, Shown
from tactful.acceptance.rows import Row
from tactful.acceptance.scorer import Linear
from tactful.core.ports import Scorer
from tactful.core.types import Features

__all__ = ["SURFACE", "SurfaceFilter", "published_policies", "right_hiding_threshold"]

_RIGHT = 0.95
_CDHF_HIDDEN = 0.25
_FILTER_HIDDEN = 0.35
SURFACE = (
    "line_before_length",
    "line_before_blank",
    "document_length",
    "lines_before",
    "lines_after",
    "space_before",
    "after_dot",
    "after_open_bracket",
    "after_close_bracket",
    "after_comma",
    "after_equals",
    "after_colon",
)

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceFilter:
    """Logistic regression over `SURFACE`, asked before anything is generated; what is generated is shown."""

    model: Linear
    threshold: float  # log-odds

    def log_odds(self, features: Features) -> float:
        """Return the log-odds that something wanted would come."""
        return self.model.log_odds([features.values[name] for name in SURFACE])

    def generates(self, features: Features) -> bool:
        """Return whether the log-odds reach the threshold; never in the middle of a line."""
        values = features.values
        if values["line_after_length"] and not values["line_after_closes_only"]:
            return False
        return self.log_odds(features) >= self.threshold

    def shows(self, features: Features) -> Shown | None:
        """Return every suggestion."""
        return Shown()


def published_policies(scorer: Scorer, rows: Sequence[Row], *, seed: int) -> Mapping[str, Policy]:
    """Return the published policies, with thresholds and weights from `rows`; none where these teach nothing."""
    if not 0 < sum(row.wanted for row in rows) < len(rows):
        return {}
    seen = [row for row in rows if row.stage2 is not None]
    scores1 = np.array([scorer.score_stage1(row.stage1) for row in seen])
    scores2 = np.array([scorer.score_stage2(row.stage2) for row in seen if row.stage2 is not None])
    wanted = np.array([row.wanted for row in seen])
    rule = Cascade(
        scorer=scorer,
        threshold1=right_hiding_threshold(scores1, wanted),
        threshold2=right_hiding_threshold(scores2, wanted),
    )
    low1, low2 = _hiding(scores1, scores2, _CDHF_HIDDEN)
    return {
        "filter 2022": _surface_filter(rows, seed),
        "CDHF, a quarter": Cascade(scorer=scorer, threshold1=low1, threshold2=low2),
        "CDHF, 95% right": rule,
    }


def right_hiding_threshold(scores: Vector, wanted: NDArray[np.bool_]) -> float:
    """Return the highest threshold with at least 95% of the rows below it unwanted; 0 where there is none."""
    order = np.argsort(scores, kind="stable")
    unwanted = np.cumsum(~wanted[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(unwanted >= _RIGHT)
    if not len(good):
        return 0.0
    last = int(good[-1]) + 1
    return float(scores[order[last]]) if last < len(order) else float(np.nextafter(scores.max(), 2))


def _hiding(scores1: Vector, scores2: Vector, share: float) -> tuple[float, float]:
    """Return thresholds at the same quantile of both scores that together hide `share` of the rows."""
    for quantile in np.linspace(share, 0, 200):
        pair = float(np.quantile(scores1, quantile)), float(np.quantile(scores2, quantile))
        if float(((scores1 < pair[0]) | (scores2 < pair[1])).mean()) <= share:
            return pair
    return 0.0, 0.0


def _surface_filter(rows: Sequence[Row], seed: int) -> SurfaceFilter:
    from tactful.acceptance.members import fit_linear

    matrix = np.array([[row.stage1.values[name] for name in SURFACE] for row in rows])
    wanted = np.array([row.wanted for row in rows], float)
    model = fit_linear(matrix, wanted, np.ones(len(rows)), SURFACE, seed)
    found = np.array([model.log_odds(row) for row in matrix.tolist()])
    return SurfaceFilter(model=model, threshold=float(np.quantile(found, _FILTER_HIDDEN)))
