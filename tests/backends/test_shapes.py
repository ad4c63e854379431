"""Shapes: the same pattern with other names has the same hash, and copies are told apart from words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.backends.local.evidence import DocumentShapes, Layer
from tactful.backends.local.shapes import ORDERS, REACH, NameCodes, shape_hashes, shape_key, shape_table, word_code
from tactful.backends.local.tokens import Vocabulary, text_raws


def raws_of(text: str, vocabulary: Vocabulary) -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
    return np.array(text_raws(text, vocabulary), np.uint32)


def key(text: str) -> list[int]:
    vocabulary = Vocabulary()
    raws = raws_of(text, vocabulary)
    return shape_key((raws >> 2).tolist(), NameCodes(vocabulary).codes)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("self.width = ", "self.height = ", True),
        ("for k in d: f(k, ", "for q in e: g(q, ", True),
        ("f(a, a, ", "f(a, b, ", False),
        ("return x", "yield x", False),
        ("x + ", "x - ", False),
        ("x[1", "x[2", True),
    ],
)
def test_shape_forgets_names_and_keeps_the_rest(one: str, other: str, same: bool) -> None:
    assert (key(one) == key(other)) is same


@given(st.lists(st.sampled_from(["a", "b", "self", ".", "=", "(", "\n  ", "7"]), min_size=1, max_size=30))
def test_hashes_of_arrays_and_of_one_context_agree(words: list[str]) -> None:
    vocabulary = Vocabulary()
    tokens = raws_of(" ".join(words), vocabulary) >> np.uint32(2)
    codes = NameCodes(vocabulary).codes
    hashes, _ = shape_hashes(tokens, codes)
    for place in range(len(tokens)):
        expected = shape_key(tokens[:place].tolist(), codes)
        assert [int(of_order[place]) for of_order in hashes] == expected


def test_back_is_the_distance_to_the_same_name() -> None:
    vocabulary = Vocabulary()
    tokens = raws_of("a = b + a", vocabulary) >> np.uint32(2)
    _, back = shape_hashes(tokens, NameCodes(vocabulary).codes)
    assert back.tolist() == [0, 0, 0, 0, 0, 4]


def test_document_shapes_copy_the_name_that_is_here() -> None:
    vocabulary = Vocabulary()
    before = raws_of("self.width = width\nself.height = ", vocabulary)
    codes = NameCodes(vocabulary).codes
    shapes = DocumentShapes(np.append(before, np.uint32(0)), codes, len(before))
    context = (before >> 2).tolist()
    evidence = shapes.evidence(context, shape_key(context, codes))
    assert [vocabulary.texts[raw >> 2] for raw in evidence[0].counts] == ["height"]
    assert evidence[0].layer is Layer.SHAPES_DOCUMENT
    assert evidence[0].order in ORDERS


def test_table_holds_copies_words_and_counts() -> None:
    vocabulary = Vocabulary()
    raws = raws_of("u.a = a\nu.b = b\nu.c = 1\n", vocabulary)
    codes = NameCodes(vocabulary).codes
    keys, packed = shape_table(raws, codes, 1)[0]
    assert keys.tolist() == sorted(keys.tolist())
    after_equals = shape_key((raws[:5] >> 2).tolist(), codes)[0]
    entries = [int(entry) for at, entry in zip(keys, packed, strict=True) if at == after_equals]
    found = [(entry >> 8, entry & 63) for entry in entries]
    assert found == [(2, 2), (REACH + (vocabulary.known("1") or 0), 1)]
    assert not {entry & 63 for entry in shape_table(raws, codes, 2)[0][1].tolist()} & {0, 1}


def test_names_and_numbers_have_common_codes() -> None:
    assert word_code("width") == word_code("height") == 0
    assert word_code("1") == word_code("2.5")
    assert len({word_code("self"), word_code("return"), word_code("("), 0}) == 4


def test_codes_follow_the_vocabulary() -> None:
    vocabulary = Vocabulary()
    codes = NameCodes(vocabulary)
    assert len(codes.codes) == len(vocabulary.texts)
    vocabulary.token("new")
    assert len(codes.codes) == len(vocabulary.texts)


@given(st.lists(st.sampled_from([0, 4, 7, 8, 9]), max_size=8))
def test_shapes_of_few_tokens_have_one_hash_each(tokens: list[int]) -> None:
    vocabulary = Vocabulary()
    for text in ("a", "b", "("):
        vocabulary.token(text)
    hashes, back = shape_hashes(np.array(tokens, np.uint32), NameCodes(vocabulary).codes)
    assert {len(back), *(len(values) for values in hashes)} == {len(tokens)}
