"""The embedded engine as the server sees it: a Backend whose work is done in a worker process.

It lives on the event loop, never blocks it, and sends the worker only what changed. It must not import numpy.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tactful.backends.local.status import EngineStatus, Phase
from tactful.core.errors import BackendError
from tactful.core.text import single_edit
from tactful.core.types import Completion, CompletionRequest
from tactful.processes.child import end_child, messages_from
from tactful.processes.frames import encode

__all__ = ["LocalBackend"]

_RESTARTS = 1
_RESTART_DELAY_S = 0.5
_ANSWER_TIMEOUT_S = 5.0
_STREAM_LIMIT = 2**20
_GONE = "The completion engine stopped working. Restart the language server; `tactful doctor` helps to find the cause."
_CLOSED = "The completion engine has been closed."


@dataclass(slots=True)
class _Document:
    """A document as the worker knows it (`sent`), and as it is now."""

    path: str | None
    language_id: str
    sent: str
    text: str


class LocalBackend:
    """Completions from the embedded engine, in a worker process that is started by `start`."""

    def __init__(
        self,
        *,
        cache_dir: Path,
        on_status: Callable[[EngineStatus], None] = lambda status: None,
        answer_timeout_s: float = _ANSWER_TIMEOUT_S,
    ) -> None:
        self._cache_dir = cache_dir
        self._on_status = on_status
        self._answer_timeout_s = answer_timeout_s
        self._phase: Phase = "ready"  # as last told
        self._process: Process | None = None
        self._spawning: asyncio.Task[None] | None = None
        self._reader: asyncio.Task[None] | None = None
        self._order: tuple[Any, ...] | None = None
        self._documents: dict[str, _Document] = {}
        self._waiting: dict[int, asyncio.Future[list[Completion]]] = {}
        self._number = 0
        self._one_at_a_time = asyncio.Lock()
        self._up = asyncio.Event()  # a worker runs, or none will ever again
        self._restarts_left = _RESTARTS
        self._failed = False
        self._closing = False

    async def start(self, *, roots: Sequence[Path], python: Path | None) -> None:
        """Start the worker; the index is built or brought up to date meanwhile. A second call does nothing."""
        if self._order is not None or self._closing:
            return
        self._order = (
            "start",
            str(self._cache_dir),
            tuple(str(root) for root in roots),
            None if python is None else str(python),
        )
        self._tell(EngineStatus(phase="starting"))
        await self._spawn()

    def open_document(self, uri: str, path: str | None, language_id: str, text: str) -> None:
        """Take note of a document that was opened."""
        self._documents[uri] = _Document(path, language_id, text, text)
        self._send(("open", uri, path, language_id, text))

    def change_document(self, uri: str, text: str) -> None:
        """Take note of a document's new text; the worker hears of it with the next request."""
        if uri in self._documents:
            self._documents[uri].text = text

    def close_document(self, uri: str) -> None:
        """Forget a document that was closed."""
        if self._documents.pop(uri, None) is not None:
            self._send(("close", uri))

    def saved(self, path: str) -> None:
        """Have the file at `path` read again."""
        self._send(("saved", path))

    async def complete(self, request: CompletionRequest) -> Sequence[Completion]:
        """Return candidates, best first. Raises BackendError when the worker is gone, or silent for too long."""
        if self._order is None:
            raise BackendError("The completion engine has not been started.")
        try:
            async with asyncio.timeout(self._answer_timeout_s):
                return await self._ask(request)
        except TimeoutError:
            raise BackendError("The completion engine did not answer in time.") from None

    async def _ask(self, request: CompletionRequest) -> list[Completion]:
        async with self._one_at_a_time:  # A request that is cancelled while it waits here costs the worker nothing.
            await self._up.wait()
            if self._failed or self._closing:
                raise BackendError(_GONE if self._failed else _CLOSED)
            self._bring_up_to_date(request)
            self._number += 1
            number = self._number
            answer: asyncio.Future[list[Completion]] = asyncio.get_running_loop().create_future()
            self._waiting[number] = answer
            try:
                self._send(("complete", number, request.uri, request.offset, request.max_candidates))
                return await answer
            finally:
                self._waiting.pop(number, None)

    async def close(self) -> None:
        """End the worker and, with it, the builder.

        The request that is under way is still answered if the worker does so in time; all others get BackendError.
        """
        if self._phase in ("starting", "indexing"):
            self._tell(EngineStatus(phase="ready"))  # Nothing more will come, and whoever shows progress must end it.
        self._closing = True
        self._up.set()
        if self._spawning is not None:
            await asyncio.wait([self._spawning])
        process, self._process = self._process, None
        if process is not None:
            await end_child(process)
        if self._reader is not None:
            await asyncio.wait([self._reader])
        self._refuse(_CLOSED)

    def _bring_up_to_date(self, request: CompletionRequest) -> None:
        """Send what changed in any document; the one that is asked about is sent as the request has it."""
        known = self._documents.get(request.uri)
        if known is None:
            self.open_document(request.uri, request.path, request.language_id, request.text)
        for uri, document in self._documents.items():
            text = request.text if uri == request.uri else document.text
            if document.sent != text:
                edit = single_edit(document.sent, text)
                self._send(("edit", uri, edit.start, edit.end, edit.text))
                document.sent = text

    async def _spawn(self) -> None:
        """Start a worker. To stop the creation of a process half-way would leak it, so this cannot be cancelled."""
        self._spawning = asyncio.create_task(self._spawn_worker())
        await asyncio.shield(self._spawning)

    async def _spawn_worker(self) -> None:
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tactful.backends.local.worker",
                stdin=PIPE,
                stdout=PIPE,
                env=environment,
                limit=_STREAM_LIMIT,
            )
        except OSError as error:
            self._fail(f"The completion engine could not be started ({error}).")
            return
        if self._closing:
            await end_child(process)
            return
        assert self._order is not None
        self._process = process
        self._send(self._order)
        for uri, document in self._documents.items():
            document.sent = document.text
            self._send(("open", uri, document.path, document.language_id, document.text))
        self._reader = asyncio.create_task(self._read(process))
        self._up.set()

    async def _read(self, process: Process) -> None:
        async for message in messages_from(process):
            self._receive(message)
        if not self._closing:
            await self._recover()

    def _receive(self, message: tuple[Any, ...]) -> None:
        kind, *rest = message
        if kind == "status":
            phase, layer, done, total, text = rest
            self._tell(EngineStatus(phase=phase, layer=layer, done=done, total=total, message=text))
            return
        number, rows = rest
        waiting = self._waiting.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_result([_completion(row) for row in rows])

    async def _recover(self) -> None:
        """Start the worker once more after it ended by itself; the request that was under way gets no answer."""
        self._refuse("The completion engine stopped; it is being started again.")
        self._process = None
        self._up.clear()
        if not self._restarts_left:
            self._fail(_GONE)
            return
        self._restarts_left -= 1
        await asyncio.sleep(_RESTART_DELAY_S)
        if not self._closing:
            await self._spawn()

    def _fail(self, message: str) -> None:
        self._failed = True
        self._up.set()
        self._tell(EngineStatus(phase="failed", message=message))

    def _refuse(self, message: str) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(BackendError(message))

    def _tell(self, status: EngineStatus) -> None:
        if not self._closing:  # What a worker still says while it ends is of no use to anybody.
            self._phase = status.phase
            self._on_status(status)

    def _send(self, message: tuple[Any, ...]) -> None:
        process = self._process
        if process is not None and process.stdin is not None and not process.stdin.is_closing():
            process.stdin.write(encode(message))


def _completion(row: tuple[Any, ...]) -> Completion:
    text, probability, token_logprobs, source, match_length, count = row
    return Completion(
        text=text,
        probability=probability,
        token_logprobs=tuple(token_logprobs),
        source=source,
        match_length=match_length,
        count=count,
    )
