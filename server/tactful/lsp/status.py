"""What the server is doing, in one word for a status bar: told to clients that asked for it, whenever it changes.

Many things may be going on at once; the one that matters most to a person is told. A short thought is not told at all:
a status that flickers at each key is worse than none.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Literal

from lsprotocol import types

__all__ = ["State", "Status", "StatusBoard", "wants_status"]

State = Literal["ready", "indexing", "thinking", "paused", "offline", "modelError"]

_SHORT_THOUGHT_S = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One state, a few words for people, and for "indexing" how far it is, in percent."""

    state: State
    message: str
    percentage: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the parameters of the notification `tactful/status`."""
        return asdict(self)


_READY = Status(state="ready", message="ready")
_THINKING = Status(state="thinking", message="thinking")


class StatusBoard:
    """Everything that is going on, and the one status that is told of it."""

    def __init__(self, tell: Callable[[Status], None]) -> None:
        self._tell = tell
        self._told: Status | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._trouble: Status | None = None
        self._indexing: Status | None = None
        self._thoughts = 0  # that have taken longer than a short one

    def begin(self) -> None:
        """Tell the first status, once the client is ready for it."""
        self._update()

    def indexing(self, fraction: float | None, what: str) -> None:
        """Take in how far the index is, in [0, 1], None where nobody can say."""
        percentage = None if fraction is None else round(100 * min(max(fraction, 0.0), 1.0))
        self._indexing = Status(state="indexing", message=f"indexing {what}", percentage=percentage)
        self._update()

    def indexed(self) -> None:
        """Take in that nothing is being indexed any more."""
        self._indexing = None
        self._update()

    def paused(self, seconds: float) -> None:
        """Take in that nothing will be suggested for so long; 0 ends the pause."""
        if self._pause is not None:
            self._pause.cancel()
        self._pause = asyncio.get_running_loop().call_later(seconds, self._resume) if seconds else None
        self._update()

    def trouble(self, state: Literal["offline", "modelError"], message: str) -> None:
        """Take in that the source of completions does not answer as it should; `message` says what to do."""
        self._trouble = Status(state=state, message=message)
        self._update()

    def well(self) -> None:
        """Take in that the source of completions answers again."""
        self._trouble = None
        self._update()

    @contextmanager
    def thinking(self) -> Iterator[None]:
        """Be thinking for as long as the `with` statement runs."""
        long = False

        def grow_long() -> None:
            nonlocal long
            long = True
            self._thoughts += 1
            self._update()

        timer = asyncio.get_running_loop().call_later(_SHORT_THOUGHT_S, grow_long)
        try:
            yield
        finally:
            timer.cancel()
            if long:
                self._thoughts -= 1
                self._update()

    def stop(self) -> None:
        """Cancel the timer of a pause."""
        if self._pause is not None:
            self._pause.cancel()

    def _resume(self) -> None:
        self._pause = None
        self._update()

    def _update(self) -> None:
        status = self._status()
        if status != self._told:
            self._told = status
            self._tell(status)

    def _status(self) -> Status:
        if self._pause is not None:
            return Status(state="paused", message="paused")
        return self._trouble or self._indexing or (_THINKING if self._thoughts else _READY)


def wants_status(capabilities: types.ClientCapabilities) -> bool:
    """Return whether the client shows the status: its capabilities have `experimental.tactfulStatus`."""
    extra: Any = capabilities.experimental
    wanted = extra.get("tactfulStatus") if isinstance(extra, dict) else getattr(extra, "tactfulStatus", False)
    return bool(wanted)
