"""Recorded decisions as rows: missing fields, and nothing from after the moment of showing."""

import json
from math import isnan, log1p
from typing import Any

import pytest

from tactful.acceptance.decisions import read_decisions, rows_of_decisions
from tactful.acceptance.rows import Row


def decision(**fields: Any) -> dict[str, Any]:
    base = {
        "user": "a",
        "shown_at": 10.0,
        "decided_at": 12.0,
        "prefix": "x = ",
        "suggestion": "foo(1)",
        "measurements": {"meanLogProb": -0.25, "numTokens": 4.0},
        "accepted": True,
    }
    return base | fields


def rows(*decisions: dict[str, Any]) -> list[Row]:
    return list(rows_of_decisions(decisions))


def value(row: Row, name: str) -> float:
    assert row.stage2 is not None
    return row.stage2.values[name]


def test_a_decision_becomes_a_row() -> None:
    (row,) = rows(decision())
    assert (row.group, row.wanted) == ("a", True)
    assert value(row, "after_equals") == 1
    assert value(row, "mean_logprob") == pytest.approx(-0.25)
    assert value(row, "total_logprob") == pytest.approx(-1.0)
    assert value(row, "source_is_model") == 1


@pytest.mark.parametrize(
    "name", ["least_logprob", "first_logprob", "lines_after", "line_after_length", "ms_since_last_edit"]
)
def test_what_was_not_recorded_is_unknown(name: str) -> None:
    assert isnan(value(rows(decision())[0], name))


def test_a_recorded_suffix_is_used() -> None:
    assert value(rows(decision(suffix=")\n"))[0], "line_after_length") == 1


def test_every_field_but_the_answer_may_be_missing() -> None:
    (row,) = rows({"accepted": False, "suggestion": "x"})
    assert isnan(value(row, "mean_logprob"))
    assert isnan(value(row, "engine_probability"))


@pytest.mark.parametrize(
    "measurements", [None, [], {"meanLogProb": "x", "numTokens": 3}, {"meanLogProb": -1, "numTokens": 0}]
)
def test_strange_measurements_are_unknown(measurements: object) -> None:
    assert isnan(value(rows(decision(measurements=measurements))[0], "mean_logprob"))


def test_without_a_suggestion_there_is_no_row() -> None:
    assert rows(decision(suggestion=""), decision(suggestion=None)) == []


def test_history_is_that_of_the_same_programmer() -> None:
    past, other, now = decision(), decision(user="b", shown_at=13.0), decision(shown_at=20.0, decided_at=21.0)
    found = rows(past, other, now)
    assert isnan(value(found[1], "recent_wanted_share"))
    assert value(found[2], "last_wanted") == 1
    assert value(found[2], "s_since_last_shown") == pytest.approx(2.397895, abs=1e-5)  # log(1 + 10 s)


def test_a_decision_that_came_later_is_not_known_yet() -> None:
    overlapping = decision(shown_at=11.0, decided_at=30.0)
    row = rows(overlapping, decision(shown_at=20.0))[1]
    assert isnan(value(row, "last_wanted"))
    assert isnan(value(row, "s_since_last_shown"))


def test_a_refusal_within_a_blink_is_no_refusal() -> None:
    past = decision(accepted=False, decided_at=10.5)
    assert isnan(value(rows(past, decision(shown_at=20.0))[1], "last_wanted"))


@pytest.mark.parametrize(
    "later",
    [
        {"accepted": False},
        {"decided_at": 99.0},
        {"edit_fraction_at_checks": [1.0]},
        {"typing": "UserPaused"},
        {"task": "t"},
    ],
)
def test_no_feature_changes_with_what_happens_later(later: dict[str, Any]) -> None:
    before, after = rows(decision())[0], rows(decision(**later))[0]
    assert str(before.stage1) == str(after.stage1)
    assert str(before.stage2) == str(after.stage2)


def test_reads_lines_and_passes_over_blank_ones() -> None:
    lines = [json.dumps(decision()), "", "  ", json.dumps(decision(user="b"))]
    assert [found["user"] for found in read_decisions(lines)] == ["a", "b"]


@pytest.mark.parametrize("line", ["{", "[]", "3", "{}", '{"accepted": 1}'])
def test_names_the_line_that_is_no_decision(line: str) -> None:
    with pytest.raises(ValueError, match="line 2 is not"):
        list(read_decisions(["", line]))


def test_what_was_typed_and_deleted_since_the_last_suggestion_counts() -> None:
    past = decision(prefix="x = ", suggestion="foo(1)", accepted=True)
    now = decision(prefix="x = foo(12", suggestion=")", shown_at=20.0, decided_at=21.0)
    row = rows(past, now)[1]
    assert value(row, "typed_since_last") == pytest.approx(log1p(1))  # after foo(1 came a 2
    assert value(row, "deleted_since_last") == pytest.approx(log1p(1))  # the accepted bracket went
    assert value(row, "s_since_last_ended") == pytest.approx(log1p(8))


def test_likeness_is_to_what_was_rejected_last() -> None:
    past = [decision(suggestion="a + b", accepted=False), decision(suggestion="q", shown_at=13.0, decided_at=14.0)]
    row = rows(*past, decision(suggestion="a + c", shown_at=20.0, decided_at=21.0))[2]
    assert value(row, "like_the_rejected") == pytest.approx(2 / 4)


def test_a_recording_can_say_that_the_engine_made_the_suggestion() -> None:
    model, embedded = rows(decision(), decision(source="workspace", shown_at=20.0))
    assert (value(model, "asks_model"), value(embedded, "asks_model")) == (1, 0)
    assert value(embedded, "source_is_workspace") == 1


def test_a_refusal_within_a_blink_tells_nothing_of_the_programmer() -> None:
    blink, slow = rows(decision(accepted=False, decided_at=10.5), decision(accepted=False, shown_at=20, decided_at=23))
    assert (blink.tells, slow.tells) == (False, True)


@pytest.mark.parametrize("changed", [{"accepted": False}, {"decided_at": 99.0}, {"suggestion": "other"}])
def test_later_decisions_change_no_earlier_row(changed: dict[str, Any]) -> None:
    first, later = decision(), decision(shown_at=20.0, decided_at=22.0)
    alone, followed = rows(first), rows(first, later | changed)
    assert str(alone[0]) == str(followed[0])
    assert str(rows(first, later)[0]) == str(followed[0])
