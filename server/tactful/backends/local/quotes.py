"""Strings in the quotes that the document uses: code from elsewhere may use the other ones.

This module knows text and the two kinds of quotes; it must not know how completions are found.
"""

import re

import numpy as np

from tactful.backends.local.document import Cursor
from tactful.backends.local.tokens import Vocabulary

__all__ = ["in_own_quotes", "own_quote"]

_LANGUAGES = frozenset(("python", "javascript", "javascriptreact", "typescript", "typescriptreact"))
_LEAST = 8  # quotes that the document must have
_SHARE = 0.9  # of them that must be of one kind
_STRING = re.compile(r"""(?<!\w)(['"])([^'"\\\n{}]*)\1""")
_NOT_PLAIN = re.compile(r"#|//|'''|\"\"\"|`")


def own_quote(cursor: Cursor, vocabulary: Vocabulary, language_id: str) -> str:
    """Return the quote that nearly all strings of the document have; empty where both are used, or few."""
    if language_id not in _LANGUAGES:
        return ""
    counts = {}
    for quote in ("'", '"'):
        token = vocabulary.known(quote)
        counts[quote] = (
            0 if token is None else sum(np.count_nonzero(raws >> 2 == token) for raws in (cursor.before, cursor.after))
        )
    best = max(counts, key=counts.__getitem__)
    total = sum(counts.values())
    return best if total >= _LEAST and counts[best] >= _SHARE * total else ""


def in_own_quotes(text: str, quote: str) -> str:
    """Return `text`, which begins in code, with its plain strings in `quote`; left alone where that could change it."""
    if not quote or _NOT_PLAIN.search(text) or quote in text:
        return text
    return _STRING.sub(lambda match: f"{quote}{match[2]}{quote}", text)
