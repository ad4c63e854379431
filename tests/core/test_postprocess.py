"""Suggestions are repaired where that is safe and skipped where nothing is left."""

import pytest

from tactful.core.postprocess import postprocess
from tactful.core.text import open_document
from tactful.core.types import Completion, CursorContext, Skipped, SyntaxFacts


def context(source: str) -> CursorContext:
    """Return the context at the `|` in `source`."""
    offset = source.index("|")
    document = open_document("file:///a.py", "python", 1, source.replace("|", "", 1))
    line = document.line_of(offset)
    return CursorContext(
        document=document,
        offset=offset,
        path=None,
        automatic=True,
        line_before=document.text[document.line_starts[line] : offset],
        line_after=document.text[offset : document.line_end(line)],
        syntax=SyntaxFacts(),
    )


def check(source: str, offered: str, expected: str | None) -> None:
    result = postprocess(Completion(text=offered, probability=0.5), context(source))
    assert (None if isinstance(result, Skipped) else result.text) == expected


@pytest.mark.parametrize(
    ("source", "offered", "expected"),
    [
        ("x = |", "1", "1"),
        ("x = |", "1  \n", "1"),
        ("x = |", "  ", None),
        ("x = |", "", None),
        ("print(|)", "x)", "x"),
        ("print(|)", "len(x)", "len(x)"),
        ("print(|)", "len(x))", "len(x)"),
        ("print(|)", ")", None),
        ("f(|, key)", "first, key)", "first"),
        ("f(|name)", "name)", None),
        ("a = |1", "31", "31"),  # one agreeing character is no repetition
        ("x = |\nreturn x", "1\ny = 2", "1\ny = 2"),
        ("x = |\r\ny", "1\n2", "1\r\n2"),
        ("|\nreturn value\n", "return value", None),
        ("re|\n\n    return value\n", "turn value", None),
        ("|\n)\n", ")", ")"),
        ("key = |", '"TACTFUL_REDACTED_1"', None),
        ("if x:|\n", "\n    a = 1\n    b = 2\n", "\n    a = 1\n    b = 2"),
        ("a = |\n\nb = 2\nc = 3\n", "1\nb = 2\nc = 3", "1"),  # lines that stand below are not said again
        ("a = |\nb = 2\nc = 3\n", "1\nb = 2", "1"),
        ("a = |\nc = 3\n", "1\nb = 2", "1\nb = 2"),
        ("a = |\r\nc = 3\r\n", "1\nc = 3", "1"),
        ("|\na = 1\nb = 2\n", "a = 1\nb = 2", None),
        ("f(|\n)\n", "\n    a,\n)", "\n    a,\n)"),
    ],
)
def test_postprocess(source, offered, expected):
    check(source, offered, expected)


def test_a_skip_says_why():
    skipped = postprocess(Completion(text=" ", probability=0.5), context("x|"))
    assert isinstance(skipped, Skipped)
    assert skipped.reason == "nothing to add"
