"""The prompts' source as the server sees it: lookups in a thread, an index that another process keeps up to date.

It lives on the event loop and never blocks it. Nothing starts before `start`.
"""

import asyncio
import logging
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tactful.core.errors import IndexUnusable
from tactful.core.types import CompletionRequest, Prompt, Skipped
from tactful.privacy.ignored import IgnoreRules
from tactful.privacy.redact import Redactor
from tactful.privacy.secrets import load_library
from tactful.processes.child import end_child, messages_from
from tactful.processes.frames import encode
from tactful.processes.pauses import spare_what_is_loaded
from tactful.retrieval.edits import RecentEdits
from tactful.retrieval.gather import Sources, gather
from tactful.retrieval.indexing import index_folder
from tactful.retrieval.store import Reader

__all__ = ["WorkspacePrompts", "shown_path"]

_log = logging.getLogger(__name__)
_RESTARTS = 1
_LOOK_AGAIN_S = 1.0  # for what another server's indexer has committed


class WorkspacePrompts:
    """Prompts for one workspace; implements the port `PromptSource`."""

    def __init__(
        self, *, cache_dir: Path, roots: Sequence[Path], on_problem: Callable[[str], None] = lambda message: None
    ) -> None:
        self._roots = tuple(roots)
        self._bases = tuple(dict.fromkeys(base for root in roots for base in (root, root.resolve())))
        self._folder = index_folder(cache_dir, roots)
        self._on_problem = on_problem
        self._rules = IgnoreRules(roots)
        self._redactor = Redactor()
        self._edits = RecentEdits()
        self._texts: dict[str, str] = {}
        self._paths: dict[str, str] = {}
        self._thread = ThreadPoolExecutor(1, "prompts")
        self._reader: Reader | None = None  # the thread's own
        self._looked_at = 0.0  # when the reader last looked for news, in seconds on the monotonic clock
        self._news = True  # whether the indexer has committed something since
        self._process: Process | None = None
        self._following: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._restarts_left = _RESTARTS
        self._closing = False
        self.indexed = asyncio.Event()  # set once the whole workspace can be asked for, or never will be

    async def start(self) -> None:
        """Start to index; until that is done, prompts hold what is known so far."""
        if self._following is None and not self._closing:
            self._loop = asyncio.get_running_loop()
            self._following = asyncio.create_task(self._follow())
            self._thread.submit(self._load)

    def open_document(self, uri: str, path: str | None, text: str) -> None:
        """Take note of a document that was opened."""
        self._texts[uri] = text
        if path is not None:
            self._paths[uri] = path

    def change_document(self, uri: str, text: str, offset: int) -> None:
        """Take note of a document's new text, which was edited at `offset`."""
        self._texts[uri] = text
        self._edits.changed(uri, text, offset)

    def close_document(self, uri: str) -> None:
        """Forget a document that was closed."""
        self._texts.pop(uri, None)
        self._paths.pop(uri, None)
        self._edits.closed(uri)

    def saved(self, path: str) -> None:
        """Have the file at `path` read again."""
        self._tell("saved", path)

    async def gather(self, request: CompletionRequest, budget_chars: int) -> Prompt | Skipped:
        """Return what may be sent in at most `budget_chars` characters, or why nothing may be sent."""
        sources = partial(
            Sources,
            redactor=self._redactor,
            shown_path=lambda path: shown_path(path, self._bases),
            edits=self._edits.snapshot(),
            texts=dict(self._texts),
            paths=dict(self._paths),
        )
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._gather, request, budget_chars, sources)

    async def close(self) -> None:
        """End the indexer."""
        self._closing = True
        if self._process is not None:
            await end_child(self._process)
        if self._following is not None:
            await asyncio.wait([self._following])
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _load(self) -> None:
        """Load the libraries, so that the first prompt need not wait for them."""
        load_library()
        self._ready()
        spare_what_is_loaded()

    def _gather(self, request: CompletionRequest, budget_chars: int, sources: "partial[Sources]") -> Prompt | Skipped:
        try:
            return gather(request, budget_chars, sources(reader=self._ready(), is_ignored=self._rules.now()))
        except IndexUnusable as error:
            _log.warning("%s; it is built again", error)
            self._reader = None
            self._tell_from_thread("rebuild")
            return gather(request, budget_chars, sources(is_ignored=self._rules.now()))

    def _ready(self) -> Reader | None:
        """Return the index as it was committed last, None before the first time."""
        if self._reader is None:
            try:
                self._reader = Reader(self._folder)
            except IndexUnusable:
                return None
        if self._news or time.monotonic() - self._looked_at > _LOOK_AGAIN_S:
            self._news, self._looked_at = False, time.monotonic()
            self._reader.refresh()
        return self._reader

    async def _follow(self) -> None:
        """Keep an indexer running; one that ends by itself is started once more."""
        while not self._closing:
            process = await self._spawn()
            if process is None:
                break
            async for message in messages_from(process):
                self._receive(*message)
            if self._closing or not self._restarts_left:
                break
            self._restarts_left -= 1
        self._process = None
        self.indexed.set()
        if not self._closing:
            self._on_problem("The indexer of prompts stopped working; prompts may be out of date. Restart the server.")

    async def _spawn(self) -> Process | None:
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tactful.retrieval.indexer", stdin=PIPE, stdout=PIPE
            )
        except OSError as error:
            _log.warning("the indexer of prompts could not be started (%s)", error)
            return None
        self._process = process
        if self._closing:
            await end_child(process)
        self._tell("start", str(self._folder), tuple(str(root) for root in self._roots))
        return process

    def _receive(self, kind: str, *details: object) -> None:
        if kind == "failed":
            self._on_problem(str(details[0]))
        self._news = True
        if kind in ("done", "failed"):
            self.indexed.set()

    def _tell(self, *message: object) -> None:
        process = self._process
        if process is not None and process.stdin is not None and not process.stdin.is_closing():
            process.stdin.write(encode(message))

    def _tell_from_thread(self, *message: object) -> None:
        if self._loop is not None and not self._closing:
            self._loop.call_soon_threadsafe(self._tell, *message)


def shown_path(path: str, bases: Sequence[Path]) -> str:
    """Return a path as it may leave the machine: relative to the workspace folder around it, else the name alone.

    `bases` are the workspace's folders, by their own names and without links.
    """
    given = Path(path)
    for base in bases:
        if given.is_relative_to(base):
            return given.relative_to(base).as_posix()
    return given.name
