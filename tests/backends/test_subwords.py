"""Names made of the pieces of other names."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tactful.backends.local.subwords import Derivation, derived, overlap, subwords


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("user_name", {"user", "name"}),
        ("HTTPClient", {"http", "client"}),
        ("_private", {"private"}),
        ("case_12", {"case"}),
        ("x", {"x"}),
        ("a" * 100, set()),
    ],
)
def test_subwords(name: str, expected: set[str]) -> None:
    assert subwords(name) == expected


@pytest.mark.parametrize(
    ("name", "expected", "kind"),
    [
        ("case_9", "case_10", Derivation.NEXT_NUMBER),
        ("test07", "test08", Derivation.NEXT_NUMBER),
        ("41", "42", Derivation.NEXT_NUMBER),
        ("width", "_width", Derivation.PRIVATE),
        ("_width", "width", Derivation.PRIVATE),
        ("area", "test_area", Derivation.TEST),
        ("BlockParser", "test_block_parser", Derivation.TEST),
        ("items", "item", Derivation.SINGULAR),
        ("boxes", "box", Derivation.SINGULAR),
        ("entries", "entry", Derivation.SINGULAR),
        ("HttpClient", "http_client", Derivation.SNAKE),
        ("HttpClient", "client", Derivation.PART),
        ("user_name", "name", Derivation.PART),
        ("user_name", "user", Derivation.PART),
    ],
)
def test_a_name_is_made_of_another(name: str, expected: str, kind: Derivation) -> None:
    assert (expected, kind) in derived(name)


@pytest.mark.parametrize(
    ("one", "other", "expected"), [("user_name", "name", 0.5), ("a", "b", 0.0), ("aB", "a_b", 1.0)]
)
def test_overlap(one: str, other: str, expected: float) -> None:
    assert overlap(one, other) == expected


@given(st.text(max_size=12) | st.from_regex(r"[a-zA-Z_]+[0-9]{0,12}", fullmatch=True))
@example(":0")
def test_any_word_can_be_taken_apart(name: str) -> None:
    texts = [text for text, _ in derived(name)]
    assert len(texts) == len(set(texts))
    assert all(text and (text.isidentifier() or text.isdigit()) for text in texts)
    assert 0 <= overlap(name, name) <= 1
