"""Recorded decisions of programmers (one JSON object a line) as rows to learn from.

Knows: the format, in which every field but `accepted` may be missing. Each decision gives `user`, `prefix` and `suffix`
(text before and after the cursor), `suggestion`, `accepted`, `shown_at` and `decided_at` (seconds), `measurements` with
`meanLogProb` and `numTokens`. A decision sees only earlier decisions of its user, and of those only what had happened
by the time it was shown.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from math import exp, isfinite, nan
from typing import Any

from tactful.acceptance.rows import Row
from tactful.core.context import context_at
from tactful.core.features import stage1_features, stage2_features
from tactful.core.labels import BLINK_S
from tactful.core.syntax import parse
from tactful.core.text import open_document
from tactful.core.types import Completion, CursorContext, Features, History, Outcome, Rhythm

__all__ = ["read_decisions", "rows_of_decisions"]

# Unknown where the recording holds nothing of the text behind the cursor, or no single log-probabilities.
_NEEDS_SUFFIX = (
    "line_after_length",
    "line_after_closes_only",
    "line_after_word",
    "lines_after",
    "document_length",
    "common_with_next_line",
    "repeats_line_after",
)
_NEEDS_TOKENS = ("least_logprob", "first_logprob")
_URI = "decision:"
_KEPT = 10  # outcomes that a history holds, as in the server


def read_decisions(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Return the decisions that `lines` of JSON hold; blank lines are passed over.

    Raises ValueError, with the number of the line, where one is not a decision.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            decision = json.loads(line)
        except ValueError:
            raise ValueError(f"line {number} is not valid JSON") from None
        if not isinstance(decision, dict) or not isinstance(decision.get("accepted"), bool):
            raise ValueError(f"line {number} is not a decision: `accepted` must be true or false")
        yield decision


def rows_of_decisions(decisions: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """Return a row for each decision that has a suggestion, grouped by user."""
    earlier: dict[str, list[Mapping[str, Any]]] = {}
    for decision in decisions:
        user = str(decision.get("user", ""))
        if _text(decision, "suggestion"):
            yield _row(decision, user, earlier.get(user, []))
        earlier.setdefault(user, []).append(decision)


def _row(decision: Mapping[str, Any], user: str, earlier: list[Mapping[str, Any]]) -> Row:
    ctx = _context(decision, _history(decision, earlier))
    completion = _completion(decision)
    unknown = _NEEDS_TOKENS if "suffix" in decision else _NEEDS_SUFFIX + _NEEDS_TOKENS
    return Row(
        group=user,
        stage1=_without(stage1_features(ctx), unknown),
        stage2=_without(stage2_features(ctx, completion), unknown),
        wanted=decision["accepted"],
        length=len(completion.text),
        at=_number(decision, "shown_at"),
        known_at=_number(decision, "decided_at"),
        tells=_outcome(decision) is not Outcome.UNSEEN,
    )


def _context(decision: Mapping[str, Any], history: History) -> CursorContext:
    prefix = _text(decision, "prefix")
    language_id = _text(decision, "language") or "python"
    document = open_document(_URI, language_id, 1, prefix + _text(decision, "suffix"))
    tree = parse(document, None)
    return context_at(
        document,
        len(prefix),
        path=None,
        automatic=True,
        tree=tree,
        rhythm=Rhythm(),
        history=history,
        asks_model=_source(decision) == "model",
    )


def _source(decision: Mapping[str, Any]) -> str:
    return _text(decision, "source") or "model"


def _completion(decision: Mapping[str, Any]) -> Completion:
    measured = decision.get("measurements")
    measurements = measured if isinstance(measured, Mapping) else {}
    mean, tokens = _number(measurements, "meanLogProb"), _number(measurements, "numTokens")
    known = mean is not None and tokens is not None and 0 < tokens < 10_000
    logprobs = (mean,) * int(tokens) if known and mean is not None and tokens is not None else ()
    return Completion(
        text=_text(decision, "suggestion"),
        probability=exp(min(0.0, sum(logprobs))) if logprobs else nan,
        token_logprobs=logprobs,
        source=_source(decision),
    )


def _history(decision: Mapping[str, Any], earlier: list[Mapping[str, Any]]) -> History:
    now = _number(decision, "shown_at")
    if now is None:
        return History()
    known = [past for past in earlier if (decided := _number(past, "decided_at")) is not None and decided <= now]
    accepted = [past["decided_at"] for past in known if past["accepted"]]
    shown = [at for past in known if (at := _number(past, "shown_at")) is not None]
    rejected = [_text(past, "suggestion") for past in known if not past["accepted"]]
    return History(
        outcomes=tuple(map(_outcome, known[-_KEPT:])),
        s_since_last_shown=now - max(shown) if shown else None,
        s_since_last_accepted=now - max(accepted) if accepted else None,
        s_since_last_ended=now - max(past["decided_at"] for past in known) if known else None,
        last_uri=_URI if known else "",
        before_last=_text(known[-1], "prefix") + _taken(known[-1]) if known else "",
        last_rejected=rejected[-1] if rejected else "",
    )


def _taken(decision: Mapping[str, Any]) -> str:
    return _text(decision, "suggestion") if decision["accepted"] else ""


def _outcome(decision: Mapping[str, Any]) -> Outcome:
    if decision["accepted"]:
        return Outcome.ACCEPTED
    shown, decided = _number(decision, "shown_at"), _number(decision, "decided_at")
    too_fast = shown is not None and decided is not None and decided - shown < BLINK_S
    return Outcome.UNSEEN if too_fast else Outcome.REJECTED


def _without(features: Features, names: tuple[str, ...]) -> Features:
    unknown = {name: nan for name in names if name in features.values}
    return replace(features, values={**features.values, **unknown})


def _text(decision: Mapping[str, Any], key: str) -> str:
    value = decision.get(key)
    return value if isinstance(value, str) else ""


def _number(values: Mapping[str, Any], key: str) -> float | None:
    value = values.get(key)
    usable = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    return float(value) if usable and value is not None else None
