"""The words by which texts are compared: identifiers whole and in parts, alike in what is stored and what is asked."""

import re
from functools import lru_cache

__all__ = ["identifiers", "terms"]

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_SHORTEST = 3
_LONGEST = 60  # what is longer is data
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "and any are args async await bool break case catch class const continue def default del delete dict elif else "
        "enum except export extends false final finally float fn for from func function global has if implements "
        "import in instanceof int interface is it lambda let list new nil none nonlocal not null object of or pass "
        "print private public raise return self set static str string struct super switch that the this throw true "
        "try type typeof undefined var void while with yield cls kwargs",
    )
)


def identifiers(text: str) -> list[str]:
    """Return the names in `text`, in order, without keywords and names of one or two letters."""
    return [
        word for word in _IDENTIFIER.findall(text) if _SHORTEST <= len(word) <= _LONGEST and word.lower() not in _COMMON
    ]


def terms(text: str) -> list[str]:
    """Return what stands for `text` in the index: each name, and its parts where it has several, in lower case."""
    return [term for word in identifiers(text) for term in _terms_of(word)]


@lru_cache(maxsize=50_000)
def _terms_of(word: str) -> tuple[str, ...]:
    parts = [part.lower() for part in _PART.findall(word)]
    whole = word.lower()
    if len(parts) < 2:
        return (whole,)
    return (whole, *(part for part in parts if len(part) >= _SHORTEST and part not in _COMMON))
