"""How another gate would have done, estimated from what this one logged.

The gate shows a share of what it would hide, and logs the probability p with which it showed each suggestion. A shown
suggestion that another policy would show as well counts 1/p times: self-normalised inverse propensity scoring
(Swaminathan and Joachims, "The Self-Normalized Estimator for Counterfactual Learning", NIPS 2015).

Suggestions of one session resemble one another. So the variance is that of a ratio over sessions (Cochran, "Sampling
Techniques", 1977, section 6.8), and the interval is Wilson's with the number of independent suggestions that would have
this variance, at most the effective sample size (sum w)^2 / sum w^2 (Kish, "Survey Sampling", 1965).

Knows numbers only. Sessions are given as anything that can be compared.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

__all__ = ["LEAST_EFFECTIVE", "LEAST_SESSIONS", "Estimate", "PolicyLog", "together"]

LEAST_SESSIONS = 10
LEAST_EFFECTIVE = 30.0
_Z = 1.96  # 95%


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a policy would have done; shares in [0, 1] with a 95% interval."""

    shown: float  # suggestions it would have shown
    kept_share: float
    low: float
    high: float
    effective: float  # independent suggestions that the weighted ones are worth
    sessions: int


@dataclass(slots=True)
class _Sums:
    """What one session adds: of all that is in the log, and of those whose outcome is known."""

    shown: float = 0.0
    weight: float = 0.0
    kept: float = 0.0
    squares: float = 0.0


@dataclass(slots=True)
class PolicyLog:
    """What was logged of suggestions that other policies would show, summed by session."""

    sessions: dict[Hashable, _Sums] = field(default_factory=dict)

    def add(self, session: Hashable, propensity: float, kept: bool | None) -> None:
        """Take in a suggestion that was shown with probability `propensity`.

        `kept` is None where it is not known what became of it. Raises ValueError unless 0 < propensity <= 1.
        """
        if not 0 < propensity <= 1:
            raise ValueError(f"what was shown has a propensity above 0 and at most 1, not {propensity}")
        sums = self.sessions.get(session)
        if sums is None:
            sums = self.sessions[session] = _Sums()
        weight = 1 / propensity
        sums.shown += weight
        if kept is not None:
            sums.weight += weight
            sums.kept += weight * kept
            sums.squares += weight * weight

    def drop(self, sessions: Iterable[Hashable]) -> None:
        """Leave some sessions out."""
        for session in sessions:
            self.sessions.pop(session, None)


def together(logs: Iterable[PolicyLog]) -> Estimate | None:
    """Return how a policy would have done that shows all that is in `logs`; None where that is too little to tell."""
    sessions = tuple(_added(logs).values())
    judged = [sums for sums in sessions if sums.weight]
    weight = sum(sums.weight for sums in judged)
    effective = weight * weight / sum(sums.squares for sums in judged) if judged else 0.0
    if len(judged) < LEAST_SESSIONS or effective < LEAST_EFFECTIVE:
        return None
    share = sum(sums.kept for sums in judged) / weight
    effective = min(effective, _independent(judged, share, weight))
    low, high = _wilson(share, effective)
    shown = sum(sums.shown for sums in sessions)
    return Estimate(shown=shown, kept_share=share, low=low, high=high, effective=effective, sessions=len(judged))


def _added(logs: Iterable[PolicyLog]) -> Mapping[Hashable, _Sums]:
    added: dict[Hashable, _Sums] = {}
    for log in logs:
        for session, sums in log.sessions.items():
            total = added.setdefault(session, _Sums())
            total.shown += sums.shown
            total.weight += sums.weight
            total.kept += sums.kept
            total.squares += sums.squares
    return added


def _independent(sessions: Sequence[_Sums], share: float, weight: float) -> float:
    """Return how many independent suggestions have the variance that the sessions show."""
    count = len(sessions)
    variance = count / (count - 1) * sum((sums.kept - share * sums.weight) ** 2 for sums in sessions) / weight**2
    return share * (1 - share) / variance if variance > 0 and 0 < share < 1 else float("inf")


def _wilson(share: float, count: float) -> tuple[float, float]:
    """Return the score interval of a share of `count` independent ones (Wilson, 1927)."""
    middle = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    half = _Z / (1 + _Z**2 / count) * sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)
