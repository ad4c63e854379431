"""One forked run and what it has reported."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import time
from typing import Any, Callable, Iterator

from .wire import Wire, fork, kill_group

REPORT_S = 1.0  # what a child gets to report where it was when its time is over
SIGNAL_REPORT = signal.SIGUSR1
OUT_OF_TIME = 97  # the exit code by which a child says that its test did not end in time


class Child:
    """A forked run and what it has reported; ended by force when a test takes longer than its limit."""

    def __init__(self, body: Callable[[int], None], limit_s: float) -> None:
        self.fd, sink = os.pipe()
        self.pid = fork()
        if self.pid == 0:
            self.live(body, sink)
        os.close(sink)
        os.set_blocking(self.fd, False)
        self.limit_s = limit_s
        self.deadline = time.monotonic() + limit_s
        self.buffer = b""
        self.current: str | None = None
        self.over = self.timed_out = self.asked = False

    def live(self, body: Callable[[int], None], sink: int) -> None:
        code = 1
        try:
            body(sink)
            code = 0
        finally:
            os._exit(code)

    def left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def events(self, wire: Wire) -> Iterator[dict[str, Any]]:
        """Yield and pass on what the child reports until it has ended."""
        while not self.over:
            select.select([self.fd], [], [], self.left())
            for event in self.pump():
                if event["event"] == "test":
                    wire.send(**event)
                yield event

    def pump(self) -> list[dict[str, Any]]:
        """Read what is there; note the end of the child, or bring it about when its time is over."""
        events = []
        ended = False
        with contextlib.suppress(BlockingIOError):
            while not ended:
                data = os.read(self.fd, 1 << 16)
                ended = not data
                self.buffer += data
        *lines, self.buffer = self.buffer.split(b"\n")
        for line in lines:
            events.append(json.loads(line))
            self.note(events[-1])
        if not ended and self.left() == 0.0:
            ended = self.hurry()
        if ended:
            self.end()
        return events

    def note(self, event: dict[str, Any]) -> None:
        if event["event"] == "start":
            self.current = event["id"]
            self.extend(self.limit_s)

    def extend(self, seconds: float) -> None:
        """Give the child so long from now on."""
        self.deadline = time.monotonic() + seconds

    def hurry(self) -> bool:
        self.timed_out = True
        if self.asked:
            return True
        self.asked = True
        self.deadline = time.monotonic() + REPORT_S
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, SIGNAL_REPORT)
        return False

    def end(self) -> None:
        self.over = True
        os.close(self.fd)
        kill_group(self.pid)
        _, status = os.waitpid(self.pid, 0)
        self.timed_out = self.timed_out or (os.WIFEXITED(status) and os.WEXITSTATUS(status) == OUT_OF_TIME)

    def fate(self) -> dict[str, Any]:
        """Say why the child ended before its test did."""
        if self.timed_out:
            return {"message": f"the test ran longer than {self.limit_s:g} s and was stopped", "timed_out": True}
        return {"message": "the test ended the Python process that ran it"}
