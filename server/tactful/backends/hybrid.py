"""Engine and model together: who answers, and who steps in when the other cannot.

Knows ports only. In mode "model" the model answers whenever it can be used. In mode "hybrid" the engine answers at once
where it is sure: its probabilities are calibrated (docs/engine.md), so that "sure" is a promise. In both the engine
takes over while the model is unavailable, and the model comes back by itself.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from tactful.core.errors import BackendError, BackendUnavailable
from tactful.core.ports import Backend, ForeseeingBackend
from tactful.core.types import Completion, CompletionRequest

__all__ = ["SURE", "HybridBackend"]

SURE = 0.8  # four of five such lines are exactly what is written next; below, a model is worth its wait


class HybridBackend:
    """One source of completions made of two."""

    def __init__(self, *, engine: Backend, model: ForeseeingBackend, engine_first: bool) -> None:
        self._engine = engine
        self._model = model
        self._engine_first = engine_first

    def is_at_hand(self, request: CompletionRequest) -> bool:
        """Say whether the model's answer is known or on its way."""
        return self._model.is_at_hand(request)

    async def complete(self, request: CompletionRequest) -> Sequence[Completion]:
        """Return candidates, best first. Raises BackendError when neither has an answer."""
        if not self._engine_first or self._model.is_at_hand(request):
            return await self._from_model(request)
        found: Sequence[Completion] = ()
        with suppress(BackendError):
            found = await self._engine.complete(request)
        if found and found[0].probability >= SURE:
            return found
        try:
            written = await self._model.complete(request)
        except BackendError:
            if found:
                return found
            raise
        return _together(written, found, request.max_candidates)

    async def _from_model(self, request: CompletionRequest) -> Sequence[Completion]:
        try:
            return await self._model.complete(request)
        except BackendUnavailable as unavailable:
            try:
                return await self._engine.complete(request)
            except BackendError:
                raise unavailable from None


def _together(written: Sequence[Completion], found: Sequence[Completion], most: int) -> Sequence[Completion]:
    """Return the model's candidates, then the engine's; a text that both have counts once, with the better probability.

    Two sources that agree are more likely right than either says: the engine's probability is the calibrated one.
    """
    of_engine = {completion.text: completion for completion in found}
    merged = [_agreed(each, of_engine.pop(each.text, None)) for each in written]
    return tuple([*merged, *of_engine.values()][: max(most, 1)])


def _agreed(written: Completion, found: Completion | None) -> Completion:
    if found is None:
        return written
    known = [each for each in (written.probability, found.probability) if each == each]
    return replace(written, probability=max(known))
