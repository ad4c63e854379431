"""Which lines ran, by whichever way this Python traces; the other way is tried where it is there too."""

import sys
import threading
from pathlib import Path

import pytest

from tactful.verify.runner.forkserver.tracer import MonitoringTracer, SettraceTracer, Tracer, make_tracer

SOURCE = """\
def f(x):
    if x:
        return 1
    return helper()

def helper():
    return 2

def many():
    yield 1
    yield 2
"""
KINDS = [SettraceTracer, *([MonitoringTracer] if hasattr(sys, "monitoring") else [])]


class Module:
    """A module in a file of its own, traced."""

    def __init__(self, folder: Path, kind: type[Tracer], name: str, exact: bool, outside: list[str]) -> None:
        self.path = str(folder / name)
        self.globals: dict[str, object] = {}
        exec(compile(SOURCE, self.path, "exec"), self.globals)
        self.tracer = kind(str(folder), outside, None if exact else str(folder / "another.py"))

    def lines(self, *calls: tuple[str, object]) -> set[int]:
        """Return the lines that run when the functions are called with these arguments."""
        self.tracer.start()
        try:
            for name, argument in calls:
                self.globals[name](*([] if argument is None else [argument]))  # type: ignore[operator]
            return self.tracer.take().get(self.path, set())
        finally:
            self.tracer.stop()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> type[Tracer]:
    return request.param  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("calls", "lines"),
    [
        ([("f", 1)], {1, 2, 3}),
        ([("f", 0)], {1, 2, 4, 6, 7}),
        ([("f", 0), ("f", 1)], {1, 2, 3, 4, 6, 7}),
        ([], set()),
    ],
)
def test_lines_of_the_workspace_are_collected(
    tmp_path: Path, kind: type[Tracer], calls: list[tuple[str, object]], lines: set[int]
) -> None:
    assert Module(tmp_path, kind, "a.py", True, []).lines(*calls) == lines


def test_each_run_begins_anew(tmp_path: Path, kind: type[Tracer]) -> None:
    module = Module(tmp_path, kind, "a.py", True, [])
    assert module.lines(("f", 0)) == {1, 2, 4, 6, 7}
    assert module.lines(("f", 1)) == {1, 2, 3}
    assert module.lines(("f", 1)) == {1, 2, 3}


def test_of_other_files_the_functions_that_were_called_are_kept(tmp_path: Path, kind: type[Tracer]) -> None:
    assert Module(tmp_path, kind, "a.py", False, []).lines(("f", 0)) == {1, 6}


def test_files_outside_of_the_workspace_are_not_kept(tmp_path: Path, kind: type[Tracer]) -> None:
    outside = [str(tmp_path / ".venv")]
    assert Module(tmp_path, kind, ".venv/a.py", True, outside).lines(("f", 0)) == set()
    other = Module(tmp_path / "inner", kind, "a.py", True, [])
    other.tracer = kind(str(tmp_path / "other"), [], None)
    assert other.lines(("f", 0)) == set()


def test_threads_are_traced(tmp_path: Path, kind: type[Tracer]) -> None:
    module = Module(tmp_path, kind, "a.py", True, [])
    module.globals["start"] = lambda: in_a_thread(module.globals["helper"])
    assert module.lines(("start", None)) == {6, 7}


def in_a_thread(function: object) -> None:
    thread = threading.Thread(target=function)  # type: ignore[arg-type]
    thread.start()
    thread.join()


def test_nothing_is_traced_after_the_end(tmp_path: Path, kind: type[Tracer]) -> None:
    module = Module(tmp_path, kind, "a.py", True, [])
    module.lines(("f", 1))
    module.globals["f"](0)  # type: ignore[operator]
    assert module.tracer.lines[module.path] == set()


def test_the_cheaper_way_is_taken_where_python_has_it(tmp_path: Path) -> None:
    assert isinstance(make_tracer(str(tmp_path), [], None), KINDS[-1])
