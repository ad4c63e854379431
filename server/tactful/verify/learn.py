"""The background pass: run the tests near a file that have not been measured since something changed.

For an idle moment: at the lowest priority, in a copy and a sandbox of its own, within a budget, and given up at once
when somebody asks for something. Every line of the workspace that the tests run goes into the coverage map.
"""

import ast
import os
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tactful.core.errors import VerifyError
from tactful.verify.bed import Bed, make_bed
from tactful.verify.coverage import Known, Record
from tactful.verify.discover import aim_at, find_python, further_files, is_test_file, near_files
from tactful.verify.lessons import Lessons
from tactful.verify.model import VerifyRequest
from tactful.verify.request import has_own_tests, resolved, site_of, texts_of
from tactful.verify.runner.host import LOWEST_PRIORITY, Item
from tactful.verify.scope import Scope

__all__ = ["Background", "learn"]

_LIMIT_S = 5.0  # of one test; slower ones are measured when they are asked for
_LOOK_S = 1.0  # after which a thread that waits for work looks whether it is to end
_BATCH = 25  # tests after which what was learned is kept


class Background:
    """Passes one after the other, in a thread at the lowest priority; their beds are made below `scratch`."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._stopped = threading.Event()
        self._waiting: queue.SimpleQueue[VerifyRequest] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._beds: list[Bed] = []

    def add(self, request: VerifyRequest) -> None:
        """Have a pass made for the file of `request`, after those that were asked for before."""
        if self._thread is None or self._stopped.is_set():
            self._stopped, self._waiting = threading.Event(), queue.SimpleQueue()
            self._thread = threading.Thread(target=self._run, args=(self._waiting, self._stopped), daemon=True)
            self._thread.start()
        self._waiting.put(request)

    def stop(self) -> None:
        """Give all passes up: their tests are ended; what was learned stays."""
        self._stopped.set()
        for bed in list(self._beds):
            bed.runner.end()

    def is_running_tests(self) -> bool:
        """Return whether a pass has its bed ready."""
        return bool(self._beds)

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end of what was stopped; return whether it came."""
        if self._thread is not None:
            self._thread.join(timeout_s)
        return self._thread is None or not self._thread.is_alive()

    def _run(self, waiting: "queue.SimpleQueue[VerifyRequest]", stopped: threading.Event) -> None:
        if sys.platform == "linux":  # there a priority is a thread's own, and goes over to the processes it starts
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_PRIORITY)
        while not stopped.is_set():
            with suppress(queue.Empty, VerifyError, OSError):  # whatever it is, whoever verifies next is told
                learn(waiting.get(timeout=_LOOK_S), self._scratch, stopped, self._beds)


def learn(request: VerifyRequest, scratch: Path | None, stopped: threading.Event, beds: list[Bed]) -> int:
    """Measure the tests near the file of `request` that are not measured, or not since a change; return how many were.

    The bed is in `beds` while it is used. Raises VerifyError or OSError where nothing can be run.
    """
    request = resolved(request)
    deadline = time.monotonic() + request.budget_s
    site, lessons = site_of(request), Lessons()
    known = lessons.about(request, site.python, Scope(), texts_of(request))
    files = _files(request, known)
    if not files:
        return 0
    bed = make_bed(site, texts_of(request), Path(tempfile.mkdtemp(prefix="tactful-learn-", dir=scratch)), deadline)
    beds.append(bed)
    try:
        if stopped.is_set():
            return 0
        bed.runner.yield_to_others()
        places = [bed.place(path) for path in files]
        items, _ = bed.runner.hold(places, target=bed.place(request.path), doctests=">>>" in request.text)
        return _measure(request, bed, _unmeasured(items, known), lessons)
    finally:
        beds.remove(bed)
        bed.close()


def _files(request: VerifyRequest, known: Known) -> list[Path]:
    """Return the test files near the file of `request`, itself among them where it holds tests."""
    try:
        tree = ast.parse(request.text)
    except (SyntaxError, ValueError, RecursionError):
        return []
    own = [request.path] if has_own_tests(request) or ">>>" in request.text or is_test_file(request.path) else []
    aim, files, texts = aim_at(request.path, tree, ()), find_python(request.root), texts_of(request)
    near = near_files(aim, files, texts)
    near += further_files(aim, files, texts, near)
    by_map = [request.root / name for name in known.files]
    found = dict.fromkeys([*own, *(each.path for each in near), *by_map])
    return [path for path in found if path.exists()]


def _unmeasured(items: Sequence[Item], known: Known) -> list[str]:
    """Return the tests whose record is missing or no longer current; quick ones, as far as anybody knows, first."""
    records = [(known.of(item.id), item.id) for item in items]
    wanted = [(record.seconds if record else 0.0, name) for record, name in records if _is_wanted(record)]
    return [name for seconds, name in sorted(wanted, key=lambda each: each[0]) if seconds < _LIMIT_S]


def _is_wanted(record: Record | None) -> bool:
    return record is None or not record.is_current


def _measure(request: VerifyRequest, bed: Bed, names: Sequence[str], lessons: Lessons) -> int:
    """Run the tests until the budget ends or the bed is taken away; keep what is learned in between."""
    runner, python, texts = bed.runner, bed.site.python, texts_of(request)
    for start in range(0, len(names), _BATCH):
        left = runner.deadline - time.monotonic()
        runs = list(runner.run(names[start : start + _BATCH], trace="all", limit_s=_LIMIT_S, within_s=left - _LIMIT_S))
        lessons.note(runs, bed, request, python, texts, trace="all")
        lessons.keep()
        if left <= _LIMIT_S:
            return start
    return len(names)
