"""What a request is about, and which runs count for it."""

import ast
from pathlib import Path

import pytest

from tactful.verify import VerifyRequest
from tactful.verify.runner.host import TestRun
from tactful.verify.scope import Scope, scope_of, split_runs

SOURCE = """\
import os

def first(x):
    def inner(y):
        return y
    return inner(x)

class Box:
    size = 1

    def grow(self):
        self.size += 1

def last(): return 1
"""


def scope(**options: object) -> Scope | None:
    request = VerifyRequest(root=Path("/"), path=Path("/a.py"), text=SOURCE, **options)  # type: ignore[arg-type]
    return scope_of(ast.parse(SOURCE), request)


def run(name: str, outcome: str, *lines: int, timed_out: bool = False) -> TestRun:
    failure = {"timed_out": True} if timed_out else {}
    return TestRun(id=name, outcome=outcome, seconds=0.1, lines=frozenset(lines), failure=failure)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, []),
        ({"symbol": "first"}, ["first"]),
        ({"symbol": "grow"}, ["Box.grow"]),
        ({"symbol": "Box"}, ["Box"]),
        ({"line": 4}, ["first"]),
        ({"line": 8}, ["Box"]),
        ({"line": 0}, []),
        ({"line": 4, "end_line": 4}, ["first"]),
        ({"line": 4, "end_line": 5}, ["first"]),
        ({"line": 5, "end_line": 11}, ["first", "Box.grow"]),
        ({"line": 0, "end_line": 99}, ["first", "Box.grow", "last"]),
        ({"line": 6, "end_line": 8}, []),
    ],
)
def test_what_is_chosen(options: dict[str, object], names: list[str]) -> None:
    found = scope(**options)
    assert found is not None
    assert [each.name for each in found.symbols] == names


def test_a_name_that_is_not_there_chooses_nothing() -> None:
    assert scope(symbol="gone") is None


@pytest.mark.parametrize(
    ("options", "units"),
    [
        ({}, None),
        ({"symbol": "first"}, {"first"}),
        ({"symbol": "first.inner"}, {"first"}),
        ({"symbol": "Box"}, {"Box.grow"}),
        ({"line": 5, "end_line": 13}, {"first", "Box.grow", "last"}),
    ],
)
def test_the_functions_of_the_map_that_are_meant(options: dict[str, object], units: set[str] | None) -> None:
    found = scope(**options)
    assert found is not None
    assert found.units(SOURCE) == units


@pytest.mark.parametrize(
    ("runs", "kept", "note", "is_run"),
    [
        ([run("a", "failed", 5)], ["a"], "", True),
        ([run("a", "failed", 5), run("b", "failed", 11)], ["a"], "1 other test fails without running first.", True),
        ([run("a", "passed", 5), run("b", "passed", 11)], ["a", "b"], "", True),
        ([run("a", "failed", 2)], ["a"], "The near test does not run first; write a test that calls it.", False),
        ([run("a", "failed", timed_out=True)], ["a"], "", True),
        ([], [], "", True),
    ],
)
def test_which_runs_count(runs: list[TestRun], kept: list[str], note: str, is_run: bool) -> None:
    found = scope(symbol="first")
    assert found is not None
    counted, said, ran = split_runs(found, runs)
    assert ([each.id for each in counted], said, ran) == (kept, note, is_run)


@pytest.mark.parametrize(
    ("lines", "name"), [([5], "first"), ([11], "Box.grow"), ([5, 11], None), ([], None), ([13], "last")]
)
def test_of_several_functions_the_one_that_fails_is_at_fault(lines: list[int], name: str | None) -> None:
    found = scope(line=0, end_line=99)
    assert found is not None
    symbol = found.at_fault([run("a", "failed", *lines), run("b", "passed", 5, 11, 13)])
    assert (symbol.name if symbol else None) == name
