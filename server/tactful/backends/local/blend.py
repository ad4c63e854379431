"""Evidence to probabilities: which token comes next.

Longer contexts and nearer layers are trusted more. This module knows evidence; it must not know lines or text.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tactful.backends.local.evidence import Evidence, Layer

__all__ = ["Candidate", "blend"]

_TRUST = {  # how much a layer's word counts against what is known without it
    Layer.BEFORE: 1.0,
    Layer.AFTER: 1.0,
    Layer.NEARBY: 0.8,
    Layer.WORKSPACE: 0.7,
    Layer.PACKAGES: 0.4,
    Layer.STDLIB: 0.3,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A next token, the blanks before it, and how sure the engine is; `evidence` is the best reason for it."""

    raw: int
    probability: float
    evidence: Evidence


def blend(evidence: Sequence[Evidence]) -> list[Candidate]:
    """Return the next tokens that the evidence speaks for, most probable first.

    Interpolation in the manner of Witten and Bell: each answer, from the least to the most trusted, takes a share of
    the probability that grows with what it saw and shrinks with how many different tokens it saw.
    """
    probabilities: dict[int, float] = defaultdict(float)
    reasons: dict[int, Evidence] = {}
    blanks: dict[int, int] = {}
    for item in sorted(evidence, key=lambda item: (item.order, -item.layer)):
        tokens: dict[int, int] = defaultdict(int)
        for raw, count in sorted(item.counts.items(), key=lambda entry: entry[1]):
            tokens[raw >> 2] += count
            blanks[raw >> 2] = raw & 3
        weight = _TRUST[item.layer] * item.read / (item.read + len(tokens))
        for token in probabilities:
            probabilities[token] *= 1 - weight
        for token, count in tokens.items():
            probabilities[token] += weight * count / item.read
            reasons[token] = item
    ranked = sorted(probabilities.items(), key=lambda entry: -entry[1])
    return [Candidate(token << 2 | blanks[token], probability, reasons[token]) for token, probability in ranked]
