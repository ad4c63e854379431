"""Progress of a long job in the editor, which the user can cancel there."""

import asyncio
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

__all__ = ["Report", "progress"]

Report = Callable[[str, float | None], None]

_CREATE_TIMEOUT_S = 2.0


async def progress(server: LanguageServer, title: str, *, cancellable: bool) -> "Progress":
    """Begin a progress in the editor; silent where the editor shows none. Use the result in a `with` statement."""
    token = str(uuid.uuid4())
    window = server.client_capabilities.window
    if window is None or not window.work_done_progress:
        return Progress(server, None)
    try:
        await asyncio.wait_for(server.work_done_progress.create_async(token), _CREATE_TIMEOUT_S)
    except Exception:  # noqa: BLE001 a client that refuses the token, in whatever way, just gets no progress
        return Progress(server, None)
    begin = types.WorkDoneProgressBegin(title=title, cancellable=cancellable, percentage=0)
    server.work_done_progress.begin(token, begin)
    return Progress(server, token)


class Progress:
    """A running progress; leaving it ends it in the editor and frees its token."""

    def __init__(self, server: LanguageServer, token: str | None) -> None:
        self._server = server
        self._token = token
        self._last: tuple[str, int | None] = ("", None)

    def report(self, message: str, fraction: float | None) -> None:
        """Show `message`, and how far the job is (in [0, 1], None where nobody can say)."""
        percentage = None if fraction is None else round(100 * min(max(fraction, 0.0), 1.0))
        if self._token is None or (message, percentage) == self._last:
            return
        self._last = (message, percentage)
        value = types.WorkDoneProgressReport(message=message, percentage=percentage)
        self._server.work_done_progress.report(self._token, value)

    @contextmanager
    def cancelling(self, task: "asyncio.Task[Any] | None") -> Iterator[None]:
        """Cancel `task` when the user cancels the progress."""
        future = self._server.work_done_progress.tokens.get(self._token) if self._token else None
        if future is not None and task is not None:
            future.add_done_callback(lambda done: task.cancel() if done.cancelled() else None)
        yield

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            self._server.work_done_progress.end(self._token, types.WorkDoneProgressEnd())
            self._server.work_done_progress.tokens.pop(self._token, None)
