"""Tokens: lossless pieces, line tokens, and the words being typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.backends.local.tokens import (
    LINE_SAME,
    SEPARATOR,
    Vocabulary,
    indent_unit,
    indent_width,
    line_pieces,
    line_token,
    split_lines,
    text_raws,
    trailing_word,
)

code_like = st.text(st.sampled_from(list("abz_09 \t.,:=+-*/()[]{}'\"#\\é²\x00\ud800\f\xa0")), max_size=60)


@given(st.one_of(code_like, st.text(max_size=60).filter(lambda text: "\n" not in text)))
def test_pieces_joined_are_the_line(line: str) -> None:
    assert "".join(line_pieces(line)) == line


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ("x = 1", ["x", " =", " 1"]),
        ("a**=b//c", ["a", "**=", "b", "//", "c"]),
        ('"""doc', ['"""', "doc"]),
        ("f(x)->y", ["f", "(", "x", ")", "->", "y"]),
        ("1.5e3 0x1F", ["1.5e3", " 0x1F"]),
        ("naïve...", ["naïve", "..."]),
    ],
)
def test_pieces_keep_operators_whole(line: str, pieces: list[str]) -> None:
    assert line_pieces(line) == pieces


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\rb"])
def test_every_line_end_ends_a_line(text: str) -> None:
    assert split_lines(text) == ["a", "b"]


def test_form_feed_is_no_line_end() -> None:
    assert split_lines("a\fb\x85c") == ["a\fb\x85c"]


@pytest.mark.parametrize(
    ("indent", "before", "unit", "step"), [(4, 4, 4, 0), (8, 4, 4, 1), (20, 4, 4, 2), (4, 8, 4, -1), (0, 8, 2, -3)]
)
def test_line_token_counts_levels(indent: int, before: int, unit: int, step: int) -> None:
    assert line_token(indent, before, unit) == LINE_SAME + step


def test_indent_unit_is_the_most_common_step() -> None:
    assert indent_unit([0, 2, 4, 0, 2, 0]) == 2
    assert indent_unit([]) == 4


def test_tab_counts_as_four_columns() -> None:
    assert indent_width("\tx") == 4
    assert indent_width("  x") == 2


@pytest.mark.parametrize(
    ("text", "word"), [("a.foo", "foo"), ("a.", ""), ("", ""), ("x = 0x1F", ""), ("é1", "é1"), ("1a", "")]
)
def test_trailing_word(text: str, word: str) -> None:
    assert trailing_word(text) == word


def test_raws_do_not_depend_on_line_ends() -> None:
    vocabulary = Vocabulary()
    assert text_raws("a:\n  b\n\nc", vocabulary) == text_raws("a:\r\n  b\r\n\r\nc", vocabulary)


def test_overlong_words_are_separators() -> None:
    assert Vocabulary()["x" * 500] >> 2 == SEPARATOR
