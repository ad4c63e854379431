"""Scores features with trained trees and linear models, in plain Python.

The server imports this at start-up, so neither numpy nor scikit-learn may be imported here. Must not know: files, JSON,
how a model was trained. Everything that can be wrong with a model is found before one is made, see `artifact`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from tactful.acceptance.promises import NOTHING_PROMISED, Promises
from tactful.core.types import Features

__all__ = [
    "EMBEDDED",
    "MODEL",
    "Cascade",
    "Linear",
    "StageModel",
    "TreeScorer",
    "Trees",
    "interpolate",
    "kind_of",
    "logit",
    "rank",
    "sigmoid",
]

EMBEDDED, MODEL = "embedded", "model"  # kinds of suggestions


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """A boosted ensemble: log-odds are `baseline` plus what every tree adds.

    All nodes of all trees stand in one table, each tree's from its root (`roots`) in preorder. Node i asks for feature
    `feature[i]` and goes left, to node i + 1, where its value is at most `threshold[i]`, else to node `right[i]`; an
    unknown value (NaN) goes left where `missing_left[i]` is 1. A feature of -1 marks a leaf, which adds `value[i]`; for
    other nodes that is the mean of the leaves below, weighted by training rows: what the tree would say here.
    """

    baseline: float
    roots: tuple[int, ...]
    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    missing_left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]

    def log_odds(self, row: Sequence[float]) -> float:
        """Return the log-odds of `row`, whose values stand in the order of the model's names."""
        features, thresholds, rights = self.feature, self.threshold, self.right
        total = self.baseline
        for root in self.roots:
            node = root
            while (feature := features[node]) >= 0:
                value = row[feature]
                if value <= thresholds[node] or (value != value and self.missing_left[node]):
                    node += 1
                else:
                    node = rights[node]
            total += self.value[node]
        return total

    def contributions(self, row: Sequence[float]) -> dict[int, float]:
        """Return how far each feature moved the log-odds: the sum of the steps taken at its nodes.

        Saabas, "Interpreting random forests", 2014.
        """
        moved: dict[int, float] = {}
        for root in self.roots:
            node = root
            while (feature := self.feature[node]) >= 0:
                value = row[feature]
                goes_left = value <= self.threshold[node] or (value != value and self.missing_left[node])
                following = node + 1 if goes_left else self.right[node]
                moved[feature] = moved.get(feature, 0.0) + self.value[following] - self.value[node]
                node = following
        return moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """Logistic regression over ranks: each value becomes its share of training values below it, less one half.

    `knots[i]` are ascending training quantiles of feature i at equal steps of rank (empty: the feature is not used).
    An unknown value has rank 0 and adds `missing[i]` instead.
    """

    intercept: float
    weights: tuple[float, ...]
    missing: tuple[float, ...]
    knots: tuple[tuple[float, ...], ...]

    def log_odds(self, row: Sequence[float]) -> float:
        """Return the log-odds of `row`, whose values stand in the order of the model's names."""
        terms = zip(row, self.weights, self.missing, self.knots, strict=True)
        return self.intercept + sum(_term(*term) for term in terms)

    def contributions(self, row: Sequence[float]) -> dict[int, float]:
        """Return what each feature adds to the log-odds; 0 is the middle of the training values."""
        terms = zip(row, self.weights, self.missing, self.knots, strict=True)
        return {index: _term(*term) for index, term in enumerate(terms)}


