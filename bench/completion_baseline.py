"""The yardstick for the engine: plain longest-suffix matching, greedy to the end of the line.

The longest context that was seen decides, the nearest layer first on a tie; the most frequent follower is taken.
"""

import math

from tactful.backends.local.evidence import Evidence, Layer
from tactful.backends.local.sight import Sight
from tactful.backends.local.tokens import is_line_token
from tactful.core.types import Completion

__all__ = ["longest_suffix"]

_MAX_TOKENS = 30


def longest_suffix(sight: Sight) -> Completion | None:
    """Return the rest of the line as the longest matches have it."""
    typed: list[int] = []
    text = ""
    logprob = 0.0
    texts = sight.vocabulary.texts
    for _ in range(_MAX_TOKENS):
        word = "" if typed else sight.cursor.word
        context = (*sight.context, *typed)
        evidence = [item for layer in (*sight.memory, *sight.disk) for item in layer.evidence(context, 400)]
        best = _longest(evidence, word, texts)
        if best is None:
            return None
        raw, share = best
        logprob += math.log(share)
        if is_line_token(raw >> 2):
            break
        glued = bool(word) or (not typed and (sight.cursor.blank_before or not sight.cursor.line_before.strip()))
        text += "" if glued else " " * min(raw & 3, 2)
        text += texts[raw >> 2]
        typed.append(raw >> 2)
    text = text[len(sight.cursor.word) :]
    return Completion(text=text, probability=math.exp(logprob)) if text.strip() else None


def _longest(evidence: list[Evidence], word: str, texts: list[str]) -> tuple[int, float] | None:
    for item in sorted(evidence, key=lambda item: (-item.order, item.layer)):
        if item.layer > Layer.STDLIB:
            continue
        counts = {raw: count for raw, count in item.counts.items() if texts[raw >> 2].startswith(word)}
        if counts:
            raw = max(counts, key=counts.__getitem__)
            return raw, counts[raw] / sum(counts.values())
    return None
