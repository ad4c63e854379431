"""The indexer process: keeps the context index up to date at low priority for as long as the server runs.

Started as `python -m tactful.retrieval.indexer`; it ends when its stdin does. Messages in: ("start", folder, roots),
then ("saved", path) and ("rebuild",) any number of times. Messages out: ("committed", done, total), ("done", files) and
("failed", message).
"""

import os
import shutil
import sys
import threading
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any

from tactful.core.errors import BackendError
from tactful.processes.frames import read_frame, write_frame
from tactful.processes.lifeline import die_with_parent, yield_to_others

__all__ = ["Indexer"]

Message = tuple[Any, ...]


def main() -> None:
    """Serve the process that started this one."""
    die_with_parent()
    yield_to_others()
    inbox: SimpleQueue[Message] = SimpleQueue()
    threading.Thread(target=_pump, args=(sys.stdin.buffer, inbox), daemon=True).start()
    _, folder, roots = inbox.get()
    indexer = Indexer(Path(folder), [Path(root) for root in roots], inbox, sys.stdout.buffer)
    indexer.scan()
    while True:
        indexer.follow()


class Indexer:
    """The index of one workspace, and the messages about it."""

    def __init__(self, folder: Path, roots: list[Path], inbox: "SimpleQueue[Message]", sink: IO[bytes]) -> None:
        self._folder = folder
        self._roots = roots
        self._inbox = inbox
        self._sink = sink
        self._damaged = False

    def scan(self) -> None:
        """Bring the whole index up to date; files that are saved meanwhile are read in between."""
        from tactful.retrieval.indexing import bring_up_to_date, put

        def committed(done: int, total: int) -> None:
            self._send("committed", done, total)

        def between(writer: Any) -> None:
            for path in self._waiting():
                put(writer, self._roots, path)

        try:
            self._send("done", bring_up_to_date(self._folder, self._roots, committed, between))
        except BackendError as error:
            self._send("failed", str(error))

    def follow(self) -> None:
        """Wait for saved files and read them again, or for the order to begin anew, and follow it."""
        from tactful.retrieval.indexing import update

        paths = [*self._path(self._inbox.get()), *self._waiting()]
        if self._damaged:
            self._damaged = False
            shutil.rmtree(self._folder, ignore_errors=True)
            self.scan()
            return
        try:
            update(self._folder, self._roots, list(dict.fromkeys(paths)))
            self._send("committed", len(paths), len(paths))
        except BackendError as error:
            self._send("failed", str(error))

    def _waiting(self) -> list[Path]:
        paths: list[Path] = []
        while True:
            try:
                paths += self._path(self._inbox.get_nowait())
            except Empty:
                return paths

    def _path(self, message: Message) -> list[Path]:
        if message[0] == "rebuild":
            self._damaged = True
            return []
        return [Path(message[1])]

    def _send(self, *message: Any) -> None:
        try:
            write_frame(self._sink, message)
        except OSError:  # The server is gone; so is the reason for this process.
            os._exit(0)


def _pump(stream: IO[bytes], inbox: "SimpleQueue[Message]") -> None:
    while (message := read_frame(stream)) is not None:
        inbox.put(message)
    os._exit(0)  # At once: what was committed is safe, the rest is read again at the next start.


if __name__ == "__main__":
    main()
