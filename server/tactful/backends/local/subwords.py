"""The pieces of names: what two names share, and names that are made of the pieces of others.

A new name is often an old one with a part taken off, put in front or written in another case: `FooBar()` is kept in
`foo_bar`, the items of `items` are each an `item`, and `case_1` is followed by `case_2`. Which of these are worth
proposing was counted, see docs/engine.md. This module knows words; it must not know tokens or layers.
"""

import re
from enum import IntEnum
from functools import lru_cache

__all__ = ["Derivation", "derived", "overlap", "subwords"]

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_+|(?<=\D)(?=\d)")
_LAST_NUMBER = re.compile(r"\d+$")
_MAX_WORD = 60  # characters; longer names are not taken apart
_MAX_NUMBER = 9  # digits


class Derivation(IntEnum):
    """How one name was made from another, the surest first."""

    NEXT_NUMBER = 0  # case_1 -> case_2
    PRIVATE = 1  # width -> _width, and back
    TEST = 2  # area -> test_area
    SINGULAR = 3  # boxes -> box
    SNAKE = 4  # HttpClient -> http_client
    PART = 5  # user_name -> name; HttpClient -> client; user_name -> user


@lru_cache(maxsize=4_000)
def subwords(name: str) -> frozenset[str]:
    """Return the pieces of `name` in lower case, without numbers."""
    if len(name) > _MAX_WORD:
        return frozenset()
    return frozenset(piece.lower() for piece in _BOUNDARY.split(name) if piece and not piece.isdigit())


@lru_cache(maxsize=8_000)
def overlap(one: str, other: str) -> float:
    """Return the share of pieces that two names have in common, 0..1 (Jaccard)."""
    first, second = subwords(one), subwords(other)
    common = len(first & second)
    return common / (len(first) + len(second) - common) if common else 0.0


@lru_cache(maxsize=4_000)
def derived(name: str) -> tuple[tuple[str, Derivation], ...]:
    """Return the names that may be made of `name` (an identifier or a number), each once, the surest first."""
    if len(name) > _MAX_WORD:
        return ()
    found: dict[str, Derivation] = {}
    number = _LAST_NUMBER.search(name)
    plain = name.isascii() and (name.isidentifier() or name.isdigit())
    if number is not None and len(number.group()) <= _MAX_NUMBER and plain:
        found[name[: number.start()] + str(int(number.group()) + 1).zfill(len(number.group()))] = Derivation.NEXT_NUMBER
    if name.isidentifier():
        for text, kind in _from_identifier(name):
            found.setdefault(text, kind)
        found.pop(name, None)
    return tuple(sorted(((text, kind) for text, kind in found.items() if text), key=lambda item: item[1]))


def _from_identifier(name: str) -> list[tuple[str, Derivation]]:
    snake = "_".join(piece.lower() for piece in _BOUNDARY.split(name) if piece)
    found = [("test_" + snake, Derivation.TEST)]
    if name.startswith("_"):
        found.append((name.lstrip("_"), Derivation.PRIVATE))
    else:
        found.append(("_" + name, Derivation.PRIVATE))
        found.append((_singular(name), Derivation.SINGULAR))
        if not name.islower():
            found.append((snake, Derivation.SNAKE))
    first, _, others = snake.partition("_")
    if others and first != "test":
        found += [(snake.rpartition("_")[2], Derivation.PART), (others, Derivation.PART)]
        found.append((snake.rpartition("_")[0], Derivation.PART))
    return [(text, kind) for text, kind in found if text.isidentifier()]


def _singular(name: str) -> str:
    if name.endswith("ies") and len(name) > 4:
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches", "shes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else ""
