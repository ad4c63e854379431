"""The builder process: makes index files at low priority, tells its parent of each, and exits.

Started as `python -m tactful.backends.local.builder` with one message on stdin: (cache folder, roots, python).
"""

import os
import sys
from pathlib import Path
from typing import IO, Any

from tactful.backends.local.status import EngineStatus
from tactful.core.errors import BackendError
from tactful.processes.frames import read_frame, write_frame
from tactful.processes.lifeline import die_with_parent, yield_to_others

__all__ = ["run"]


class _ParentGone(Exception):
    """Nobody reads the reports any more."""


def main() -> None:
    """Build for the process that started this one."""
    die_with_parent()
    yield_to_others()
    try:
        run(sys.stdin.buffer, sys.stdout.buffer)
    except _ParentGone:
        os._exit(0)  # At once: an orderly exit would flush what nobody reads, and complain that it cannot.


def run(source: IO[bytes], sink: IO[bytes]) -> None:
    """Read one order from `source`, build, and report to `sink`."""
    from tactful.backends.local.indexing import build_layers

    order = read_frame(source)
    if order is None:
        return
    cache_dir, roots, python = order

    def progress(status: EngineStatus) -> None:
        _send(sink, ("progress", status.layer, status.done, status.total))

    try:
        layers = build_layers(
            roots=[Path(root) for root in roots],
            python=None if python is None else Path(python),
            cache_dir=Path(cache_dir),
            on_progress=progress,
        )
        for built in layers:
            _send(sink, ("built", int(built.layer), str(built.path)))
            for path in built.changed:
                _send(sink, ("changed", str(path)))
        _send(sink, ("done",))
    except BackendError as error:
        _send(sink, ("failed", str(error)))


def _send(sink: IO[bytes], message: tuple[Any, ...]) -> None:
    try:
        write_frame(sink, message)
    except OSError as error:
        raise _ParentGone from error


if __name__ == "__main__":
    main()
