"""Shows in the editor how far the engine's index is, and says once when it cannot be kept."""

import asyncio
from typing import TYPE_CHECKING

from tactful.backends.local import EngineStatus
from tactful.lsp.progress import Progress, progress
from tactful.lsp.status import wants_status

if TYPE_CHECKING:
    from tactful.lsp.server import TactfulServer

__all__ = ["IndexProgress"]


class IndexProgress:
    """One progress from the first layer that is built to the last."""

    def __init__(self, server: "TactfulServer") -> None:
        self._server = server
        self._progress: asyncio.Task[Progress] | None = None

    def show(self, status: EngineStatus) -> None:
        """Take in a new status of the engine."""
        if status.phase == "indexing":
            self._server.status.indexing(_fraction(status), status.layer)
            self._report(status)
        elif status.phase != "starting":
            self._server.status.indexed()
            self._finish()
        if status.phase in ("degraded", "failed"):
            self._server.warn_once(status.message)

    def _finish(self) -> None:
        if self._progress is not None:
            self._server.spawn(self._end(self._progress), "ending the progress of the index")
            self._progress = None

    def _report(self, status: EngineStatus) -> None:
        if wants_status(self._server.client_capabilities):
            return  # it is told there
        if self._progress is None:
            begin = progress(self._server, "Tactful: indexing", cancellable=False)
            self._progress = asyncio.ensure_future(begin)
        running = self._progress
        if running.done() and not running.cancelled() and running.exception() is None:
            running.result().report(status.layer, _fraction(status))

    async def _end(self, running: "asyncio.Task[Progress]") -> None:
        with await running:
            pass


def _fraction(status: EngineStatus) -> float | None:
    return status.done / status.total if status.total else None
