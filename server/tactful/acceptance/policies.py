"""Policies that decide for one moment whether to generate, whether to show, and after what rest of the hand.

Needs no scikit-learn. Must not know: how moments are made, what becomes of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tactful.core.gate import GatePolicy, stage1, stage2
from tactful.core.ports import Scorer
from tactful.core.types import Features

__all__ = ["MODES", "Always", "Cascade", "Gate", "Policy", "Remembering", "Shown", "gate_policies"]

MODES = ("eager", "balanced", "quiet")
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The suggestion appears once the hand has rested for `wait_s`."""

    wait_s: float = 0.0


class Policy(Protocol):
    """What is decided before and after a suggestion is generated."""

    def generates(self, features: Features) -> bool:
        """Say whether a suggestion is generated at all."""
        ...

    def shows(self, features: Features) -> Shown | None:
        """Return how a suggestion that was generated is shown, None for not at all."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Always:
    """Shows all that the engine offers, or with `share` 0 nothing."""

    share: int = 1

    def generates(self, features: Features) -> bool:
        """Return the same for every moment."""
        return bool(self.share)

    def shows(self, features: Features) -> Shown | None:
        """Return the same for every suggestion."""
        return Shown() if self.share else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Tactful's own gate under a policy."""

    scorer: Scorer
    policy: GatePolicy

    def generates(self, features: Features) -> bool:
        """Return what stage 1 says."""
        return stage1(features, self.scorer, self.policy).show

    def shows(self, features: Features) -> Shown | None:
        """Return what stage 2 says."""
        verdict = stage2(features, self.scorer, self.policy)
        return Shown(wait_s=verdict.wait_ms / 1000) if verdict.show else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cascade:
    """Fixed thresholds on the scores of both stages, as in the CDHF paper: no length, no delay."""

    scorer: Scorer
    threshold1: float
    threshold2: float

    def generates(self, features: Features) -> bool:
        """Return whether stage 1 reaches its threshold."""
        return self.scorer.score_stage1(features) >= self.threshold1

    def shows(self, features: Features) -> Shown | None:
        """Return a suggestion whose score reaches the threshold of stage 2."""
        return Shown() if self.scorer.score_stage2(features) >= self.threshold2 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembering:
    """A scorer that scores each moment once, however many policies ask."""

    scorer: Scorer
    _scores: dict[tuple[int, int], tuple[Features, float]] = field(default_factory=dict)

    def score_stage1(self, features: Features) -> float:
        """Return the score of stage 1."""
        return self._score(1, features, self.scorer.score_stage1)

    def score_stage2(self, features: Features) -> float:
        """Return the score of stage 2."""
        return self._score(2, features, self.scorer.score_stage2)

    def threshold(self, stage: int, max_lost: float, features: Features) -> float:
        """Return the scorer's own threshold."""
        return self.scorer.threshold(stage, max_lost, features)

    def _score(self, stage: int, features: Features, score: Callable[[Features], float]) -> float:
        key = stage, id(features)  # the object is kept with its score, so that no other one gets its id
        if key not in self._scores:
            if len(self._scores) >= _REMEMBERED:
                self._scores.clear()
            self._scores[key] = features, score(features)
        return self._scores[key][1]


def gate_policies(scorer: Scorer, *, max_lost: float, max_delay_ms: float) -> Mapping[str, Policy]:
    """Return the gate in each mode, without exploration, and in balanced mode without the delay."""
    policies: dict[str, Policy] = {
        mode: Gate(scorer=scorer, policy=GatePolicy(mode=mode, max_lost=max_lost, max_delay_ms=max_delay_ms))
        for mode in MODES
    }
    policies["no delay"] = Gate(scorer=scorer, policy=GatePolicy(max_lost=max_lost))
    return policies
