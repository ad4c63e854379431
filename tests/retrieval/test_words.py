"""Identifiers, whole and in parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.retrieval.words import identifiers, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("account.balance -= amount", ["account", "balance", "amount"]),
        ("return self.open_account(x)", ["open_account", "open", "account"]),
        ("HTTPServer", ["httpserver", "http", "server"]),
        ("parseURL2", ["parseurl2", "parse", "url"]),
        ("für_alle", ["für_alle", "für", "alle"]),
        ("if x: pass", []),
        ("x" * 61, []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_names_come_in_order_and_as_they_are_written() -> None:
    assert identifiers("Journal(total).total") == ["Journal", "total", "total"]


@given(st.text(max_size=100))
def test_terms_are_single_words(text: str) -> None:
    assert all(term and not any(map(str.isspace, term)) for term in terms(text))
