"""The one place where an unexpected exception of a handler ends: it is logged without the user's text, and answered.

An exception's own message may quote source text, so only its type and the places in this program are written down.
"""

import asyncio
import inspect
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tactful.core.errors import TactfulError

__all__ = ["guarded", "log_failure", "log_loop_failure"]

_log = logging.getLogger(__name__)


def guarded(handler: Callable[..., Any], server: Any, fallback: Callable[[], Any]) -> Callable[..., Any]:
    """Return `handler` bound to `server`; a failure answers `fallback()`, a cancellation passes through."""
    if inspect.iscoroutinefunction(handler):

        async def bound_async(*args: Any) -> Any:
            try:
                return await handler(server, *args)
            except Exception as error:  # noqa: BLE001 the documented guard: nothing may reach the client
                log_failure(handler.__name__, error)
                return fallback()

        return bound_async

    def bound(*args: Any) -> Any:
        try:
            return handler(server, *args)
        except Exception as error:  # noqa: BLE001 the documented guard: nothing may reach the client
            log_failure(handler.__name__, error)
            return fallback()

    return bound


def log_failure(what: str, error: BaseException) -> None:
    """Log type and place of an error; its message only where it is one of Tactful's own, which hold no source text."""
    if isinstance(error, BrokenPipeError):
        _log.info("%s: the client went away", what)
        return
    said = f": {error}" if isinstance(error, TactfulError) else ""
    _log.error("%s failed: %s%s", what, _where(error), said)


def log_loop_failure(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what a background task of the event loop let through, for `loop.set_exception_handler`."""
    error = context.get("exception")
    if isinstance(error, BaseException) and not isinstance(error, asyncio.CancelledError):
        log_failure("a background task", error)


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} at {places}"
