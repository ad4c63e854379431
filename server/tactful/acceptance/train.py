"""Trains a gate: a cascade for each kind of suggestions that the rows hold enough of, and its thresholds.

Knows: rows, kinds, the order of the steps. Must not know: how one stage is fitted (see `stages`), files, where rows
come from.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tactful.acceptance.metrics import hidden_and_lost
from tactful.acceptance.promises import Promises
from tactful.acceptance.rows import Row
from tactful.acceptance.scorer import EMBEDDED, MODEL, Cascade, TreeScorer, kind_of
from tactful.acceptance.stages import FittedStage, NotEnoughData, fit_stage, steps_for
from tactful.acceptance.thresholds import CONFIDENCE, choose_promises
from tactful.core.features import STAGE1_NAMES, STAGE2_NAMES
from tactful.core.utility import comparable

__all__ = ["NotEnoughData", "Trained", "fit"]

_LEAST_ROWS, _LEAST_OF_EACH = 100, 20

Progress = Callable[[str, int, int], None]  # what is being done, steps done, steps in all


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A gate, and what is known of it: how it was trained and how it did on groups left out of each fit."""

    scorer: TreeScorer
    about: Mapping[str, Any]


def fit(rows: Sequence[Row], *, seed: int = 0, progress: Progress | None = None) -> Trained:
    """Train a cascade for each kind of suggestions among `rows`; a kind with too few of them is left out.

    Every choice (model, calibration, thresholds) rests on scores from models that were not fitted to the row's group;
    with fewer than three groups, to its part of the rows in order. `progress` hears of each fit. Raises NotEnoughData
    where no kind has enough.
    """
    parts = {kind: [row for row in rows if kind_of(row.stage2 or row.stage1) == kind] for kind in (EMBEDDED, MODEL)}
    enough = {kind: part for kind, part in parts.items() if _shortage(part) is None}
    if not enough:
        raise NotEnoughData(_shortage(max(parts.values(), key=len)) or "")
    tell = _Steps(progress, total=sum(2 * steps_for(len(part)) for part in enough.values()))
    found = {kind: _fit_cascade(part, seed, tell.begin) for kind, part in enough.items()}
    about = {
        "seed": seed,
        "confidence": CONFIDENCE,
        "cascades": {kind: about for kind, (_, about) in found.items()},
    }
    return Trained(scorer=TreeScorer(cascades={kind: cascade for kind, (cascade, _) in found.items()}), about=about)


@dataclass(slots=True)
class _Steps:
    progress: Progress | None
    total: int
    done: int = 0

    def begin(self, what: str) -> None:
        if self.progress is not None:
            self.progress(what, self.done, self.total)
        self.done += 1


def _shortage(rows: Sequence[Row]) -> str | None:
    """Return what is missing to train on `rows`, as a message; None where they are enough."""
    seen = [row for row in rows if row.stage2 is not None]
    wanted = sum(row.wanted for row in seen)
    if len(seen) >= _LEAST_ROWS and min(wanted, len(seen) - wanted) >= _LEAST_OF_EACH:
        return None
    return (
        f"{len(seen)} suggestions, {wanted} of them wanted, are too few to train on: at least {_LEAST_ROWS} are "
        f"needed, with {_LEAST_OF_EACH} wanted and {_LEAST_OF_EACH} unwanted. Give more files or recordings."
    )


def _fit_cascade(rows: Sequence[Row], seed: int, tell: Callable[[str], None]) -> tuple[Cascade, Mapping[str, Any]]:
    seen = [row for row in rows if row.stage2 is not None]
    first = fit_stage([row.stage1 for row in rows], rows, STAGE1_NAMES, seed, tell)
    second = fit_stage([row.stage2 for row in seen], seen, STAGE2_NAMES, seed, tell)
    has_stage2 = np.array([row.stage2 is not None for row in rows])
    cascade = Cascade(
        stage1=first.model,
        stage2=second.model,
        promises=_promises(first, second, has_stage2.nonzero()[0].tolist(), seen),
    )
    wanted = np.array([row.wanted for row in seen], float)
    about = {
        "rows": len(rows),
        "groups": len({row.group for row in rows}),
        "suggestions": len(seen),
        "wanted": int(wanted.sum()),
        "stage1": first.about,
        "stage2": second.about,
        "hidden_and_lost": hidden_and_lost(second.left_out, wanted),
    }
    return cascade, about


def _promises(first: FittedStage, second: FittedStage, places: Sequence[int], seen: Sequence[Row]) -> Promises:
    wanted = np.array([row.wanted for row in seen])
    chars = np.expm1([row.stage2.values["length"] for row in seen if row.stage2 is not None])
    even = np.array([comparable(*pair) for pair in zip(second.left_out.tolist(), chars.tolist(), strict=True)])
    groups = [row.group for row in seen if row.wanted]
    return choose_promises(first.left_out[list(places)][wanted], even[wanted], groups)
