"""Spans against a brute-force model: every character of the document carries a mark that edits move along."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.core.text import Edit, single_edit
from tactful.feedback.spans import Span, follow, minimal, nearest_place


def span(start: int, end: int) -> Span:
    return Span(start=start, end=end)


def edit(start: int, end: int, text: str) -> Edit:
    return Edit(start=start, end=end, text=text)


@pytest.mark.parametrize(
    ("change", "narrow", "growing"),
    [
        (edit(0, 0, "ab"), (6, 8), (6, 8)),
        (edit(1, 3, ""), (2, 4), (2, 4)),
        (edit(9, 9, "ab"), (4, 6), (4, 6)),
        (edit(5, 5, "ab"), (4, 8), (4, 8)),
        (edit(4, 4, "ab"), (6, 8), (4, 8)),  # at the left border
        (edit(6, 6, "ab"), (4, 6), (4, 8)),  # at the right border
        (edit(4, 6, ""), (4, 4), (4, 4)),
        (edit(3, 5, ""), (3, 4), (3, 4)),
        (edit(3, 5, "xyz"), (3, 7), (3, 7)),
        (edit(0, 9, "x"), (0, 1), (0, 1)),
    ],
)
def test_follows_an_edit(change: Edit, narrow: tuple[int, int], growing: tuple[int, int]) -> None:
    assert follow(span(4, 6), change, grows=False) == span(*narrow)
    assert follow(span(4, 6), change, grows=True) == span(*growing)


def marked_after(marks: list[bool], change: Edit, grows: bool) -> list[bool]:
    """The brute-force model: new characters are marked when they replace, split or (growing) border on marked ones."""
    removed = marks[change.start : change.end]
    left = change.start > 0 and marks[change.start - 1]
    right = change.end < len(marks) and marks[change.end]
    joins = any(removed) or (left and right) or (grows and (left or right))
    return marks[: change.start] + [joins] * len(change.text) + marks[change.end :]


changes = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5), st.text("ab", max_size=4)), max_size=20)


@given(start=st.integers(0, 10), size=st.integers(1, 10), actions=changes, grows=st.booleans())
def test_equals_the_marks_on_the_characters(
    start: int, size: int, actions: list[tuple[int, int, str]], grows: bool
) -> None:
    marks = [False] * start + [True] * size + [False] * 10
    followed = span(start, start + size)
    for first, length, text in actions:
        first = min(first, len(marks))
        change = edit(first, min(first + length, len(marks)), text)
        if change.start <= followed.start and change.end >= followed.end and not text:
            return  # wholly deleted: an empty span has no mark to compare with
        marks = marked_after(marks, change, grows)
        followed = follow(followed, change, grows=grows)
        assert [followed.start <= place < followed.end for place in range(len(marks))] == marks


@given(before=st.text("ab\n", max_size=12), first=st.integers(0, 12), length=st.integers(0, 6), text=st.text("ab\n"))
def test_minimal_has_the_same_effect(before: str, first: int, length: int, text: str) -> None:
    first = min(first, len(before))
    change = edit(first, min(first + length, len(before)), text)
    after = before[: change.start] + text + before[change.end :]
    smaller = minimal(change, before, after)
    assert before[: smaller.start] + smaller.text + before[smaller.end :] == after
    assert len(smaller.text) <= len(text)
    assert change.start <= smaller.start
    assert smaller.end <= change.end


@pytest.mark.parametrize(
    "wrong", [edit(-1, 2, "x"), edit(0, 99, ""), edit(2, 1, "x"), edit(0, 0, "zz"), edit(1, 1, "a")]
)
def test_minimal_computes_an_edit_that_does_not_fit_anew(wrong: Edit) -> None:
    assert minimal(wrong, "abc", "abxc") == single_edit("abc", "abxc")


@given(around=st.text("ab", max_size=6), text=st.text("ab", min_size=1, max_size=4), behind=st.text("ab", max_size=6))
def test_an_insertion_is_found_wherever_the_client_cut_it(around: str, text: str, behind: str) -> None:
    place = len(around)
    before, after = around + behind, around + text + behind
    cut = single_edit(before, after)
    assert nearest_place(cut, span(place, place), after) == edit(place, place, text)


def test_an_insertion_elsewhere_stays_where_it_is() -> None:
    after = "x = 1\ny = 2\n"
    assert nearest_place(edit(6, 6, "y"), span(0, 2), after) == edit(6, 6, "y")
