"""Evidence to probabilities: which token comes next.

The trained model decides; where it cannot be read, longer contexts and nearer layers are trusted more. This module
knows evidence; it must not know lines or text.
"""

from collections import defaultdict
from dataclasses import dataclass

from tactful.backends.local.evidence import Evidence
from tactful.backends.local.features import Choice
from tactful.backends.local.model import BlendModel

__all__ = ["Candidate", "blend"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A next token, the blanks before it, and how sure the engine is; `evidence` is the best reason for it, if any."""

    raw: int
    probability: float
    evidence: Evidence | None


def blend(choice: Choice, model: BlendModel | None) -> list[Candidate]:
    """Return the next tokens, most probable first."""
    probabilities = model.probabilities(choice).tolist() if model is not None else _by_rule(choice)
    candidates = map(Candidate, choice.raws, probabilities, choice.reasons)
    return sorted(candidates, key=lambda candidate: -candidate.probability)


def _by_rule(choice: Choice) -> list[float]:
    """Return a probability for each candidate without a model.

    Interpolation in the manner of Witten and Bell: each answer, from the shortest context and farthest layer to the
    longest and nearest, takes a share of the probability that grows with what it saw.
    """
    reasons = {id(reason): reason for reason in choice.reasons if reason is not None}
    probabilities: dict[int, float] = defaultdict(float)
    for item in sorted(reasons.values(), key=lambda item: (item.order, -item.layer)):
        weight = item.read / (item.read + len(item.counts))
        for token in probabilities:
            probabilities[token] *= 1 - weight
        for raw, count in item.counts.items():
            probabilities[raw >> 2] += weight * count / item.read
    return [probabilities[raw >> 2] for raw in choice.raws]
