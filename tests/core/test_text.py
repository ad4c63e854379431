"""Documents keep their line table right under every edit."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.core.text import Edit, apply_edit, open_document, single_edit

TEXTS = st.text(st.sampled_from("ab\n\r\f\u2028\U0001f600é "), max_size=30)


def starts_by_definition(text: str) -> tuple[int, ...]:
    return (0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text)))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a", ""]),
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("a\fb\u2028c\nd", ["a\fb\u2028c", "d"]),
        ("\U0001f600\r\n\r\n", ["\U0001f600", "", ""]),
    ],
)
def test_lines(text, lines):
    document = open_document("u", "python", 1, text)
    assert [document.line_text(i) for i in range(len(document.line_starts))] == lines


@given(TEXTS, st.data())
def test_an_edit_leaves_the_line_table_as_if_opened_anew(text, data):
    document = open_document("u", "python", 1, text)
    for version in range(2, 5):
        start = data.draw(st.integers(0, len(document.text)))
        end = data.draw(st.integers(start, len(document.text)))
        typed = data.draw(TEXTS)
        expected = document.text[:start] + typed + document.text[end:]
        document = apply_edit(document, Edit(start=start, end=end, text=typed), version)
        assert document.text == expected
        assert document.line_starts == starts_by_definition(expected)
        assert document.version == version


@given(TEXTS)
def test_every_offset_lies_on_its_line(text):
    document = open_document("u", "python", 1, text)
    for offset in range(len(text) + 1):
        line = document.line_of(offset)
        assert document.line_starts[line] <= offset
        assert line + 1 == len(document.line_starts) or offset < document.line_starts[line + 1]


@given(TEXTS, TEXTS)
def test_a_single_edit_turns_one_text_into_the_other(old, new):
    edit = single_edit(old, new)
    assert old[: edit.start] + edit.text + old[edit.end :] == new
    if old == new:
        assert (edit.start, edit.text) == (edit.end, "")
