"""The egress log: one line of JSON for each request that left this machine, in a file that only its owner can read.

It holds times, hosts, sizes, names of files and counts; never any source text.
"""

import json
import logging
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tactful.core.types import EgressEntry

__all__ = ["EgressLog", "read_egress"]

_log = logging.getLogger(__name__)
_BYTES = 1_000_000  # of one file; the one before it is kept, so that there are always the last 4,000 requests or more


class EgressLog:
    """Writes the log in a thread of its own; the first failure is logged, none is raised."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, "egress-log")
        self._said = False

    def record(self, entry: EgressEntry) -> None:
        """Write down one request."""
        self._thread.submit(self._write, entry)

    def close(self) -> None:
        """Wait until everything is written."""
        self._thread.shutdown()

    def _write(self, entry: EgressEntry) -> None:
        line = json.dumps(
            {
                "at": round(entry.at, 3),
                "host": entry.host,
                "bytes": entry.bytes_sent,
                "files": list(entry.files),
                "redactions": entry.redactions,
                "outcome": entry.outcome,
            }
        )
        try:
            self._append(line.encode() + b"\n")
        except OSError as error:
            if not self._said:
                self._said = True
                _log.warning("the egress log %s cannot be written (%s)", self._path, error.strerror)

    def _append(self, line: bytes) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._path.exists() and self._path.stat().st_size + len(line) > _BYTES:
            self._path.replace(_before(self._path))
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line)  # At once, so that the lines of several servers do not mix.
        finally:
            os.close(file)


def read_egress(path: Path) -> Sequence[EgressEntry]:
    """Return what was written down, oldest first; lines that make no sense are left out."""
    return [entry for file in (_before(path), path) for line in _lines(file) for entry in _entry(line)]


def _before(path: Path) -> Path:
    return path.with_name(path.name + ".1")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []


def _entry(line: str) -> Iterator[EgressEntry]:
    try:
        told = json.loads(line)
        yield EgressEntry(
            at=float(told["at"]),
            host=str(told["host"]),
            bytes_sent=int(told["bytes"]),
            files=tuple(map(str, told["files"])),
            redactions=int(told["redactions"]),
            outcome=str(told["outcome"]),
        )
    except (ValueError, TypeError, KeyError):
        return
