"""Affected tests that found no time run on the repaired text before it is offered; a runner that only pretends."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tactful.verify.confirm import confirmed, reserve_s
from tactful.verify.coverage import Record
from tactful.verify.model import Evidence, Offer, TestNames, VerifyResult
from tactful.verify.repair.search import Problem
from tactful.verify.runner.host import Item, RunnerLost, TestRun
from tactful.verify.selection import Chosen

TEXT = "x = 0\n"


class FakeRunner:
    """Tests whose outcome depends on the text that is held."""

    def __init__(self, failing: dict[str, set[str]], lost: bool = False, slow: bool = False) -> None:
        self.failing = failing
        self.lost = lost
        self.slow = slow
        self.deadline = time.monotonic() + 60
        self.held = ""

    def hold(self, files: Sequence[str], *, target: str, text: str, doctests: bool) -> None:
        if self.lost:
            raise RunnerLost("gone")
        self.held = text

    def run(self, ids: Sequence[str], *, limit_s: float, within_s: float) -> Iterator[TestRun]:
        for name in ids[:1] if self.slow else ids:
            outcome = "failed" if name in self.failing.get(self.held, ()) else "passed"
            yield TestRun(id=name, outcome=outcome, seconds=0.0, lines=frozenset(), failure={})


def offer(new: str) -> Offer:
    return Offer(start=4, end=5, old_text="0", new_text=new, description=f"`0` -> `{new}` at line 1")


def chosen(name: str, seconds: float | None = None, is_affected: bool = True) -> Chosen:
    record = None
    if seconds is not None:
        record = Record(runs_target=True, is_current=True, failed=False, seconds=seconds)
    item = Item(id=name, path="t.py", line=0, kind="test")
    return Chosen(item=item, why="", score=1.0, is_affected=is_affected, record=record)


RESULT = VerifyResult(
    status="fixed",
    message="a repair",
    offers=(offer("1"), offer("2")),
    evidence=Evidence(tests_before=TestNames(failed=("a",)), tests_after=TestNames(passed=("a",))),
)
PROBLEM = Problem(
    text=TEXT, path="m.py", name="m.py", symbol=None, runs=(), failures=(), target="m.py", files=(), doctests=False,
    importable=True,
)  # fmt: skip


def settle(runner: FakeRunner, *left: Chosen) -> VerifyResult:
    return confirmed(PROBLEM, RESULT, left, runner, lambda message, fraction: None)  # type: ignore[arg-type]


def test_with_nothing_left_the_offers_stand() -> None:
    assert settle(FakeRunner({})) is RESULT
    assert settle(FakeRunner({}, lost=True), chosen("b", is_affected=False)) is RESULT


@pytest.mark.parametrize(
    ("failing", "kept"),
    [
        ({}, ["1", "2"]),
        ({"x = 1\n": {"b"}}, ["2"]),
        ({"x = 1\n": {"b"}, "x = 2\n": {"c"}}, []),
        ({"x = 1\n": {"b"}, TEXT: {"b"}}, ["1", "2"]),  # it fails without the repair too
    ],
)
def test_only_what_no_affected_test_speaks_against_is_offered(failing: dict[str, set[str]], kept: list[str]) -> None:
    result = settle(FakeRunner(failing), chosen("b"), chosen("c"))
    assert [each.new_text for each in result.offers] == kept
    assert result.status == ("fixed" if kept else "failing")
    if kept:
        assert {"a", "c"} <= set(result.evidence.tests_after.passed)
    else:
        assert [each.new_text for each in result.unclear] == ["1", "2"]
        assert "nothing is offered" in result.message


@pytest.mark.parametrize("trouble", [{"lost": True}, {"slow": True}])
def test_without_time_for_them_nothing_is_offered(trouble: dict[str, Any]) -> None:
    result = settle(FakeRunner({}, **trouble), chosen("b"), chosen("c"))
    assert (result.status, result.offers) == ("failing", ())
    assert "give more seconds" in result.message


def test_time_is_kept_for_what_is_left() -> None:
    until = time.monotonic() + 100
    assert reserve_s([chosen("b", is_affected=False)], [], until) == 0
    known = reserve_s([chosen("b", 2.0), chosen("c", 4.0)], [], until)
    assert 6.0 < known < 20.0
    assert 49.0 < reserve_s([chosen("b", 1000.0)], [], until) <= 50.0
