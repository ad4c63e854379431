"""What the core needs from outside, as protocols; adapters elsewhere implement them and only these are awaited."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from tactful.core.types import (
    Completion,
    CompletionRequest,
    Decision,
    EgressEntry,
    Features,
    Outcome,
    Prompt,
    Skipped,
)

__all__ = ["Backend", "Clock", "Egress", "ExplainingScorer", "ForeseeingBackend", "PromptSource", "Scorer", "Store"]


class Backend(Protocol):
    """A source of completions."""

    async def complete(self, request: CompletionRequest) -> Sequence[Completion]:
        """Return candidates, best first; empty when there is nothing to say. Raises BackendError."""
        ...


@runtime_checkable
class ForeseeingBackend(Backend, Protocol):
    """A backend whose answers cost something, and that knows when one costs nothing."""

    def is_at_hand(self, request: CompletionRequest) -> bool:
        """Say whether the answer is known or on its way."""
        ...


class PromptSource(Protocol):
    """What gathers the text around the cursor and from the workspace for a model."""

    async def gather(self, request: CompletionRequest, budget_chars: int) -> Prompt | Skipped:
        """Return what may be sent, in at most `budget_chars` characters, or why nothing may be sent at all."""
        ...


class Egress(Protocol):
    """The record of what left the machine. Never raises and never blocks: trouble is logged once."""

    def record(self, entry: EgressEntry) -> None:
        """Write down one request."""
        ...


class Scorer(Protocol):
    """A trained gate: probability that a suggestion is wanted, in [0, 1]."""

    def score_stage1(self, features: Features) -> float:
        """Return the probability before anything was generated."""
        ...

    def score_stage2(self, features: Features) -> float:
        """Return the probability with the suggestion in hand."""
        ...

    def threshold(self, stage: int, max_lost: float, features: Features) -> float:
        """Return the score below which `stage` (1 or 2) may end a request, 0 where nothing can be promised.

        With it at most the share `max_lost` of the wanted suggestions is hidden. That of stage 2 is for a comparable
        score, see `tactful.core.utility`.
        """
        ...


@runtime_checkable
class ExplainingScorer(Scorer, Protocol):
    """A scorer that can also say what made a score high or low."""

    def contributions(self, stage: int, features: Features) -> Sequence[tuple[str, float]]:
        """Return how much each feature moved the score of `stage` (1 or 2), in log-odds, where it did."""
        ...


class Store(Protocol):
    """The memory of decisions and of what became of them. Never raises and never blocks: trouble is logged once."""

    def record_decision(self, decision: Decision) -> None:
        """Remember a decision, shown or skipped."""
        ...

    def record_outcome(self, suggestion_id: str, outcome: Outcome, at: float, accepted_chars: int) -> None:
        """Remember what became of a suggestion; `at` in seconds since the epoch."""
        ...

    def record_survival(self, suggestion_id: str, after_s: int, kept_fraction: float) -> None:
        """Remember how much of an accepted text (in [0, 1]) was still there `after_s` seconds later."""
        ...


class Clock(Protocol):
    """Time, given from outside so that tests can set it."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        ...

    def monotonic(self) -> float:
        """Return seconds since some fixed moment; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let that time pass."""
        ...
