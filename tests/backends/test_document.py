"""Open documents as tokens: an edited document equals one read afresh."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.backends.local.document import DocumentTokens
from tactful.backends.local.tokens import Vocabulary, line_raws, text_raws

texts = st.lists(st.sampled_from(["a\n", "  b = c\n", "\n", "    if x:\r\n", "\tq\r", "é(", " "]), max_size=12).map(
    "".join
)


@given(texts, texts)
def test_update_equals_reading_afresh(old: str, new: str) -> None:
    vocabulary = Vocabulary()
    document = DocumentTokens(old, vocabulary)
    document.update(new)
    fresh = DocumentTokens(new, vocabulary)
    fresh.unit = document.unit
    fresh._write_line_tokens(0, len(new))
    assert document.raws.tolist() == fresh.raws.tolist()


@given(texts)
def test_document_and_file_have_the_same_tokens(text: str) -> None:
    vocabulary = Vocabulary()
    assert DocumentTokens(text, vocabulary).raws.tolist() == text_raws(text, vocabulary).tolist()


@given(texts, st.integers(0, 100))
def test_cursor_splits_the_document(text: str, offset: int) -> None:
    vocabulary = Vocabulary()
    cursor = DocumentTokens(text, vocabulary).at(min(offset, len(text)))
    assert (cursor.line_before + cursor.rest) in text
    assert cursor.line_before.endswith(cursor.word)
    assert cursor.before.dtype == np.uint32


def words(raws: "np.ndarray[tuple[int], np.dtype[np.uint32]]", vocabulary: Vocabulary) -> list[str]:
    return [vocabulary.texts[raw >> 2] for raw in raws.tolist() if vocabulary.texts[raw >> 2]]


@pytest.mark.parametrize(
    ("source", "before", "word", "rest", "after"),
    [
        ("a = b.fo|o\nc", ["a", "=", "b", "."], "fo", "o", ["c"]),
        ("a = |\nc", ["a", "="], "", "", ["c"]),
        ("|a", [], "", "a", []),
        ("a\r\n|b\r\nc", ["a"], "", "b", ["c"]),
        ("a\n  x|", ["a"], "x", "", []),
    ],
)
def test_cursor(source: str, before: list[str], word: str, rest: str, after: list[str]) -> None:
    vocabulary = Vocabulary()
    cursor = DocumentTokens(source.replace("|", ""), vocabulary).at(source.index("|"))
    assert (words(cursor.before, vocabulary), cursor.word) == (before, word)
    assert (cursor.rest, words(cursor.after, vocabulary)) == (rest, after)


def test_blank_before_is_known() -> None:
    document = DocumentTokens("a = b", Vocabulary())
    assert document.at(4).blank_before
    assert not document.at(1).blank_before


def test_line_below_is_indented_relative_to_the_cursor() -> None:
    vocabulary = Vocabulary()
    document = DocumentTokens("a\nif x\n    b\n", vocabulary)
    assert document.at(6).after[0] >> 2 == DocumentTokens("if\n    b", vocabulary).raws[2] >> 2
    assert line_raws("", vocabulary) == []
