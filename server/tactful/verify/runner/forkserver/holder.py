"""The holder: a collected pytest session that forks a child for each run."""

from __future__ import annotations

import functools
import gc
import importlib.util
import os
import signal
import time
import traceback
import types
import warnings
from typing import Any, Callable, Iterator

from .child import SIGNAL_REPORT, Child
from .examples import read_leniently
from .failures import MAX_TEXT, describe_collection_error, describe_exception, message_of
from .probe import answers, record_calls, shown
from .recorder import Recorder
from .state import remember
from .tracer import make_tracer
from .trials import Trials
from .variation import varied
from .wire import Wire, write_line

PROBE_S = 3.0  # for all the calls of one probe


def hold(wire: Wire, setup: dict[str, Any], command: dict[str, Any]) -> None:
    """Collect the tests that `command["files"]` name and serve runs of them. Never returns."""
    import pytest

    code = 1
    try:
        pytest.hookimpl(hookwrapper=True)(Holder.pytest_runtest_makereport)  # it marks the function in place
        pytest.hookimpl(hookwrapper=True)(Holder.pytest_fixture_setup)
        pytest.hookimpl(tryfirst=True)(Holder.pytest_runtestloop)
        brief = Holder.pytest_runtest_makereport_brief
        pytest.hookimpl(tryfirst=True, specname="pytest_runtest_makereport")(brief)
        holder = Holder(wire, setup, command)
        pytest.main(pytest_arguments(setup, command), plugins=[holder])
        wire.send(event="unusable", message="")  # pytest returns only when it could not start: it told standard error
        code = 0
    except BaseException:  # whatever a plugin or a conftest raises, even SystemExit, must not run the server's own code
        wire.send(event="unusable", message=traceback.format_exc(limit=-3)[-MAX_TEXT:])
        code = 0
    finally:
        os._exit(code)


def pytest_arguments(setup: dict[str, Any], command: dict[str, Any]) -> list[str]:
    """Return pytest's arguments: the user's settings stay, but for what writes, reorders or parallelises."""
    arguments = ["-o", "cache_dir=" + setup["scratch"], "--capture=sys", "--tb=native", "--maxfail=0"]
    installed = {name for name in ("xdist", "pytest_cov", "pytest_randomly") if importlib.util.find_spec(name)}
    if not os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        arguments += ["-n0"] if "xdist" in installed else []
        arguments += ["--no-cov"] if "pytest_cov" in installed else []
        arguments += ["--randomly-dont-reorganize"] if "pytest_randomly" in installed else []
    arguments += ["--doctest-modules"] if command.get("doctests") else []
    return [*arguments, *command["files"]]


