"""How a gate adapts to one programmer at once: an offset in log-odds, learned from their earlier outcomes alone.

Programmers differ most in how much they accept at all (13% to 56% in the CUPS study), which one number tells. The
server and `tactful evaluate` use the same code. Plain Python; must not know: where outcomes come from, files.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import expm1, isnan, log

from tactful.acceptance.rows import Row
from tactful.acceptance.scorer import TreeScorer, kind_of, sigmoid
from tactful.core.types import Features
from tactful.core.utility import comparable, least_score

__all__ = ["AdaptiveScorer", "adapted", "offset"]

_SPREAD = 0.25  # variance of programmers' offsets that is assumed before anything is known
_FADING = 0.98  # weight of an outcome compared with the next one
_REMEMBERED = 200  # outcomes; older ones weigh under 2%
_STEPS = 3
_USUAL_CHARS = 10.0  # of a suggestion whose length is not known


def offset(outcomes: Sequence[tuple[float, bool]]) -> float:
    """Return what to add to the log-odds of a programmer, given (log-odds without offset, wanted), newest last.

    The most probable intercept of a logistic model under a normal prior, by Newton's method; an outcome counts less
    the longer ago it is.
    """
    recent = outcomes[-_REMEMBERED:]
    weights = [_FADING**age for age in range(len(recent) - 1, -1, -1)]
    found = 0.0
    for _ in range(_STEPS if recent else 0):
        slope, bend = -found / _SPREAD, 1 / _SPREAD
        for (log_odds, wanted), weight in zip(recent, weights, strict=True):
            probability = sigmoid(log_odds + found)
            slope += weight * (wanted - probability)
            bend += weight * probability * (1 - probability)
        found += slope / bend
    return found


def adapted(log_odds: Sequence[float], rows: Sequence[Row]) -> list[float]:
    """Return the log-odds of `rows` with the offset that each programmer's earlier rows give, predicted before learned.

    A row learns from those whose outcome was known by its time, and that tell something; rows without a time are left
    as they are.
    """
    result = list(log_odds)
    by_group: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        if row.at is not None:
            by_group.setdefault(row.user or row.group, []).append(number)
    for numbers in by_group.values():
        told = sorted((rows[number].known_at or 0.0, number) for number in numbers if _tells(rows[number]))
        moments = [moment for moment, _ in told]
        outcomes = [(log_odds[number], rows[number].wanted) for _, number in told]
        for number in numbers:
            result[number] += offset(outcomes[: bisect_right(moments, rows[number].at or 0.0)])
    return result


def _tells(row: Row) -> bool:
    """Say whether there is an outcome to learn from, and one that came after the suggestion."""
    return row.tells and row.at is not None and row.known_at is not None and row.known_at > row.at


class AdaptiveScorer:
    """A trained gate that goes along with its user; implements the port `ExplainingScorer`.

    Both kinds of cascade have an offset of their own for each stage.
    """

    def __init__(self, base: TreeScorer) -> None:
        self.base = base
        self._outcomes: dict[str, dict[str, tuple[float | None, float, bool]]] = {}  # by kind and suggestion
        self._offsets: Mapping[tuple[str, int], float] = {}

    def learn(self, suggestion_id: str, stage1: Features | None, stage2: Features, wanted: bool) -> None:
        """Take in whether a suggestion was wanted; said again of the same suggestion, the later word counts."""
        self._take(suggestion_id, stage1, stage2, wanted)
        self._settle(kind_of(stage2))

    def remember(self, rows: Sequence[Row]) -> None:
        """Take in what was learned in earlier sessions, oldest first."""
        for number, row in enumerate(rows[-_REMEMBERED:]):
            if row.stage2 is not None:
                self._take(f"earlier {number}", row.stage1, row.stage2, row.wanted)
        for kind in self._outcomes:
            self._settle(kind)

    def _take(self, suggestion_id: str, stage1: Features | None, stage2: Features, wanted: bool) -> None:
        outcomes = self._outcomes.setdefault(kind_of(stage2), {})
        first = None if stage1 is None else self.base.log_odds(1, stage1)
        outcomes[suggestion_id] = (first, self.base.log_odds(2, stage2), wanted)
        if len(outcomes) > _REMEMBERED:
            del outcomes[next(iter(outcomes))]

    def _settle(self, kind: str) -> None:
        known = list(self._outcomes[kind].values())
        ones = [(log_odds, wanted) for log_odds, _, wanted in known if log_odds is not None]
        twos = [(log_odds, wanted) for _, log_odds, wanted in known]
        self._offsets = {**self._offsets, (kind, 1): offset(ones), (kind, 2): offset(twos)}

    def score_stage1(self, features: Features) -> float:
        """Return the probability before anything was generated that a suggestion will come and be wanted."""
        return self._score(1, features)

    def score_stage2(self, features: Features) -> float:
        """Return the probability that the suggestion in hand is wanted."""
        return self._score(2, features)

    def threshold(self, stage: int, max_lost: float, features: Features) -> float:
        """Return the least score that passes `stage` where the share `max_lost` may be lost; see `Scorer`.

        It moves with the scores: what was promised of the gate as trained is what it hides, whoever uses it.
        """
        promised = self.base.threshold(stage, max_lost, features)
        by = self._offset(stage, features)
        if stage == 1:
            return _moved(promised, by)
        length = features.values["length"]
        chars = _USUAL_CHARS if isnan(length) else expm1(length)
        return comparable(_moved(least_score(promised, chars), by), chars)

    def contributions(self, stage: int, features: Features) -> Sequence[tuple[str, float]]:
        """Return how much each feature moved the score of `stage`, in log-odds before calibration."""
        return self.base.contributions(stage, features)

    def _score(self, stage: int, features: Features) -> float:
        return sigmoid(self.base.log_odds(stage, features) + self._offset(stage, features))

    def _offset(self, stage: int, features: Features) -> float:
        return self._offsets.get((kind_of(features), stage), 0.0)


def _moved(score: float, by: float) -> float:
    """Return `score` with `by` added to its log-odds; 0 and 1 stay what they are."""
    return sigmoid(log(score / (1 - score)) + by) if 0 < score < 1 else score
