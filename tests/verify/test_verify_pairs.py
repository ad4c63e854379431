"""Two edits at once."""

import ast
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.verify.repair.candidates import Candidate, applied
from tactful.verify.repair.pairs import joined, narrowed, pairs
from tactful.verify.repair.ranking import Ranked, all_edits_near
from tactful.verify.repair.source import Source

TEXT = "def f(a, b):\n    c = a + 1\n    return c - b\n\n\ndef g(x):\n    return x\n"


def edit(source: Source, old: str, new: str, score: float = 0.5) -> Ranked:
    at = source.text.index(old)
    function = next(each for each in source.functions if each.end_lineno >= source.text.count("\n", 0, at) + 1)  # type: ignore[operator]
    node = function.body[0]
    candidate = Candidate(start=at, end=at + len(old), new_text=new, operator="number", node=node)
    return Ranked(candidate=candidate, score=score)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (("1", "2"), ("c - b", "c + b"), "def f(a, b):\n    c = a + 2\n    return c + b\n"),
        (("c - b", "c + b"), ("1", "2"), "def f(a, b):\n    c = a + 2\n    return c + b\n"),
        (("a + 1", "a"), ("1", "2"), None),  # they overlap
        (("1", "2"), ("return x", "return -x"), None),  # in different functions
    ],
)
def test_joined(first: tuple[str, str], second: tuple[str, str], expected: str | None) -> None:
    source = Source(TEXT)
    pair = joined(source, edit(source, *first), edit(source, *second))
    assert (pair and applied(TEXT, pair.candidate).partition("\n\n")[0] + "\n") == expected


EDITS = st.tuples(st.integers(0, 8), st.integers(0, 4), st.text("ab\n", max_size=4))


def cut(text: str, made: tuple[int, int, str]) -> Candidate:
    start = min(made[0], len(text))
    end = min(start + made[1], len(text))
    return Candidate(start=start, end=end, new_text=made[2], operator="number", node=ast.Pass())


@given(st.text("ab\n", max_size=8), EDITS, EDITS)
def test_an_edit_on_top_of_another_is_one_that_keeps_what_is_common(
    text: str, one: tuple[int, int, str], other: tuple[int, int, str]
) -> None:
    first = cut(text, one)
    after = applied(text, first)
    second = cut(after, other)
    found = narrowed(text, after, first, second)
    assert applied(text, found) == applied(after, second)
    old = text[found.start : found.end]
    assert not (old and found.new_text and (old[0] == found.new_text[0] or old[-1] == found.new_text[-1]))


def test_pairs_fall_in_score_and_hold_edits_on_top_of_edits() -> None:
    source = Source(TEXT)
    candidates = all_edits_near(source, 0, len(TEXT))
    promising = [edit(source, "a + 1", "a + 1 + 2", 0.9)]
    found = list(islice(pairs(source, candidates, promising), 400))
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    texts = {applied(TEXT, each.candidate) for each in found}
    assert len(texts) > 300
    assert any("a - 1 + 2" in each for each in texts)  # an edit of what the first edit has made
