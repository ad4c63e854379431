"""The worker process: holds the engine, answers one request after the other, watches the builder.

Started as `python -m tactful.backends.local.worker`; it ends when its stdin does. Messages in:

    ("start", cache folder, roots, python)      ("edit", uri, start, end, text)     ("close", uri)
    ("open", uri, path, language id, text)      ("saved", path)                     ("complete", number, uri, offset, n)

Messages out: ("status", phase, layer, done, total, message) and ("completions", number, rows).
"""

import os
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Any

from tactful.processes.frames import read_frame, write_frame
from tactful.processes.lifeline import die_with_parent

if TYPE_CHECKING:
    from tactful.backends.local.engine import Engine

__all__ = ["Worker"]

Message = tuple[Any, ...]

_REBUILD_AFTER = 200  # saved files that are held beside the index before it is built again
_REFRESHED = 4  # other documents that are read again, where they changed, before a request is answered


def main() -> None:
    """Serve the process that started this one."""
    die_with_parent()
    inbox: SimpleQueue[Message | None] = SimpleQueue()
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    threading.Thread(target=_pump, args=(stdin, inbox, True), daemon=True).start()
    worker = Worker(inbox, stdout)
    while (message := inbox.get()) is not None:
        worker.handle(message)
    worker.close()


class Worker:
    """The engine and the documents as the server told of them."""

    def __init__(self, inbox: "SimpleQueue[Message | None]", sink: IO[bytes]) -> None:
        self._inbox = inbox
        self._sink = sink
        self._engine: Engine | None = None
        self._documents: dict[str, tuple[str | None, str, str]] = {}
        self._edited: dict[str, None] = {}  # documents the engine knows an older text of, the last edited last
        self._order: tuple[str, tuple[str, ...], str | None] | None = None
        self._builder: subprocess.Popen[bytes] | None = None
        self._saves = 0

    def handle(self, message: Message) -> None:
        """Do what one message asks."""
        kind, *rest = message
        handler = getattr(self, f"_on_{kind}")
        handler(*rest)

    def close(self) -> None:
        """End the builder, if one is at work."""
        if self._builder is not None:
            self._builder.kill()
            self._builder.wait()

    def _on_start(self, cache_dir: str, roots: tuple[str, ...], python: str | None) -> None:
        from tactful.backends.local.engine import Engine

        self._order = (cache_dir, tuple(roots), python)
        self._engine = Engine.open(
            cache_dir=Path(cache_dir), roots=[Path(root) for root in roots], python=Path(python) if python else None
        )
        self._build()

    def _on_open(self, uri: str, path: str | None, language_id: str, text: str) -> None:
        self._documents[uri] = (path, language_id, text)
        self._edited.pop(uri, None)
        if self._engine is not None:
            self._engine.set_document(uri, path, language_id, text)

    def _on_edit(self, uri: str, start: int, end: int, text: str) -> None:
        path, language_id, before = self._documents[uri]
        self._documents[uri] = (path, language_id, before[:start] + text + before[end:])
        self._edited.pop(uri, None)
        self._edited[uri] = None

    def _on_close(self, uri: str) -> None:
        self._documents.pop(uri, None)
        self._edited.pop(uri, None)
        if self._engine is not None:
            self._engine.close_document(uri)

    def _on_saved(self, path: str) -> None:
        from tactful.backends.local.files import is_source

        if self._engine is None or not is_source(Path(path)):
            return
        self._on_changed(path)
        self._saves += 1
        if self._saves >= _REBUILD_AFTER:
            self._saves = 0
            self._build()

    def _on_changed(self, path: str) -> None:
        from tactful.backends.local.files import read_source

        if self._engine is not None:
            self._engine.saved(path, read_source(Path(path)))

    def _on_complete(self, number: int, uri: str, offset: int, max_candidates: int) -> None:
        rows: list[Message] = []
        if self._engine is not None and uri in self._documents:
            self._edited.pop(uri, None)  # The engine takes this one from the request.
            try:
                rows = self._rows(self._engine, uri, offset, max_candidates)
            except Exception as error:  # noqa: BLE001 a request that fails must not cost all that come after it
                self._engine.close_document(uri)  # What it holds may be half done; it is read anew.
                self._on_failed(f"The completion engine failed on a request ({_place(error)}); please report it.")
        self._send(("completions", number, rows))

    def _rows(self, engine: "Engine", uri: str, offset: int, max_candidates: int) -> list[Message]:
        from tactful.core.types import CompletionRequest

        self._refresh(engine)
        path, language_id, text = self._documents[uri]
        request = CompletionRequest(
            uri=uri, path=path, language_id=language_id, text=text, offset=offset, max_candidates=max_candidates
        )
        return [
            (c.text, c.probability, c.token_logprobs, c.source, c.match_length, c.count)
            for c in engine.complete(request)
        ]

    def _refresh(self, engine: "Engine") -> None:
        """Give the engine the documents that were edited last; any others wait for the next request."""
        for uri in list(self._edited)[-_REFRESHED:]:
            del self._edited[uri]
            path, language_id, text = self._documents[uri]
            engine.set_document(uri, path, language_id, text)

    def _on_progress(self, layer: str, done: int, total: int) -> None:
        self._send(("status", "indexing", layer, done, total, ""))

    def _on_built(self, layer: int, path: str) -> None:
        from tactful.backends.local.evidence import Layer
        from tactful.backends.local.segment import load_segment
        from tactful.core.errors import IndexUnusable

        if self._engine is None:
            return
        try:
            self._engine.set_layer(Layer(layer), load_segment(Path(path)))
        except IndexUnusable as error:
            self._send(("status", "degraded", "", 0, 0, str(error)))

    def _on_done(self) -> None:
        self._send(("status", "ready", "", 0, 0, ""))

    def _on_failed(self, message: str) -> None:
        self._send(("status", "degraded", "", 0, 0, message))

    def _on_builder_ended(self) -> None:
        if self._builder is not None:
            code = self._builder.wait()
            self._builder = None
            if code:
                self._on_failed(f"Building the completion index ended unexpectedly (exit code {code}).")

    def _build(self) -> None:
        if self._builder is not None or self._order is None:
            return
        self._builder = subprocess.Popen(
            [sys.executable, "-m", "tactful.backends.local.builder"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._builder.stdin is not None
        assert self._builder.stdout is not None
        write_frame(self._builder.stdin, self._order)
        threading.Thread(target=_pump, args=(self._builder.stdout, self._inbox, False), daemon=True).start()

    def _send(self, message: Message) -> None:
        try:
            write_frame(self._sink, message)
        except OSError:  # The server is gone; so is the reason for this process.
            self.close()
            os._exit(0)


def _place(error: Exception) -> str:
    """Return type and place of an error, without its message, which may hold source text."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"


def _pump(stream: IO[bytes], inbox: "SimpleQueue[Message | None]", is_server: bool) -> None:
    while (message := read_frame(stream)) is not None:
        inbox.put(message)
    inbox.put(None if is_server else ("builder_ended",))


if __name__ == "__main__":
    main()
