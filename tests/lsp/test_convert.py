"""Positions and offsets agree in every encoding, with CRLF and characters outside the BMP."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from tactful.core.text import apply_edit, open_document
from tactful.lsp.convert import offset_at, position_at, range_at, to_edit

ENCODINGS = ["utf-8", "utf-16", "utf-32"]
TEXTS = st.text(st.sampled_from("aé漢\U0001f600\n\r\f\u2028"), max_size=25)


def units(text: str, encoding: str) -> int:
    return {
        "utf-8": len(text.encode("utf-8")),
        "utf-16": len(text.encode("utf-16-le")) // 2,
        "utf-32": len(text),
    }[encoding]


def opened(text: str):
    return open_document("u", "python", 1, text)


@pytest.mark.parametrize(
    ("text", "encoding", "line", "character", "offset"),
    [
        ("abc", "utf-16", 0, 2, 2),
        ("\U0001f600x", "utf-16", 0, 2, 1),
        ("\U0001f600x", "utf-8", 0, 4, 1),
        ("\U0001f600x", "utf-32", 0, 1, 1),
        ("\U0001f600x", "utf-16", 0, 1, 0),  # inside a surrogate pair
        ("é\r\nbc", "utf-8", 1, 1, 4),
        ("ab\r\ncd", "utf-16", 0, 99, 2),  # past the end of the line: before its line end
        ("ab\ncd", "utf-16", 9, 0, 5),  # past the last line
        ("a\fb\nc", "utf-16", 1, 0, 4),  # a form feed ends no line
    ],
)
def test_offset_at(text, encoding, line, character, offset):
    assert offset_at(opened(text), types.Position(line, character), encoding) == offset


@given(TEXTS, st.sampled_from(ENCODINGS), st.data())
def test_there_and_back_again(text, encoding, data):
    document = opened(text)
    offset = data.draw(st.integers(0, len(text)))
    line = document.line_of(offset)
    offset = min(offset, document.line_end(line))  # no position lies between CR and LF
    position = position_at(document, offset, encoding)
    assert position.character == units(text[document.line_starts[line] : offset], encoding)
    assert offset_at(document, position, encoding) == offset


@given(TEXTS, TEXTS, st.sampled_from(ENCODINGS), st.data())
def test_an_incremental_change_replaces_what_its_range_covers(text, typed, encoding, data):
    document = opened(text)
    ends = [min(data.draw(st.integers(0, len(text))), len(text)) for _ in range(2)]
    start, end = sorted(min(e, document.line_end(document.line_of(e))) for e in ends)
    change = types.TextDocumentContentChangePartial(range=range_at(document, start, end, encoding), text=typed)
    after = apply_edit(document, to_edit(document, change, encoding), 2)
    assert after.text == text[:start] + typed + text[end:]


def test_a_change_without_a_range_replaces_everything():
    document = opened("old\ntext")
    change = types.TextDocumentContentChangeWholeDocument(text="new")
    assert apply_edit(document, to_edit(document, change, "utf-16"), 2).text == "new"
