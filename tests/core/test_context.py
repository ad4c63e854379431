"""How a document and an offset become a cursor context."""

import pytest

from tactful.core.context import context_at
from tactful.core.syntax import parse
from tactful.core.text import open_document
from tactful.core.types import CursorContext, History, Rhythm


def context(source: str, offset: int | None = None) -> CursorContext:
    before, _, after = source.partition("¦")
    document = open_document("file:///t.py", "python", 1, before + after)
    return context_at(
        document,
        len(before) if offset is None else offset,
        path=None,
        automatic=True,
        tree=parse(document, None),
        rhythm=Rhythm(chars_in_run=3),
        history=History(),
    )


@pytest.mark.parametrize(
    ("source", "before", "after"),
    [
        ("x = ¦1\ny\n", "x = ", "1"),
        ("a\r\nx = ¦1\r\ny\r\n", "x = ", "1"),
        ("a\n¦", "", ""),
        ("¦", "", ""),
        ("'😀' + ¦ä\n", "'😀' + ", "ä"),
    ],
)
def test_splits_the_line_at_the_cursor(source: str, before: str, after: str) -> None:
    ctx = context(source)
    assert (ctx.line_before, ctx.line_after) == (before, after)


@pytest.mark.parametrize(("offset", "expected"), [(-5, 0), (99, 6), (3, 3)])
def test_moves_an_offset_into_the_document(offset: int, expected: int) -> None:
    assert context("x = 1\n", offset).offset == expected


def test_a_cursor_between_cr_and_lf_stands_at_the_line_end() -> None:
    ctx = context("ab\r\ncd", 3)
    assert (ctx.line_before, ctx.line_after) == ("ab", "")


def test_carries_what_it_is_given() -> None:
    ctx = context("# note¦\n")
    assert ctx.syntax.in_comment
    assert ctx.rhythm.chars_in_run == 3
