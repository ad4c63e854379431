"""When the editor is idle, the tests near open files are measured, so that a later verification knows what runs what.

This decides when and for which files; the worker process does it, at the lowest priority (see `verify/learn.py`). It is
done only in folders that are trusted already: nobody is asked.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

__all__ = ["Measuring"]

_IDLE_S = 5.0  # without an edit or a verification, before something is measured


class Measuring:
    """Files that wait for an idle moment; `measure` is then called for each."""

    def __init__(
        self,
        measure: Callable[[str], Coroutine[Any, Any, None]],
        spawn: Callable[[Coroutine[Any, Any, None], str], object],
        clock: Callable[[], float],
        idle_s: float = _IDLE_S,
    ) -> None:
        """`clock` returns monotonic seconds; `spawn` runs a coroutine in the background."""
        self._measure = measure
        self._spawn = spawn
        self._clock = clock
        self._idle_s = idle_s
        self._stirred_at = 0.0
        self._waiting: dict[str, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def add(self, uri: str) -> None:
        """Have the tests near a file measured in the next idle moment."""
        self._waiting[uri] = None
        self.stir()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._idle_s, self._look)

    def stir(self) -> None:
        """Note that the user does something just now."""
        self._stirred_at = self._clock()

    def drop(self, uri: str) -> None:
        """Forget a file that was closed."""
        self._waiting.pop(uri, None)

    def stop(self) -> None:
        """Forget all."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        left = self._stirred_at + self._idle_s - self._clock()
        if left > 0 and self._waiting:
            self._timer = asyncio.get_running_loop().call_later(left, self._look)
            return
        self._timer = None
        waiting, self._waiting = self._waiting, {}
        for uri in waiting:
            self._spawn(self._measure(uri), "measuring tests")
