"""What stands in a prompt where a secret stood: one fixed shape, the same for the same secret in one prompt."""

import re

__all__ = ["has_placeholder", "placeholder"]

_SHAPE = re.compile(r"TACTFUL_REDACTED")


def placeholder(number: int) -> str:
    """Return the placeholder of the `number`th secret of a prompt: a word in every language, in strings and outside."""
    return f"TACTFUL_REDACTED_{number}"


def has_placeholder(text: str) -> bool:
    """Say whether `text` repeats a placeholder, whole or cut off after its word; such a suggestion is of no use."""
    return _SHAPE.search(text) is not None
