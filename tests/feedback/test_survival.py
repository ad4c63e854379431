"""What is left of accepted text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.core.text import Edit, apply_edit, open_document
from tactful.feedback.spans import Span
from tactful.feedback.survival import SurvivalTracker, kept_fraction


@pytest.mark.parametrize(
    ("accepted", "now", "expected"),
    [
        ("return a", "return a", 1.0),
        ("return a", "", 0.0),
        ("return a", "return", 0.75),
        ("a = b", "a = c", 0.8),
        ("ab cd", "ab xx cd", 1.0),
        ("ab\n  cd", "ab\n    cd", 4 / 7),
        ("", "x", 1.0),
    ],
)
def test_kept_fraction(accepted: str, now: str, expected: float) -> None:
    assert kept_fraction(accepted, now) == pytest.approx(expected)


@given(st.text(max_size=40), st.text(max_size=40))
def test_kept_fraction_is_a_fraction(accepted: str, now: str) -> None:
    assert 0.0 <= kept_fraction(accepted, now) <= 1.0


def test_very_long_text_is_judged_by_its_beginning() -> None:
    assert kept_fraction("a b " * 5000, "a b " * 4000) == 1.0


def accepted_tracker() -> SurvivalTracker:
    tracker = SurvivalTracker()
    tracker.accepted("s1", open_document("u", "python", 1, "x = 1\nabc\n"), Span(start=6, end=9), "abc", 10.0)
    return tracker


def test_each_check_comes_once_even_when_late() -> None:
    tracker = accepted_tracker()
    assert [event.after_s for event in tracker.due(500.0)] == [30, 300]
    assert tracker.due(600.0) == []


def test_edits_of_other_documents_do_not_matter() -> None:
    tracker = accepted_tracker()
    tracker.changed("other", Edit(start=0, end=9, text=""), open_document("other", "python", 1, ""))
    assert [event.kept_fraction for event in tracker.due(40.0)] == [1.0]


def test_the_text_is_followed_when_it_moves() -> None:
    tracker = accepted_tracker()
    document = open_document("u", "python", 1, "x = 1\nabc\n")
    edit = Edit(start=0, end=0, text="import a\n")
    tracker.changed("u", edit, apply_edit(document, edit, 2))
    assert [event.kept_fraction for event in tracker.due(40.0)] == [1.0]


def test_a_closed_document_is_not_followed() -> None:
    tracker = accepted_tracker()
    tracker.closed("u")
    assert tracker.next_due() is None
    assert tracker.due(1000.0) == []
