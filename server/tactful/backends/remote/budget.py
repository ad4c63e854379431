"""What a model may cost in an hour: requests, tokens, money. Pure: the time is given.

Tokens are counted as they come; those of prompts are estimated at three bytes each, which for code is rather too many
than too few.
"""

from collections import deque
from dataclasses import dataclass
from math import ceil

__all__ = ["Budget", "Limits", "Spending", "estimated_tokens"]

_HOUR_S = 3600.0
_BYTES_PER_TOKEN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most for one hour, 0 for no limit; prices are for a million tokens, in the currency of `cost`."""

    requests: float = 0.0
    tokens: float = 0.0
    cost: float = 0.0
    price_in: float = 0.0
    price_out: float = 0.0


@dataclass(slots=True)
class Spending:
    """One request: when it was sent, and what it cost or may still cost at most."""

    at: float
    tokens_in: int
    tokens_out: int


class Budget:
    """What was spent in the last hour."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._spent: deque[Spending] = deque()

    def why_not(self, now: float, tokens_in: int, tokens_out: int) -> str | None:
        """Return which limit a request of so many tokens would break, None if it may be sent."""
        self._forget(now)
        limits = self._limits
        tokens = sum(each.tokens_in + each.tokens_out for each in self._spent)
        cost = sum(self._cost(each.tokens_in, each.tokens_out) for each in self._spent)
        if limits.requests and len(self._spent) + 1 > limits.requests:
            return self._sentence(f"{limits.requests:g} requests", "requestsPerHour")
        if limits.tokens and tokens + tokens_in + tokens_out > limits.tokens:
            return self._sentence(f"{limits.tokens:g} tokens", "tokensPerHour")
        if limits.cost and cost + self._cost(tokens_in, tokens_out) > limits.cost:
            return self._sentence(f"{limits.cost:g} in money", "costPerHour")
        return None

    def share_spent(self, now: float) -> float:
        """Return how much of the tightest limit is used up, in [0, 1]; 0 without limits."""
        self._forget(now)
        limits = self._limits
        tokens = sum(each.tokens_in + each.tokens_out for each in self._spent)
        cost = sum(self._cost(each.tokens_in, each.tokens_out) for each in self._spent)
        pairs = ((len(self._spent), limits.requests), (tokens, limits.tokens), (cost, limits.cost))
        return max(min(1.0, used / limit) if limit else 0.0 for used, limit in pairs)

    def reserve(self, now: float, tokens_in: int, tokens_out: int) -> Spending:
        """Book a request with the most it may cost; `settle` corrects it."""
        spending = Spending(now, tokens_in, tokens_out)
        self._spent.append(spending)
        return spending

    def settle(self, spending: Spending, tokens_out: int) -> None:
        """Book what was really generated."""
        spending.tokens_out = tokens_out

    def _cost(self, tokens_in: int, tokens_out: int) -> float:
        return (tokens_in * self._limits.price_in + tokens_out * self._limits.price_out) / 1e6

    def _forget(self, now: float) -> None:
        while self._spent and now - self._spent[0].at >= _HOUR_S:
            self._spent.popleft()

    def _sentence(self, what: str, setting: str) -> str:
        return f"The model's budget of {what} an hour is used up (`backend.{setting}`)."


def estimated_tokens(size_bytes: int) -> int:
    """Return about how many tokens a text of this size is."""
    return ceil(size_bytes / _BYTES_PER_TOKEN)
