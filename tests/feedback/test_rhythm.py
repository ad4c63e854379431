"""Typing rhythm from edits at given times."""

import pytest

from tactful.core.text import Edit
from tactful.core.types import Rhythm
from tactful.feedback.rhythm import RhythmTracker


def typed(*edits: tuple[float, str]) -> RhythmTracker:
    tracker = RhythmTracker()
    for at, text in edits:
        tracker.edited("u", Edit(start=0, end=0 if text else 1, text=text), at)
    return tracker


@pytest.mark.parametrize(
    ("edits", "at", "expected"),
    [
        ([], 1.0, Rhythm()),
        ([(1.0, "a")], 1.5, Rhythm(ms_since_last_edit=500, chars_in_run=1, last_edit_length=1)),
        (
            [(1.0, "a"), (1.25, "b"), (1.75, "c")],
            2.0,
            Rhythm(ms_since_last_edit=250, ms_between_edits=375, chars_in_run=3, last_edit_length=1),
        ),
        (
            [(1.0, "abc"), (2.0, "d")],
            2.5,
            Rhythm(ms_since_last_edit=500, ms_between_edits=1000, chars_in_run=1, last_edit_length=1),
        ),
        ([(1.0, "abc")], 2.0, Rhythm(ms_since_last_edit=1000, chars_in_run=0, last_edit_length=3)),
        (
            [(1.0, "a"), (1.5, "")],
            1.5,
            Rhythm(ms_since_last_edit=0, ms_between_edits=500, chars_in_run=1, deletions_in_last_ten=1),
        ),
        ([(2.0, "a")], 1.0, Rhythm(ms_since_last_edit=0, chars_in_run=1, last_edit_length=1)),
    ],
)
def test_rhythm(edits: list[tuple[float, str]], at: float, expected: Rhythm) -> None:
    assert typed(*edits).rhythm("u", at) == expected


def test_only_the_last_ten_edits_count() -> None:
    tracker = typed(*[(float(at), "") for at in range(5)], *[(5 + at / 10, "a") for at in range(10)])
    rhythm = tracker.rhythm("u", 6.0)
    assert rhythm.deletions_in_last_ten == 0
    assert rhythm.ms_between_edits == pytest.approx(100)


def test_documents_are_apart_and_forgotten_when_closed() -> None:
    tracker = typed((1.0, "a"))
    assert tracker.rhythm("other", 1.0) == Rhythm()
    tracker.closed("u")
    assert tracker.rhythm("u", 1.0) == Rhythm()
