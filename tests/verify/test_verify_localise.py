import pytest

from tactful.verify.localise import suspiciousness

A, B, C = 1, 2, 3


def lines(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


def test_line_that_only_failing_tests_run_is_most_suspicious() -> None:
    found = suspiciousness([lines(A, B)], [lines(A)], [])
    assert found[B] == 1.0
    assert found[A] == pytest.approx(0.707, abs=0.001)


def test_lines_of_passing_tests_alone_are_not_suspicious() -> None:
    assert C not in suspiciousness([lines(A)], [lines(C)], [])


def test_traceback_raises_suspicion() -> None:
    plain = suspiciousness([lines(A, B)], [lines(A, B)], [])
    raised = suspiciousness([lines(A, B)], [lines(A, B)], [B])
    assert raised[A] == plain[A]
    assert plain[B] < raised[B] < 1.0


def test_traceback_counts_without_coverage() -> None:
    assert set(suspiciousness([], [], [C])) == {C}


def test_nothing_fails() -> None:
    assert suspiciousness([], [lines(A)], []) == {}
