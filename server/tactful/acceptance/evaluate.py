"""Measures a gate on rows: how well its scores rank, how honest they are, what its thresholds hide and lose.

Rows with times are walked in order: the gate adapts to each programmer from their earlier outcomes alone, as it does in
the server. Must not know: how the gate was trained, where rows come from.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tactful.acceptance.adaptation import adapted
from tactful.acceptance.metrics import score_metrics, spread_over_groups, within_groups
from tactful.acceptance.rows import Row
from tactful.acceptance.scorer import TreeScorer, sigmoid
from tactful.core.gate import GatePolicy, shows
from tactful.core.types import Features

__all__ = ["evaluate"]

_MODES = ("eager", "balanced", "quiet")
Vector = NDArray[np.float64]


def evaluate(scorer: TreeScorer, rows: Sequence[Row]) -> Mapping[str, Any]:
    """Return one object: figures for the scores of stage 2, under `stage1` for those of stage 1, under `modes` what
    the gate does in each mode.

    `hidden`, `hidden_precision`, `lost_accepts` and `rejects_hidden_at_5pct_lost_accepts` are for the score to hide
    below where 5% of the wanted suggestions may be lost, as chosen in training on programmers or projects left out
    there; these rows have no part in it. What a mode hides, as far as its promise allows, can be less. Where nothing
    has been generated stage 1 is judged all the same: that is not wanted. Raises ValueError where there is no
    suggestion.
    """
    seen = [row for row in rows if row.stage2 is not None]
    if not seen:
        raise ValueError("there is no suggestion to judge by")
    scores1 = _scores(scorer, 1, rows)
    scores2 = _scores(scorer, 2, seen)
    groups = [row.group for row in seen]
    return {
        **_figures(scorer, 2, seen, scores2),
        "wanted": sum(row.wanted for row in seen),
        "moments": len(rows),
        "users": len(set(groups)),
        "stage1": _figures(scorer, 1, rows, scores1),
        "modes": {mode: _mode(scorer, mode, rows, scores1, scores2) for mode in _MODES},
    }


def _features(stage: int, row: Row) -> Features:
    return row.stage1 if stage == 1 or row.stage2 is None else row.stage2


def _scores(scorer: TreeScorer, stage: int, rows: Sequence[Row]) -> Vector:
    plain = [scorer.log_odds(stage, _features(stage, row)) for row in rows]
    return np.array([sigmoid(value) for value in adapted(plain, rows)])


def _figures(scorer: TreeScorer, stage: int, rows: Sequence[Row], scores: Vector) -> dict[str, Any]:
    wanted = np.array([row.wanted for row in rows], float)
    groups = np.array([row.group for row in rows])
    bars = np.array([scorer.cascade(_features(stage, row)).stage(stage).lost_5pct for row in rows])
    hidden = scores < bars
    return {
        **score_metrics(scores, wanted),
        "auroc_90": spread_over_groups(scores, wanted, groups),
        "auroc_within_groups": within_groups(scores, wanted, groups),
        "rejects_hidden_at_5pct_lost_accepts": _share(hidden[wanted == 0]),
        "lost_accepts": _share(hidden[wanted == 1]),
        "hidden": _share(hidden),
        "hidden_precision": _share(wanted[hidden] == 0),
        "n": len(rows),
        "users": len(set(groups.tolist())),
    }


def _mode(
    scorer: TreeScorer, mode: str, rows: Sequence[Row], scores1: Vector, scores2: Vector
) -> dict[str, float | None]:
    policy = GatePolicy(mode=mode)
    seen = [row for row in rows if row.stage2 is not None]
    wanted = np.array([row.wanted for row in seen], float)
    has_stage2 = np.array([row.stage2 is not None for row in rows])
    early = _hidden(1, scorer, policy, rows, scores1)
    hidden = early[has_stage2] | _hidden(2, scorer, policy, seen, scores2)
    return {
        "wanted_lost": _share(hidden[wanted == 1]),
        "unwanted_hidden": _share(hidden[wanted == 0]),
        "hidden": _share(hidden),
        "hidden_precision": _share(wanted[hidden] == 0),
        "shown_precision": _share(wanted[~hidden] == 1),
        "not_generated": _share(early),
    }


def _hidden(
    stage: int, scorer: TreeScorer, policy: GatePolicy, rows: Sequence[Row], scores: Vector
) -> NDArray[np.bool_]:
    pairs = zip(rows, scores.tolist(), strict=True)
    return np.array([not shows(stage, score, _features(stage, row), scorer, policy) for row, score in pairs])


def _share(flags: NDArray[np.bool_]) -> float | None:
    return float(flags.mean()) if len(flags) else None
