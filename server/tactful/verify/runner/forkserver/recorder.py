"""What one test did: outcome, failure, output, and the lines of the workspace's files that it ran."""

from __future__ import annotations

import os
import sys
import time
import traceback
import types
from typing import Any, Dict, Set

from .failures import MAX_TEXT
from .tracer import Tracer
from .wire import write_line

Ran = Dict[str, Set[int]]  # lines (from 1) by file


class Recorder:
    """What one test did: outcome, failure, output, and what it ran where a tracer is given.

    `fixtures` holds what the fixtures that several tests share ran when they were set up, by fixture; it is kept from
    test to test, because each of these tests rests on it.
    """

    def __init__(self, name: str, target: str, tracer: Tracer | None, fixtures: dict[Any, Ran]) -> None:
        self.name = name
        self.target = target
        self.tracer = tracer
        self.fixtures = fixtures
        self.ran: dict[str, set[int]] = {}
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
        if self.tracer is not None:
            self.tracer.start()

    def __exit__(self, *exception: object) -> None:
        if self.tracer is not None:
            self.keep(self.tracer.take())
            self.tracer.stop()

    def keep(self, ran: Ran) -> None:
        for name, lines in ran.items():
            self.ran.setdefault(name, set()).update(lines)

    def begin_fixture(self) -> None:
        """Keep apart what runs from here on until `end_fixture`."""
        if self.tracer is not None:
            self.keep(self.tracer.take())

    def end_fixture(self, fixture: object) -> None:
        if self.tracer is not None:
            self.fixtures[fixture] = ran = self.tracer.take()
            self.keep(ran)

    def rest_on(self, item: Any) -> None:
        """Count what the item's fixtures ran when they were set up, for an earlier test or for this one."""
        known = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
        for definitions in known.values():
            for each in definitions:
                self.keep(self.fixtures.get(each, {}))

    def event(self) -> dict[str, Any]:
        seconds = time.perf_counter() - self.started
        lines = sorted(line - 1 for line in self.ran.get(self.target, ()))
        ran = {name: sorted(line - 1 for line in found) for name, found in self.ran.items()}
        return {
            "event": "test",
            "id": self.name,
            "outcome": self.outcome,
            "seconds": seconds,
            "lines": lines,
            "ran": ran,
            **self.failure,
        }

    def out_of_time(self, fd: int, frame: types.FrameType | None, root: str) -> None:
        """Report where the test was when its time was over, and end the process."""
        sys.settrace(None)
        if self.tracer is not None:
            self.keep(self.tracer.take())
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
