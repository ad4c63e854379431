"""Candidate repairs tried on the held tests, several at a time, each until its first failing test.

Where the tests are quick, many candidates share a forked process: between two of them the functions get their own code
back and the module what it remembered. At its end such a process asks whether the tests answer to the unchanged code as
they did before; where they do not, its verdicts are thrown away, and from then on each candidate has a process of its
own.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
import types
from collections import deque
from typing import Any, Callable, Deque

from .child import OUT_OF_TIME, Child
from .plain import may_be_plain, plain_call
from .state import nothing, remember_values
from .wire import write_line

AGAIN_S = 0.05  # after which a test that has swallowed the end of its time is ended with its process
LEAST_ROOM_S = 0.2
MOST_DEATHS = 3  # after which what a process said before it died is taken as it is
CHECKED = 3  # tests that passed before, asked again at the end of a shared process


class OutOfTime(BaseException):
    """A test took too long; not an Exception, so that the code under test does not catch it."""


class Trials:
    """One command's candidates; `holder` is the collected session that they are tried in."""

    def __init__(self, holder: Any, command: dict[str, Any]) -> None:
        self.holder = holder
        self.ids: list[str] = command["ids"]
        self.limits: dict[str, float] = command["limits"]
        self.failing: list[str] = command["failing"]
        self.jobs: int = command["jobs"]
        self.share: int = command["share"]
        self.end: float = time.monotonic() + command["within_s"]
        self.patience: float = 1.0 + sum(self.limits.values())
        self.waiting: Deque[tuple[int, dict[str, Any]]] = deque(enumerate(command["candidates"]))
        self.calls: dict[str, Callable[[], object]] = {}
        self.deaths = 0  # shared processes that ended before they were checked
        self.times_out = 0  # how often the running test was told that its time is over
        params = {name: getattr(getattr(holder.items[name], "callspec", None), "params", {}) for name in self.ids}
        self.put_back = {name: remember_values(given.values()) for name, given in params.items() if given}
        examples = [holder.items[name].dtest for name in self.ids if hasattr(holder.items[name], "dtest")]
        self.globals = [(each.globs, dict(each.globs)) for each in examples if each is not None]
        if self.share > 1 and holder.shares and may_be_plain(holder.config):
            found = {name: plain_call(holder.items[name]) for name in self.ids}
            self.calls = {name: call for name, call in found.items() if call is not None}

    def run(self) -> None:
        """Try the candidates until none is left or the time is over."""
        running: list[Batch] = []
        while self.waiting or running:
            if time.monotonic() >= self.end:
                self.waiting.clear()
            while self.waiting and len(running) < self.jobs:
                running.append(self.start())
            if not running:
                return
            select.select([each.child.fd for each in running], [], [], min(each.child.left() for each in running))
            for each in running:
                self.pump(each)
            running = [each for each in running if not each.child.over]

    def start(self) -> Batch:
        shared = self.share > 1 and self.holder.shares
        size = min(self.share, -(-len(self.waiting) // self.jobs)) if shared else 1
        batch = Batch([self.waiting.popleft() for _ in range(size)], checked=shared)
        batch.child = Child(lambda fd: self.live(fd, batch), self.room())
        return batch

    def room(self) -> float:
        """Return the seconds that a process gets for one candidate."""
        return min(self.patience, max(LEAST_ROOM_S, self.end - time.monotonic()))

    def pump(self, batch: Batch) -> None:
        for event in batch.child.pump():
            if event["event"] == "tried":
                batch.done.append({**event, "index": batch.left.pop(0)[0]})
                batch.child.extend(self.room())
            elif event["event"] == "stained":
                self.holder.shares = False
                self.calls = {}
                batch.stained = True
            elif event["event"] == "clean":
                batch.clean = True
        if batch.child.over:
            self.finish(batch)

    def finish(self, batch: Batch) -> None:
        if batch.stained:
            self.waiting.extendleft(reversed(batch.candidates))
            return
        if batch.left:  # the process ended in the midst of this one
            if batch.checked and not batch.clean and self.deaths < MOST_DEATHS:
                self.deaths += 1  # what it said before was not checked: the others are asked again, without this one
                killer = batch.left[0]
                self.waiting.extendleft(each for each in reversed(batch.candidates) if each is not killer)
                batch.done.clear()
                batch.left[1:] = []
            verdict = "timed_out" if batch.child.timed_out else "failed"
            index = batch.left.pop(0)[0]
            batch.done.append({"event": "tried", "index": index, "verdict": verdict, "test": self.ids[0]})
            self.waiting.extendleft(reversed(batch.left))
        for event in batch.done:
            key = event.pop("key", None)
            if key is not None and key in self.holder.seen:  # another process was asked the same meanwhile
                event = {"event": "tried", "index": event["index"], "verdict": "known"}
            self.holder.seen.add(key)
            self.holder.wire.send(**event)

    # -- in the forked process

    def live(self, fd: int, batch: Batch) -> None:
        self.holder.brief = True
        signal.signal(signal.SIGPROF, self.out_of_time)
        if self.calls:
            sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - until the process ends
        codes = [(each, each.__code__) for group in self.holder.functions.values() for each in group]
        for _, candidate in batch.candidates:
            write_line(fd, {"event": "tried", **self.verdict(candidate)})
            restore(codes)
            self.holder.put_back()
        if batch.checked:
            write_line(fd, {"event": "stained" if self.is_stained() else "clean"})

    def verdict(self, candidate: dict[str, Any]) -> dict[str, Any]:
        if candidate:
            key = self.holder.swap(candidate)
            if key is None:
                return {"verdict": "unfit"}
            if key in self.holder.seen:
                return {"verdict": "known"}
            self.holder.seen.add(key)
            return {**self.first_failure(self.ids), "key": key}
        return self.first_failure(self.ids)

    def first_failure(self, names: list[str]) -> dict[str, Any]:
        for name in names:
            message = self.message_of(name)
            if message is not None:
                verdict = "timed_out" if self.times_out else "failed"
                return {"verdict": verdict, "test": name, "message": message}
        return {"verdict": "passed"}

    def message_of(self, name: str) -> str | None:
        """Run a test and return why it failed, None when it did not."""
        self.times_out = 0
        signal.setitimer(signal.ITIMER_PROF, self.limits[name], AGAIN_S)
        try:
            return self.called(self.calls[name]) if name in self.calls else self.ran(name)
        except OutOfTime:
            return "out of time"
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0.0)
            self.put_back.get(name, nothing)()

    def ran(self, name: str) -> str | None:
        failed: list[str] = []
        self.holder.report = lambda report, failure: (
            failed.append(str(report.longrepr)[:200]) if report.failed else None
        )
        for globs, saved in self.globals:  # doctest empties them
            globs.update(saved)
        self.holder.run_item(name, None)
        getattr(self.holder.items[name], "_report_sections", []).clear()
        return failed[0] if failed else None

    def called(self, call: Callable[[], object]) -> str | None:
        try:
            call()
        except OutOfTime:
            raise
        except BaseException as error:  # a test fails with whatever it raises, SystemExit included
            return type(error).__name__
        return None

    def is_stained(self) -> bool:
        """Return whether the tests answer to the unchanged code in another way than they did at first."""
        passing = [name for name in self.ids if name not in self.failing][:CHECKED]
        return any(self.message_of(name) is not None for name in passing) or (
            bool(self.failing) and self.message_of(self.failing[0]) is None
        )

    def out_of_time(self, number: int, frame: object) -> None:
        self.times_out += 1
        if self.times_out > 1:
            os._exit(OUT_OF_TIME)
        raise OutOfTime


class Batch:
    """Candidates that share a process: those it has not answered for yet, and what it has answered."""

    def __init__(self, candidates: list[tuple[int, dict[str, Any]]], checked: bool) -> None:
        self.candidates = candidates
        self.left = list(candidates)
        self.done: list[dict[str, Any]] = []
        self.checked = checked
        self.stained = self.clean = False
        self.child: Child


def restore(codes: list[tuple[types.FunctionType, types.CodeType]]) -> None:
    for function, code in codes:
        if function.__code__ is not code:
            function.__code__ = code
