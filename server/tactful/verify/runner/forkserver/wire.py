"""Lines of JSON over private descriptors, and forked processes that end with their parent."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import warnings
from typing import Any

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


class Wire:
    """JSON lines over two descriptors that no test can see."""

    def __init__(self, source: int, sink: int) -> None:
        self.source = source
        self.sink = sink
        self.buffer = b""

    def send(self, **message: Any) -> None:
        write_line(self.sink, message)

    def receive(self) -> dict[str, Any] | None:
        """Return the next command, or None when the other side has gone."""
        while b"\n" not in self.buffer:
            data = os.read(self.source, 1 << 16)
            if not data:
                return None
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        command: dict[str, Any] = json.loads(line)
        return command


def write_line(fd: int, message: dict[str, Any]) -> None:
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(fd, data) :]


def fork() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some versions warn when a library has started threads
        pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        with contextlib.suppress(AttributeError):  # Linux only
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    return pid


def kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
