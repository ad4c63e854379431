"""How much of a wanted text stands there, as one-line cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.feedback.progress import ends_at_boundary, is_one_stroke, normal_form, reached


@pytest.mark.parametrize(
    ("written", "wanted", "expected"),
    [
        ("", "abc", 0),
        ("ab", "abc", 2),
        ("abc", "abc", 3),
        ("abcd", "abc", 3),
        ("abd", "abc", None),
        ("f()", "f(a)", 2),
        ("f(a)", "f(a, b)", 3),
        ("f([])", "f([a])", 3),
        ("f(])", "f([a])", None),
        ("f(a))", "f(a, b)", None),
        ("f)", "f(a)", None),
        ("f( )", "f(a)", 2),
        ('x = ""', 'x = "abc"', 5),
        ('x = "', 'x = "abc"', 5),
        ("x'", 'x = "abc"', None),
        ("{\n}", "{\n1: 2}", 2),
        ("f(a)(", "f(a)()", 5),
    ],
)
def test_reached(written: str, wanted: str, expected: int | None) -> None:
    assert reached(written, wanted) == expected


@given(st.text("ab(\n ", max_size=12), st.integers(0, 12))
def test_every_beginning_is_reached(wanted: str, cut: int) -> None:
    assert reached(wanted[:cut], wanted) == len(wanted[:cut])


@pytest.mark.parametrize(
    ("text", "form"), [("a\r\n  b", "a\nb"), ("\n\t\tx\r", "\nx\n"), ("  a", "  a"), ("\n \n", "\n\n")]
)
def test_normal_form(text: str, form: str) -> None:
    assert normal_form(text) == form


@pytest.mark.parametrize(
    ("inserted", "expected"), [("a", True), ("()", True), ("\n    ", True), ("ab", False), (" a", False), ("", True)]
)
def test_one_stroke(inserted: str, expected: bool) -> None:
    assert is_one_stroke(inserted) is expected


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [("ab c", 2, True), ("ab c", 1, False), ("a.b", 1, True), ("ab", 2, True), ("é1", 1, False)],
)
def test_boundary(text: str, length: int, expected: bool) -> None:
    assert ends_at_boundary(text, length) is expected
