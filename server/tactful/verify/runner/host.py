"""Tactful's side of the fork server: start it confined, speak JSON lines with it, never wait longer than told."""

import contextlib
import json
import os
import select
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from tactful.core.errors import VerifyError
from tactful.verify.processes import descendants, kill_family, processes_here
from tactful.verify.sandbox import Confined

__all__ = [
    "LOWEST_PRIORITY",
    "Item",
    "PytestMissing",
    "Runner",
    "RunnerLost",
    "TestRun",
    "Trace",
    "Trial",
    "start_runner",
]

_START_TIMEOUT_S = 60.0
_NO_END_S = 1e6
LOWEST_PRIORITY = 19
MAX_PROCESSES = 256
_LOOK_S = 0.05  # how often it is looked whether tests multiply
PROBE_LIMIT_S = 0.1  # of processor time for one call
Trace = Literal[False, "near", "all"]
SCRIPT = Path(__file__).with_name("forkserver")


class PytestMissing(VerifyError):
    """The interpreter for the tests has no pytest."""


class RunnerLost(VerifyError):
    """The fork server ended or fell silent; what it was asked is not answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A collected test; `path` as the fork server sees it, `line` counted from 0, `kind` test or doctest."""

    id: str
    path: str
    line: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRun:
    """One test's run: outcome passed, failed or skipped; `lines` (from 0) of the verified file that it executed.

    `ran` are the lines (from 0) by file as the fork server sees it; of files that were not traced line by line, those
    on which the functions begin that were called.
    """

    __test__ = False  # not a test class, whatever pytest thinks of its name

    id: str
    outcome: str
    seconds: float
    lines: frozenset[int]
    failure: Mapping[str, Any]
    ran: Mapping[str, Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of one candidate.

    `verdict` is passed, failed, timed_out, unfit (it cannot be swapped in while running) or known (it does the same as
    one that was tried before).
    """

    index: int
    verdict: str
    test: str | None = None
    message: str = ""


class Runner:
    """A running fork server. `deadline` (monotonic seconds) ends every wait with RunnerLost."""

    def __init__(self, process: "subprocess.Popen[bytes]", errors: IO[bytes], deadline: float) -> None:
        self._process = process
        self._errors = errors
        self._buffer = b""
        self._held = False
        self.deadline = deadline
        self.python = ""
        self._processes_before = processes_here()
        self._looked_at = time.monotonic()

    def is_alive(self) -> bool:
        """Return whether the fork server still runs."""
        return self._process.poll() is None

    def hold(
        self, files: Sequence[str], *, target: str, text: str | None = None, doctests: bool = False
    ) -> tuple[list[Item], Any]:
        """Collect the tests of `files` with `text` in the verified file `target` (None: as it is).

        Returns items and errors.

        The errors are failures as plain data, one for each file that could not be imported. Raises RunnerLost.
        """
        self.release()
        command: dict[str, Any] = {"op": "hold", "target": target, "files": list(files), "doctests": doctests}
        self._send(command if text is None else {**command, "text": text})
        answer = self._receive()
        if answer["event"] == "unusable":
            self._receive()  # the holder has ended
        if answer["event"] != "held":
            raise RunnerLost(self._reason(answer.get("message", "")))
        self._held = True
        return [Item(**each) for each in answer["items"]], answer["errors"]

    def run(
        self, ids: Sequence[str], *, trace: Trace = False, limit_s: float, within_s: float = _NO_END_S
    ) -> Iterator[TestRun]:
        """Run the held tests `ids` one after the other, each for at most `limit_s`, and yield what they did.

        After `within_s` no further one is begun. `trace` says what is noted of what they ran: nothing, the lines of the
        verified file and the functions of the others ("near"), or the lines of every file of the workspace ("all").
        """
        self._send({"op": "run", "ids": list(ids), "trace": trace, "limit_s": limit_s, "within_s": within_s})
        for event in self._until_done():
            yield _test_run(event)

    def run_with(self, candidate: Mapping[str, Any], ids: Sequence[str], *, limit_s: float) -> list[TestRun] | None:
        """Return what all the held tests `ids` do with a candidate (see `try_candidates`); None where it is unfit."""
        command = {"op": "run", "ids": list(ids), "trace": False, "limit_s": limit_s, "within_s": _NO_END_S}
        self._send({**command, "candidate": candidate})
        events = list(self._until_done())
        return None if any(each["event"] == "unfit" for each in events) else [_test_run(each) for each in events]

    def try_candidates(
        self,
        candidates: Sequence[Mapping[str, Any]],
        ids: Sequence[str],
        limits: Mapping[str, float],
        *,
        failing: Sequence[str],
        jobs: int,
        share: int,
        within_s: float,
    ) -> Iterator[Trial]:
        """Try each candidate on the tests `ids` until its first failure, `jobs` at a time, up to `share` in a process.

        After `within_s` no further one is begun.

        A candidate is `{text, name, line}`: the new text of the outermost function that it changes, at its own lines
        (`def` or first decorator at `line`, from 1), or `{}` for the text that is held. `limits` are seconds of
        processor time for each test; `failing` are those of `ids` that fail with the text that is held.
        """
        command = {"op": "try", "candidates": list(candidates), "ids": list(ids), "limits": dict(limits)}
        self._send({**command, "failing": list(failing), "jobs": jobs, "share": share, "within_s": within_s})
        for event in self._until_done():
            del event["event"]
            yield Trial(**event)

    def probe(
        self, candidates: Sequence[Mapping[str, Any]], ids: Sequence[str], function: tuple[str, int]
    ) -> list[tuple[list[str], list[str]]]:
        """Return, for each candidate, what the function (name, first line) answers to inputs like those of the tests.

        Each is a list of arguments in words and a list of answers; both are empty where it cannot be tried.
        """
        name, line = function
        command = {"op": "probe", "candidates": list(candidates), "ids": list(ids), "name": name, "line": line}
        self._send({**command, "limit_s": PROBE_LIMIT_S})
        return [(event["calls"], event["answers"]) for event in self._until_done()]

    def release(self) -> None:
        """Let go of the collected session."""
        if self._held:
            self._held = False
            self._send({"op": "release"})
            self._receive()

    def yield_to_others(self) -> None:
        """Let everything else on the machine run first, for good."""
        for pid in (self._process.pid, *descendants(self._process.pid)):
            with contextlib.suppress(OSError):  # it has ended
                os.setpriority(os.PRIO_PROCESS, pid, LOWEST_PRIORITY)

    def end(self) -> None:
        """End the fork server and all it started; whoever waits for it, in another thread, gets RunnerLost."""
        if self.is_alive():
            kill_family(self._process.pid)

    def close(self) -> None:
        """End the fork server and all it started, and what is kept for it here."""
        kill_family(self._process.pid)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                stream.close()

    def greet(self, setup: Mapping[str, Any]) -> None:
        """Tell the fork server its setup. Raises PytestMissing or RunnerLost."""
        self._send(setup)
        answer = self._receive()
        self.python = answer.get("python", "")
        if answer["event"] == "no_pytest":
            raise PytestMissing(self.python)

    def _until_done(self) -> Iterator[dict[str, Any]]:
        while (event := self._receive())["event"] != "done":
            if event["event"] in ("lost", "released", "unusable"):
                self._held = False
                if event["event"] == "unusable":
                    self._receive()  # the holder has ended
                raise RunnerLost("A test ended the process that ran the tests.")
            yield event

    def _send(self, command: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()
        except (BrokenPipeError, OSError) as error:
            raise RunnerLost(self._reason("")) from error

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        fd = self._process.stdout.fileno()
        while b"\n" not in self._buffer:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise RunnerLost("The tests did not answer within the time budget.")
            self._end_where_too_many()
            if not select.select([fd], [], [], min(left, _LOOK_S))[0]:
                continue
            data = os.read(fd, 1 << 16)
            if not data:
                raise RunnerLost(self._reason(""))
            self._buffer += data
        line, self._buffer = self._buffer.split(b"\n", 1)
        event: dict[str, Any] = json.loads(line)
        return event

    def _end_where_too_many(self) -> None:
        """End the fork server where its tests multiply; no limit of the system holds for the user root."""
        now = time.monotonic()
        if now - self._looked_at < _LOOK_S:
            return
        self._looked_at = now
        if processes_here() - self._processes_before > MAX_PROCESSES < len(descendants(self._process.pid)):
            kill_family(self._process.pid)
            raise RunnerLost(f"A test started more than {MAX_PROCESSES} processes, and all of them were ended.")

    def _reason(self, message: str) -> str:
        """Return why the fork server gave up: the last line that it or pytest wrote."""
        self._errors.seek(0)
        lines = (message or self._errors.read().decode("utf-8", "replace")).strip().splitlines()
        told = [line.partition("error: ")[2] for line in lines if ": error: " in line]
        told += [line.removeprefix("ERROR: ") for line in lines if line.startswith(("ERROR", "ImportError"))]
        return "pytest could not start: " + next(iter([*told, *lines[-1:]]), "it gave no reason") + "."


def _test_run(event: dict[str, Any]) -> TestRun:
    known = {name: event.pop(name) for name in ("id", "outcome", "seconds", "lines")}
    ran = event.pop("ran", {})
    del event["event"]
    return TestRun(**{**known, "lines": frozenset(known["lines"])}, failure=event, ran=ran)


def start_runner(
    confined: Confined, environment: Mapping[str, str], setup: Mapping[str, Any], errors: Path, deadline: float
) -> Runner:
    """Start the fork server and wait until pytest is imported there. Raises PytestMissing or RunnerLost."""
    sink = errors.open("w+b")
    process = subprocess.Popen(
        confined.command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=sink,
        env=dict(environment),
        cwd=confined.root,
        process_group=0,
    )
    runner = Runner(process, sink, min(deadline, time.monotonic() + _START_TIMEOUT_S))
    try:
        runner.greet(setup)
    except VerifyError:
        runner.close()
        raise
    runner.deadline = deadline
    return runner