class Holder:
    """A pytest plugin that, in place of running the tests, waits for commands and forks a child for each run."""

    def __init__(self, wire: Wire, setup: dict[str, Any], command: dict[str, Any]) -> None:
        self.wire = wire
        self.target: str = command["target"]
        self.root: str = setup["root"]
        self.outside: list[str] = setup["outside"]
        self.recorder: Recorder | None = None
        self.command = command
        self.config: Any = None
        self.errors: list[dict[str, Any]] = []
        self.brief = False
        self.shares = True  # whether several candidates may be tried in one process
        self.seen: set[int] = set()  # what was tried, by what it compiles to
        self.put_back: Callable[[], None] = lambda: None
        self.items: dict[str, Any] = {}
        self.functions: dict[tuple[str, int], list[types.FunctionType]] = {}
        self.base: types.CodeType | None = None
        self.report: Callable[[Any, dict[str, Any]], None] = lambda report, failure: None

    def pytest_configure(self, config: Any) -> None:
        read_leniently(config)

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.errors.append(describe_collection_error(report, self.root))

    def pytest_runtestloop(self, session: Any) -> bool:
        self.config = session.config
        self.items = {item.nodeid: item for item in session.items if wanted(item, self.target)}
        self.wire.send(event="held", items=[place(item) for item in self.items.values()], errors=self.errors)
        self.functions = live_functions(self.target)
        self.base = compiled(self.target)
        self.put_back = remember(self.target, frozenset(str(item.fspath) for item in self.items.values()))
        self.seen = set(keys_of(self.base)) if self.base else set()
        gc.collect()
        gc.freeze()
        while True:
            command = self.wire.receive()
            if command is None or command["op"] == "release":
                os._exit(0)
            if command["op"] == "run":
                self.run(command)
            elif command["op"] == "try":
                Trials(self, command).run()
            elif command["op"] == "probe":
                self.probe_all(command)
            self.wire.send(event="done")

    def pytest_runtest_makereport_brief(self, item: Any, call: Any) -> Any:
        """In place of pytest's own report, whose traceback costs more than a quick test, give the verdict."""
        if not self.brief or call.excinfo is None:
            return None
        import pytest

        outcome = "skipped" if call.excinfo.errisinstance(pytest.skip.Exception) else "failed"
        text = message_of(call.excinfo.value)
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, text, call.when)  # type: ignore[arg-type]

    def pytest_runtest_makereport(self, item: Any, call: Any) -> Iterator[None]:
        outcome = yield
        report = outcome.get_result()  # type: ignore[attr-defined]
        if report.failed and call.excinfo is not None:
            report.tactful = describe_exception(call.excinfo.value, item, self.root, self.target)

    def pytest_runtest_logreport(self, report: Any) -> None:
        failure = getattr(report, "tactful", None) or {"message": str(report.longrepr or "")[:MAX_TEXT]}
        self.report(report, failure)

    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Iterator[None]:
        recorder = self.recorder if fixturedef.scope != "function" else None
        if recorder is not None:
            recorder.begin_fixture()
        yield
        if recorder is not None:
            recorder.end_fixture(fixturedef)

    # -- a run of named tests, every one reported

    def run(self, command: dict[str, Any]) -> None:
        left = [name for name in command["ids"] if name in self.items]
        limit = command["limit_s"]
        end = time.monotonic() + command["within_s"]
        while left and time.monotonic() < end:
            child = Child(functools.partial(self.run_all, left, command, end), limit)
            events = list(child.events(self.wire))
            if any(event["event"] == "unfit" for event in events):
                self.wire.send(event="unfit")
                return
            done = [event["id"] for event in events if event["event"] == "test"]
            left = left[len(done) :]
            if child.timed_out:  # where one test hangs others may, and they are not to cost as much
                limit = max(limit / 4, command["limit_s"] / 8)
            if left and child.current not in done and child.current is not None:
                self.wire.send(event="test", id=left.pop(0), outcome="failed", seconds=0.0, lines=[], **child.fate())

    def run_all(self, names: list[str], command: dict[str, Any], end: float, fd: int) -> None:
        if command.get("candidate") and self.swap(command["candidate"]) is None:
            write_line(fd, {"event": "unfit"})
            return
        exact = self.target if command["trace"] == "near" else None
        tracer = make_tracer(self.root, self.outside, exact) if command["trace"] else None
        fixtures: dict[Any, Any] = {}
        for name, following in zip(names, [*names[1:], None]):
            write_line(fd, {"event": "start", "id": name})
            recorder = self.recorder = Recorder(name, self.target, tracer, fixtures)
            self.report = recorder.add
            signal.signal(SIGNAL_REPORT, lambda _, frame, r=recorder: r.out_of_time(fd, frame, self.root))  # type: ignore[misc]
            with recorder:
                self.run_item(name, following)
            recorder.rest_on(self.items[name])
            write_line(fd, recorder.event())
            if time.monotonic() >= end:
                return

    def run_item(self, name: str, following: str | None) -> None:
        item = self.items[name]
        following_item = None if following is None else self.items[following]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following_item)

    # -- how a function is called, and what it answers

    def probe_all(self, command: dict[str, Any]) -> None:
        for candidate in command["candidates"]:
            child = Child(lambda fd, each=candidate: self.probe(fd, each, command), PROBE_S)  # type: ignore[misc]
            found = [event for event in child.events(self.wire) if event["event"] == "answers"]
            self.wire.send(**(found[0] if found else {"event": "answers", "calls": [], "answers": []}))

    def probe(self, fd: int, candidate: dict[str, Any], command: dict[str, Any]) -> None:
        """Report what the function answers to inputs like those that it is called with by the tests."""
        key = (command["name"], command["line"])
        self.brief = True
        functions = self.functions.get(key)
        if not functions or self.swap(candidate) is None:
            return
        # What tests pass in is the same under each repair; under the broken code a test may hang or stop early.
        inputs = varied(record_calls(key, self.target, lambda: self.run_quietly(command["ids"])))
        signal.signal(SIGNAL_REPORT, signal.SIG_DFL)
        found = answers(functions[0], inputs, command["limit_s"])
        write_line(fd, {"event": "answers", "calls": [shown(each) for each in inputs], "answers": found})

    def run_quietly(self, names: list[str]) -> None:
        for name in names:
            self.run_item(name, None)

    def swap(self, candidate: dict[str, Any]) -> int | None:
        """Give the live functions of the candidate's function its new code; return what tells that code from others.

        None when the code cannot be put in the place of the old one.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                module = compile(candidate["text"], self.target, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        old = self.base and find_code(self.base, candidate["name"], candidate["line"])
        new = find_code(module, candidate["name"], candidate["line"])
        if old is None or new is None:
            return None
        try:
            replaced = self.replace(old, new)
        except ValueError:  # it refers to other variables of the functions around it
            return None
        return key_of(new) if replaced else None

    def replace(self, old: types.CodeType, new: types.CodeType) -> int:
        count = 0
        for function in self.functions.get((old.co_name, old.co_firstlineno), ()):
            function.__code__ = new
            count += 1
        for inner, changed in zip(inner_codes(old), inner_codes(new)):
            if inner.co_name == changed.co_name and inner.co_freevars == changed.co_freevars:
                self.replace(inner, changed)
        return count


def compiled(target: str) -> types.CodeType | None:
    """Return the code of the verified file as it is held, None when it cannot be compiled."""
    try:
        with open(target, encoding="utf-8", newline="") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(file.read(), target, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError):
        return None


def wanted(item: Any, target: str) -> bool:
    """Doctests count only where they stand in the verified file."""
    return type(item).__name__ != "DoctestItem" or str(getattr(item, "path", item.fspath)) == target


def place(item: Any) -> dict[str, Any]:
    path, line, _ = item.reportinfo()
    kind = "doctest" if type(item).__name__ == "DoctestItem" else "test"
    return {"id": item.nodeid, "path": str(path), "line": line or 0, "kind": kind}


def live_functions(target: str) -> dict[tuple[str, int], list[types.FunctionType]]:
    found: dict[tuple[str, int], list[types.FunctionType]] = {}
    for each in gc.get_objects():
        if type(each) is types.FunctionType and each.__code__.co_filename == target:
            found.setdefault((each.__code__.co_name, each.__code__.co_firstlineno), []).append(each)
    return found


def inner_codes(code: types.CodeType) -> list[types.CodeType]:
    return [each for each in code.co_consts if isinstance(each, types.CodeType)]


def key_of(code: types.CodeType) -> int:
    return hash((code.co_firstlineno, meaning(code)))


def keys_of(code: types.CodeType) -> Iterator[int]:
    for each in inner_codes(code):
        yield key_of(each)
        yield from keys_of(each)


def meaning(code: types.CodeType) -> tuple[Any, ...]:
    """Return all of `code` but where it stands: two codes that are equal in this do the same."""
    constants = tuple(
        meaning(each) if isinstance(each, types.CodeType) else (type(each), repr(each)) for each in code.co_consts
    )
    arguments = (code.co_argcount, code.co_kwonlyargcount, code.co_flags)
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    return (code.co_code, getattr(code, "co_exceptiontable", b""), constants, arguments, names)


def find_code(code: types.CodeType, name: str, line: int) -> types.CodeType | None:
    for each in inner_codes(code):
        if each.co_name == name and each.co_firstlineno == line:
            return each
        found = find_code(each, name, line)
        if found is not None:
            return found
    return None
