"""The gate: whether a suggestion is worth generating (stage 1) and worth showing (stage 2), and why.

A suggestion is hidden when two things come together: showing it would cost more time than it saves (`utility`), and the
promise allows it, that at most a certain share of the wanted suggestions gets lost.

Knows: scores, thresholds, modes, the words for what spoke against a suggestion. Must not know: how a score is computed,
the clock, randomness (the draw for exploration is given).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import expm1
from typing import Literal

from tactful.core.delay import wait_ms
from tactful.core.ports import ExplainingScorer, Scorer
from tactful.core.types import Features
from tactful.core.utility import USUAL_PACE, Pace, break_even, least_score

__all__ = ["GatePolicy", "GateVerdict", "Mode", "shows", "spoken_against", "stage1", "stage2"]

Mode = Literal["off", "eager", "balanced", "quiet"]

# How the modes scale what may be lost, how dear a second of reading is, and how long uncertain suggestions wait.
_LOST = {"eager": 0.2, "balanced": 1.0, "quiet": 3.0}
_CAUTION = {"eager": 0.5, "balanced": 1.0, "quiet": 2.0}
_MOST_LOST = 0.5
_PATIENCE = {"eager": 0.5, "balanced": 1.0, "quiet": 1.5}
_TYPICAL_CHARS = 10  # before anything is generated


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePolicy:
    """How the gate decides.

    `max_lost` is the share of wanted suggestions that mode balanced may hide; `exploration` the share of hidden ones
    that are shown all the same, to learn; `pace` the programmer's own; `max_delay_ms` how long the hand has to rest in
    mode balanced before the least certain suggestions appear.
    """

    mode: str = "balanced"
    exploration: float = 0.0
    max_lost: float = 0.05
    max_delay_ms: float = 0.0
    pace: Pace = USUAL_PACE

    @property
    def promise(self) -> float:
        """Return the share of wanted suggestions that may be hidden in this mode."""
        return min(_MOST_LOST, self.max_lost * _LOST.get(self.mode, 0.0))

    @property
    def longest_wait_ms(self) -> float:
        """Return how long the least certain suggestions wait in this mode."""
        return self.max_delay_ms * _PATIENCE.get(self.mode, 0.0)

    @property
    def caution(self) -> float:
        """Return how dear reading is taken in this mode."""
        return _CAUTION.get(self.mode, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateVerdict:
    """What the gate decided.

    `propensity` is the probability with which this policy shows such a suggestion; `wait_ms` how long the hand has to
    rest before it generates (stage 1) or shows (stage 2).
    """

    show: bool
    score: float | None
    threshold: float | None
    reason: str
    propensity: float
    wait_ms: float = 0.0


def stage1(features: Features, scorer: Scorer | None, policy: GatePolicy, draw: float = 1.0) -> GateVerdict:
    """Decide before anything is generated.

    `draw` is a random number in [0, 1): under the policy's exploration the suggestion passes in any case. Give both
    stages of one request the same draw, then the share that is explored is the policy's. Without a scorer the gate is
    open.
    """
    return _decide(1, features, scorer, policy, draw)


def stage2(features: Features, scorer: Scorer | None, policy: GatePolicy, draw: float = 1.0) -> GateVerdict:
    """Decide with the suggestion in hand; see `stage1`."""
    return _decide(2, features, scorer, policy, draw)


def shows(stage: int, score: float, features: Features, scorer: Scorer, policy: GatePolicy) -> bool:
    """Say whether a `score` of `stage` passes, without exploration."""
    return score >= _least(stage, features, scorer, policy)


def spoken_against(stage: int, features: Features, scorer: Scorer) -> str:
    """Say in words what lowered the score of `stage` (1 or 2) most; worked out when somebody asks, not at each key."""
    return ", ".join(_against(stage, features, scorer)) or "nothing speaks for it"


def _decide(stage: int, features: Features, scorer: Scorer | None, policy: GatePolicy, draw: float) -> GateVerdict:
    if policy.mode == "off":
        return GateVerdict(show=True, score=None, threshold=None, reason="the gate is off", propensity=1.0)
    if scorer is None:
        return GateVerdict(show=True, score=None, threshold=None, reason="the gate has no model", propensity=1.0)
    score = scorer.score_stage1(features) if stage == 1 else scorer.score_stage2(features)
    threshold = _least(stage, features, scorer, policy)
    wait = wait_ms(score, _even(stage, features, policy), policy.longest_wait_ms)
    if score >= threshold:
        reason = f"score {_show(score)}, at least {_show(threshold)}"
        return GateVerdict(show=True, score=score, threshold=threshold, reason=reason, propensity=1.0, wait_ms=wait)
    reason = f"score {_show(score)} below {_show(threshold)}"
    explored = draw < policy.exploration
    if explored:
        reason = f"shown to learn from it; {reason}"
    chance = min(1.0, policy.exploration)
    return GateVerdict(show=explored, score=score, threshold=threshold, reason=reason, propensity=chance, wait_ms=wait)


def _least(stage: int, features: Features, scorer: Scorer, policy: GatePolicy) -> float:
    """Return the least score that passes: the break-even, or less where the promise asks for it."""
    promised = scorer.threshold(stage, policy.promise, features)
    if stage == 1:
        return promised
    return min(least_score(promised, _chars(features)), _even(stage, features, policy))


def _even(stage: int, features: Features, policy: GatePolicy) -> float:
    chars = _TYPICAL_CHARS if stage == 1 else _chars(features)
    return break_even(chars, policy.pace, policy.caution)


def _chars(features: Features) -> float:
    return expm1(features.values["length"])


def _show(score: float) -> str:
    return f"{score:.2f}" if score >= 0.01 else f"{score:.4f}"


def _against(stage: int, features: Features, scorer: Scorer) -> list[str]:
    """Return at most two phrases for what lowered the score most, the strongest first."""
    phrases = (_phrase(features, name) for name in _lowering(stage, features, scorer))
    return list(dict.fromkeys(phrase for phrase in phrases if phrase))[:2]


def _lowering(stage: int, features: Features, scorer: Scorer) -> Sequence[str]:
    if not isinstance(scorer, ExplainingScorer):
        return tuple(_PHRASES)
    found = sorted(scorer.contributions(stage, features), key=lambda item: item[1])
    return [name for name, contribution in found if contribution < 0]


def _phrase(features: Features, name: str) -> str | None:
    value = features.values.get(name)
    if value is None or value != value or name not in _PHRASES:
        return None
    applies, phrase = _PHRASES[name]
    return phrase if applies(value) else None


def _below(limit: float) -> Callable[[float], bool]:
    return lambda value: value < limit


def _above(limit: float) -> Callable[[float], bool]:
    return lambda value: value > limit


# Feature -> (when the phrase is true, the phrase). What has no phrase here is not named to people.
_PHRASES: dict[str, tuple[Callable[[float], bool], str]] = {
    "in_comment": (_above(0), "inside a comment"),
    "in_string": (_above(0), "inside a string"),
    "line_after_word": (_above(0), "in the middle of a word"),
    "line_after_length": (_above(0), "text follows on the line"),
    "deletions_in_last_ten": (_above(2), "right after deletions"),
    "engine_probability": (_below(0.6), "low engine confidence"),
    "total_logprob": (_below(-0.5), "low engine confidence"),
    "mean_logprob": (_below(-0.2), "low engine confidence"),
    "least_logprob": (_below(-0.5), "low engine confidence"),
    "first_logprob": (_below(-0.5), "low engine confidence"),
    "match_length": (_below(3), "little context matched"),
    "context_seen": (_below(1.2), "its context was seen only once or twice"),
    "tokens": (_above(5), "a long suggestion"),
    "length": (_above(3), "a long suggestion"),
    "words": (_above(3), "a long suggestion"),
    "lines": (_above(1), "several lines at once"),
    "names_known_share": (_below(1), "it uses names that are not near by"),
    "text_seen": (_below(0.1), "its text does not occur in this file"),
    "whole_line_seen": (_below(0.1), "no line like it in this file"),
    "same_as_previous_line": (_above(0), "it repeats the line above"),
    "repeats_line_after": (_above(0), "it repeats what follows"),
    "repeats_itself": (_above(0), "it repeats itself"),
    "source_is_environment": (_above(0), "found only in installed packages"),
    "source_is_workspace": (_above(0), "found only in other files"),
    "recent_wanted_share": (_below(1 / 3), "recent suggestions were not wanted"),
    "refusals_in_a_row": (_above(1), "recent suggestions were not wanted"),
    "last_wanted": (_below(1), "the last suggestion was not wanted"),
    "s_since_last_shown": (_below(2), "another suggestion was shown a moment ago"),
    "ms_since_last_edit": (_below(5), "in the middle of typing"),
    "line_before_blank": (_above(0), "the line is still empty"),
    "words_before": (_below(1), "little of the line is there"),
    "line_before_length": (_below(8), "little of the line is there"),
    "after_equals": (_above(0), "a new value begins"),
    "after_operator": (_above(0), "a new operand begins"),
    "after_open_bracket": (_above(0), "new arguments begin"),
    "after_comma": (_above(0), "a new argument begins"),
    "after_close_bracket": (_above(0), "the line looks complete"),
    "after_colon": (_above(0), "the line looks complete"),
    "after_quote": (_above(0), "next to a quote"),
    "line_is_definition": (_above(0), "a new definition"),
    "node_is_header": (_above(0), "a new definition"),
    "line_has_equals": (_above(0), "a new value"),
    "line_start_seen": (_below(0.1), "no line here begins like this one"),
    "partial_word_length": (_below(2), "hardly a word is typed"),
    "partial_word_seen": (_below(0.1), "a new word"),
    "last_word_seen": (_below(0.1), "a word that is new here"),
    "has_quote": (_above(0), "it invents a text"),
    "has_number": (_above(0), "it invents a number"),
    "in_error": (_above(0), "the line does not parse yet"),
}
