"""Why a suggestion was shown or hidden: one sentence, what moved the score most, and how to change it.

Worked out when somebody asks. Must not know: the protocol, how a score is computed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp

from tactful.core.feature_words import feature_value, feature_words
from tactful.core.gate import spoken_against
from tactful.core.ports import ExplainingScorer, Scorer
from tactful.core.types import Decision, Features, Stage

__all__ = ["Explanation", "Weight", "explain"]

_MOST_FIRST = 3  # rows for what led to the outcome, and then for what spoke for the other one
_MOST_THEN = 2
_LEAST_EFFECT = 0.05  # in log-odds; less moves a probability by a percent at most
_HEADLINES = {
    Stage.CONTEXT: "Nothing was asked for",
    Stage.GATE1: "Nothing was generated",
    Stage.BACKEND: "The engine had nothing",
    Stage.POSTPROCESS: "What was generated could not be shown",
    Stage.GATE2: "A suggestion was hidden",
    Stage.SHOWN: "The suggestion was shown",
}
_NEXT_MODE = {"quiet": "balanced", "balanced": "eager", "eager": "off"}
_STRICTER_MODE = {"off": "eager", "eager": "balanced", "balanced": "quiet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What one feature did to the score: odds were multiplied by `odds`, above 1 speaks for the suggestion."""

    feature: str
    words: str
    value: str
    odds: float

    @property
    def effect(self) -> str:
        """Return the effect in words."""
        return f"for it, odds times {self.odds:.2g}" if self.odds > 1 else f"against it, odds times {self.odds:.2g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The answer; `reason` is what the sentence says behind its headline."""

    sentence: str
    reason: str
    weights: Sequence[Weight] = ()
    advice: Sequence[str] = ()

    def markdown(self) -> str:
        """Return all of it as Markdown, the table padded so that it can be read as plain text too."""
        parts = [self.sentence]
        if self.weights:
            parts.append(_table([(each.words, each.value, each.effect) for each in self.weights]))
        if self.advice:
            parts.append("\n".join(f"- {line}" for line in self.advice))
        return "\n\n".join(parts)


def explain(decision: Decision, scorer: Scorer | None) -> Explanation:
    """Say why `decision` came out as it did, in the eyes of `scorer`, the gate that is in use."""
    reason = _reason(decision, scorer)
    source = decision.completion.source if decision.completion else ""
    origin = f" It came from the {source}." if source else ""
    return Explanation(
        sentence=f"{_HEADLINES[decision.stage]}: {reason or 'no reason was given'}.{origin}",
        reason=reason,
        weights=tuple(_weights(decision, scorer)),
        advice=tuple(_advice(decision)),
    )


def _reason(decision: Decision, scorer: Scorer | None) -> str:
    """Return the recorded reason, and for what the gate hid the words for it."""
    stage, features = _scored(decision)
    if decision.stage not in (Stage.GATE1, Stage.GATE2) or scorer is None or features is None:
        return decision.reason
    return f"{decision.reason}: {spoken_against(stage, features, scorer)}"


def _scored(decision: Decision) -> tuple[int, Features | None]:
    """Return the last stage that scored, and what it saw."""
    if decision.stage is Stage.GATE1:
        return 1, decision.stage1_features if decision.stage1_score is not None else None
    if decision.stage in (Stage.GATE2, Stage.SHOWN):
        return 2, decision.stage2_features if decision.stage2_score is not None else None
    return 0, None


def _weights(decision: Decision, scorer: Scorer | None) -> Iterator[Weight]:
    stage, features = _scored(decision)
    if features is None or not isinstance(scorer, ExplainingScorer):
        return
    moved = sorted(scorer.contributions(stage, features), key=lambda item: -abs(item[1]))
    spoken_for = [each for each in moved if each[1] >= _LEAST_EFFECT]
    against = [each for each in moved if each[1] <= -_LEAST_EFFECT]
    first, then = (spoken_for, against) if decision.stage is Stage.SHOWN else (against, spoken_for)
    for name, by in (*first[:_MOST_FIRST], *then[:_MOST_THEN]):
        value = feature_value(name, features.values[name])
        yield Weight(feature=name, words=feature_words(name), value=value, odds=exp(by))


def _advice(decision: Decision) -> Iterator[str]:
    """Say what to do to see more like it, or less."""
    mode = decision.mode
    if decision.stage in (Stage.GATE1, Stage.GATE2):
        if mode in _NEXT_MODE:
            other = _NEXT_MODE[mode]
            yield f"To see more: set `gate.mode` to `{other}` (now `{mode}`), or lower `gate.maxLostAccepts`."
        yield "Asked for by hand, a suggestion is never held back."
    elif decision.stage is Stage.SHOWN:
        if decision.propensity < 1 and decision.automatic:
            yield "It was one of the few that are shown to learn from them: `gate.exploration` set to 0 ends that."
        if mode in _STRICTER_MODE:
            yield f"To see fewer: set `gate.mode` to `{_STRICTER_MODE[mode]}` (now `{mode}`)."
        yield "What you turn down twice at a place does not come back there in this session."
    else:
        yield _ADVICE[decision.stage]


_ADVICE = {
    Stage.CONTEXT: "`languages` switches suggestions on and off by language; the command `tactful.pause` with 0 ends a "
    "pause.",
    Stage.BACKEND: "More is found once the index is built; `tactful doctor` in a terminal says what is in the way.",
    Stage.POSTPROCESS: "Ask by hand for what you turned down before, or begin to type it.",
}


def _table(rows: Sequence[tuple[str, str, str]]) -> str:
    whole = [("what was seen", "value", "effect"), *rows]
    widths = [max(len(row[column]) for row in whole) for column in range(3)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in whole
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])
