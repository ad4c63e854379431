"""Measures a gate on rows: how well its scores rank, how honest they are, what its thresholds hide and lose.

Must not know: how the gate was trained, where rows come from.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tactful.acceptance.metrics import score_metrics, within_groups
from tactful.acceptance.rows import Row
from tactful.acceptance.scorer import TreeScorer
from tactful.core.gate import GatePolicy, shows
from tactful.core.types import Features

__all__ = ["evaluate"]

_MODES = ("eager", "balanced", "quiet")


def evaluate(scorer: TreeScorer, rows: Sequence[Row]) -> Mapping[str, Any]:
    """Return one object: figures for the scores of stage 2, under `stage1` for those of stage 1, under `modes` what
    the thresholds of each mode do.

    The figures of stage 1 are over all moments, the rest over the moments that had a suggestion. Raises ValueError
    where there is none.
    """
    seen = [row for row in rows if row.stage2 is not None]
    if not seen:
        raise ValueError("there is no suggestion to judge by")
    scores1 = np.array([scorer.score_stage1(row.stage1) for row in rows])
    scores2 = np.array([scorer.score_stage2(row.stage2) for row in seen if row.stage2 is not None])
    wanted = np.array([row.wanted for row in seen], float)
    groups = np.array([row.group for row in seen])
    modes = {mode: _mode(scorer, mode, rows, scores1, scores2) for mode in _MODES}
    balanced = modes["balanced"]
    return {
        **score_metrics(scores2, wanted),
        "auroc_within_groups": within_groups(scores2, wanted, groups),
        "rejects_hidden_at_5pct_lost_accepts": balanced["unwanted_hidden"],
        "lost_accepts": balanced["wanted_lost"],
        "hidden": balanced["hidden"],
        "hidden_precision": balanced["hidden_precision"],
        "n": len(seen),
        "wanted": int(wanted.sum()),
        "moments": len(rows),
        "users": len(set(groups.tolist())),
        "stage1": score_metrics(scores1, np.array([row.wanted for row in rows], float)),
        "modes": modes,
    }


def _mode(
    scorer: TreeScorer, mode: str, rows: Sequence[Row], scores1: NDArray[np.float64], scores2: NDArray[np.float64]
) -> dict[str, float | None]:
    policy = GatePolicy(mode=mode)
    seen = [row for row in rows if row.stage2 is not None]
    wanted = np.array([row.wanted for row in seen], float)
    has_stage2 = np.array([row.stage2 is not None for row in rows])
    early = _hidden(1, scorer, policy, [row.stage1 for row in rows], scores1)
    hidden = early[has_stage2] | _hidden(2, scorer, policy, [row.stage2 for row in seen if row.stage2], scores2)
    return {
        "wanted_lost": _share(hidden[wanted == 1]),
        "unwanted_hidden": _share(hidden[wanted == 0]),
        "hidden": _share(hidden),
        "hidden_precision": _share(wanted[hidden] == 0),
        "shown_precision": _share(wanted[~hidden] == 1),
        "not_generated": _share(early),
    }


def _hidden(
    stage: int, scorer: TreeScorer, policy: GatePolicy, features: Sequence[Features], scores: NDArray[np.float64]
) -> NDArray[np.bool_]:
    pairs = zip(features, scores.tolist(), strict=True)
    return np.array([not shows(stage, score, one, scorer, policy) for one, score in pairs])


def _share(flags: NDArray[np.bool_]) -> float | None:
    return float(flags.mean()) if len(flags) else None
