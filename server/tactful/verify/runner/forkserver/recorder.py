"""What one test did: outcome, failure, output, and the lines of the verified file that it ran."""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
import types
from typing import Any

from .failures import MAX_TEXT
from .wire import write_line


class Recorder:
    """What one test did: outcome, failure, output, and the lines of the verified file that it ran."""

    def __init__(self, name: str, target: str | None) -> None:
        self.name = name
        self.target = target
        self.lines: set[int] = set()
        self.outcome = "passed"
        self.failure: dict[str, Any] = {}
        self.started = time.perf_counter()

    def add(self, report: Any, failure: dict[str, Any]) -> None:
        if report.failed and self.outcome != "failed":
            self.outcome = "failed"
            output = "".join(text for title, text in report.sections if title.startswith("Captured"))
            self.failure = {**failure, "output": output[-MAX_TEXT:]}
        elif report.skipped:
            self.outcome = "skipped"

    def __enter__(self) -> None:
        if self.target is not None:
            threading.settrace(self.trace)
            sys.settrace(self.trace)

    def __exit__(self, *exception: object) -> None:
        sys.settrace(None)
        threading.settrace(None)

    def trace(self, frame: types.FrameType, event: str, argument: object) -> Any:
        return self.trace_line(frame, event, argument) if frame.f_code.co_filename == self.target else None

    def trace_line(self, frame: types.FrameType, event: str, argument: object) -> Any:
        self.lines.add(frame.f_lineno)
        return self.trace_line

    def event(self) -> dict[str, Any]:
        seconds = time.perf_counter() - self.started
        lines = sorted(line - 1 for line in self.lines)
        return {
            "event": "test",
            "id": self.name,
            "outcome": self.outcome,
            "seconds": seconds,
            "lines": lines,
            **self.failure,
        }

    def out_of_time(self, fd: int, frame: types.FrameType | None, root: str) -> None:
        """Report where the test was when its time was over, and end the process."""
        sys.settrace(None)
        places = [
            [each.f_code.co_filename, number - 1]
            for each, number in list(traceback.walk_stack(frame))[::-1]
            if each.f_code.co_filename.startswith(root)
        ]
        seconds = time.perf_counter() - self.started
        self.outcome = "failed"
        self.failure = {
            "message": f"the test was stopped: it had not ended after {seconds:.1f} s",
            "timed_out": True,
            "traceback": places[-20:],
        }
        write_line(fd, self.event())
        os._exit(3)
