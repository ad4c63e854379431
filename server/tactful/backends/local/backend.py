"""The embedded engine as the server sees it: a Backend whose work is done in a worker process.

It lives on the event loop, never blocks it, and sends the worker only what changed. It must not import numpy.
"""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tactful.backends.local.frames import LENGTH, decode, encode
from tactful.backends.local.status import EngineStatus
from tactful.core.errors import BackendError
from tactful.core.text import single_edit
from tactful.core.types import Completion, CompletionRequest

__all__ = ["LocalBackend"]

_RESTARTS = 1
_RESTART_DELAY_S = 0.5
_CLOSE_TIMEOUT_S = 2.0
_STREAM_LIMIT = 2**20
_GONE = "The completion engine stopped working. Restart the language server; `tactful doctor` helps to find the cause."


@dataclass(slots=True)
class _Document:
    """A document as the worker knows it (`sent`), and as it is now."""

    path: str | None
    language_id: str
    sent: str
    text: str


class LocalBackend:
    """Completions from the embedded engine, in a worker process that is started by `start`."""

    def __init__(self, *, cache_dir: Path, on_status: Callable[[EngineStatus], None] = lambda status: None) -> None:
        self._cache_dir = cache_dir
        self._on_status = on_status
        self._process: Process | None = None
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
        if self._order is not None:
            return
        self._order = (
            "start",
            str(self._cache_dir),
            tuple(str(root) for root in roots),
            None if python is None else str(python),
        )
        self._on_status(EngineStatus(phase="starting"))
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
        """Return candidates, best first. Raises BackendError when the worker is gone for good."""
        if self._failed or self._order is None:
            raise BackendError(_GONE if self._failed else "The completion engine has not been started.")
        async with self._one_at_a_time:  # A request that is cancelled while it waits here costs the worker nothing.
            await self._up.wait()
            if self._failed:
                raise BackendError(_GONE)
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
        """End the worker and, with it, the builder."""
        self._closing = True
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _CLOSE_TIMEOUT_S)
        except TimeoutError:
            process.kill()
            await process.wait()
        if self._reader is not None:
            await self._reader

    def _bring_up_to_date(self, request: CompletionRequest) -> None:
        known = self._documents.get(request.uri)
        if known is None:
            self.open_document(request.uri, request.path, request.language_id, request.text)
            return
        if known.sent != request.text:
            edit = single_edit(known.sent, request.text)
            self._send(("edit", request.uri, edit.start, edit.end, edit.text))
        known.sent = known.text = request.text

    async def _spawn(self) -> None:
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        try:
            self._process = await asyncio.create_subprocess_exec(
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
        assert self._order is not None
        self._send(self._order)
        for uri, document in self._documents.items():
            document.sent = document.text
            self._send(("open", uri, document.path, document.language_id, document.text))
        self._reader = asyncio.create_task(self._read(self._process))
        self._up.set()

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
                self._receive(decode(await process.stdout.readexactly(length)))
        await process.wait()
        if not self._closing:
            await self._recover()

    def _receive(self, message: tuple[Any, ...]) -> None:
        kind, *rest = message
        if kind == "status":
            phase, layer, done, total, text = rest
            self._on_status(EngineStatus(phase=phase, layer=layer, done=done, total=total, message=text))
            return
        number, rows = rest
        waiting = self._waiting.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_result([_completion(row) for row in rows])

    async def _recover(self) -> None:
        """Start the worker once more after it ended by itself; the request that was under way gets no answer."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(BackendError("The completion engine stopped; it is being started again."))
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
        self._on_status(EngineStatus(phase="failed", message=message))

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