@dataclass(frozen=True, slots=True, kw_only=True)
class StageModel:
    """One stage: members whose log-odds are averaged by weight, then calibrated (`calibration_x` -> `_y`).

    `lost_5pct` is the score to hide below where 5% of the wanted may be lost, with a little in reserve, as read from
    training rows scored by models that had not seen their group: what reports compare gates by. Thresholds that hide
    keep their promise with 90% confidence and are stricter, see `promises`.
    """

    names: tuple[str, ...]
    members: tuple[tuple[float, Trees | Linear], ...]
    calibration_x: tuple[float, ...]
    calibration_y: tuple[float, ...]
    lost_5pct: float = 0.0

    def score(self, values: Mapping[str, float]) -> float:
        """Return the calibrated probability in [0, 1]."""
        return sigmoid(self.log_odds(values))

    def log_odds(self, values: Mapping[str, float]) -> float:
        """Return the calibrated log-odds."""
        return interpolate(self.raw_log_odds(values), self.calibration_x, self.calibration_y)

    def raw_log_odds(self, values: Mapping[str, float]) -> float:
        """Return the log-odds before calibration."""
        row = [values[name] for name in self.names]
        return sum(weight * member.log_odds(row) for weight, member in self.members)

    def contributions(self, values: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
        """Return (name, log-odds) for each feature that moved the score."""
        row = [values[name] for name in self.names]
        moved = [0.0] * len(row)
        for weight, member in self.members:
            for index, contribution in member.contributions(row).items():
                moved[index] += weight * contribution
        return tuple((name, by) for name, by in zip(self.names, moved, strict=True) if by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cascade:
    """Two trained stages and what is promised of them."""

    stage1: StageModel
    stage2: StageModel
    promises: Promises = NOTHING_PROMISED

    def stage(self, number: int) -> StageModel:
        """Return stage 1 or 2."""
        return self.stage1 if number == 1 else self.stage2


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeScorer:
    """A gate: a cascade for each kind of suggestions it was trained on; implements the port `ExplainingScorer`.

    What the embedded engine and what a language model suggests is told apart by different features and wanted with
    different shares, so each kind has models of its own. A kind that is missing is scored by the other one.
    """

    cascades: Mapping[str, Cascade]

    def score_stage1(self, features: Features) -> float:
        """Return the probability before anything was generated that a suggestion will come and be wanted."""
        return sigmoid(self.log_odds(1, features))

    def score_stage2(self, features: Features) -> float:
        """Return the probability that the suggestion in hand is wanted."""
        return sigmoid(self.log_odds(2, features))

    def log_odds(self, stage: int, features: Features) -> float:
        """Return the calibrated log-odds of `stage`."""
        return self.cascade(features).stage(stage).log_odds(features.values)

    def threshold(self, stage: int, max_lost: float, features: Features) -> float:
        """Return the least score that passes `stage` where the share `max_lost` may be lost; see `Scorer`."""
        return self.cascade(features).promises.threshold(stage, max_lost)

    def contributions(self, stage: int, features: Features) -> Sequence[tuple[str, float]]:
        """Return how much each feature moved the score of `stage`, in log-odds before calibration."""
        return self.cascade(features).stage(stage).contributions(features.values)

    def cascade(self, features: Features) -> Cascade:
        """Return the cascade for the kind of suggestion that `features` tell of."""
        found = self.cascades.get(kind_of(features))
        return found if found is not None else next(iter(self.cascades.values()))


def kind_of(features: Features) -> str:
    """Return where the suggestion comes from: EMBEDDED or MODEL; before there is one, who is asked for it."""
    values = features.values
    return MODEL if values.get("source_is_model", values.get("asks_model")) == 1 else EMBEDDED


def _term(value: float, weight: float, missing: float, knots: Sequence[float]) -> float:
    if value != value:
        return missing
    return weight * rank(value, knots) if knots else 0.0


def sigmoid(log_odds: float) -> float:
    """Return the probability that belongs to `log_odds`, without overflow."""
    if log_odds >= 0:
        return 1 / (1 + exp(-log_odds))
    odds = exp(log_odds)
    return odds / (1 + odds)


def logit(probability: float) -> float:
    """Return the log-odds of a probability, which is kept a hair away from 0 and 1."""
    kept = min(max(probability, 1e-9), 1 - 1e-9)
    return log(kept / (1 - kept))


def interpolate(x: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    """Return y at `x` on the line through the points, continued at both ends.

    `xs` ascend strictly; there are at least two.
    """
    right = min(max(bisect_right(xs, x), 1), len(xs) - 1)
    x0, x1, y0, y1 = xs[right - 1], xs[right], ys[right - 1], ys[right]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def rank(value: float, knots: Sequence[float]) -> float:
    """Return where `value` stands among training values, from -0.5 to 0.5.

    `knots` ascend and need not differ; within a run of equal knots the middle of the run is taken.
    """
    left, right, steps = bisect_left(knots, value), bisect_right(knots, value), len(knots) - 1
    if left < right:
        return (left + right - 1) / (2 * steps) - 0.5
    if left == 0 or left > steps:
        return -0.5 if left == 0 else 0.5
    below, above = knots[left - 1], knots[left]
    return (left - 1 + (value - below) / (above - below)) / steps - 0.5
