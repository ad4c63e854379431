"""Placeholders are recognised again in what a model answers."""

import pytest

from tactful.core.placeholders import has_placeholder, placeholder


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f'key = "{placeholder(1)}"', True),
        (f"{placeholder(12)}", True),
        ('key = "TACTFUL_REDACTED', True),
        ('key = "REDACTED"', False),
        ("tactful_redacted = redact(1)", False),
    ],
)
def test_a_placeholder_is_found_in_an_answer(text: str, found: bool) -> None:
    assert has_placeholder(text) is found
