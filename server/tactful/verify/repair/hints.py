"""Values that the failing tests and the documentation speak of: what a constant may have been meant to be."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from tactful.verify.model import Failure

__all__ = ["NO_HINTS", "Hints", "hints_from", "likeness"]

MAX_TEXTS, MAX_NUMBERS = 16, 12
MAX_LENGTH = 40  # characters of a text
_QUOTED = re.compile(r"'([^'\n]{0,40})'|\"([^\"\n]{0,40})\"")
_NUMBER = re.compile(r"(?<![\w.])\d{1,4}(?![\w.]|\.\d)")


@dataclass(frozen=True, slots=True)
class Hints:
    """Texts, those that the failing tests ask for first, and numbers of the documentation."""

    texts: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()


NO_HINTS = Hints()


def hints_from(failures: Sequence[Failure], documentation: str) -> Hints:
    """Return the texts that asserting lines and a docstring mention, and the docstring's numbers."""
    texts: dict[str, None] = {}
    numbers: dict[int, None] = {}
    for value in _constants(failures):
        if isinstance(value, str) and 0 < len(value) <= MAX_LENGTH:
            texts[value] = None
    for match in _QUOTED.finditer(documentation):
        text = match[1] or match[2] or ""
        if text:
            texts[text] = None
    for match in _NUMBER.finditer(documentation):
        numbers[int(match[0])] = None
    return Hints(tuple(texts)[:MAX_TEXTS], tuple(numbers)[:MAX_NUMBERS])


def likeness(one: str, other: str) -> float:
    """Return how alike two texts are, from 0 to 1; those that differ in case alone are all but the same."""
    if one.lower() == other.lower():
        return 1.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _constants(failures: Sequence[Failure]) -> Iterator[object]:
    for each in failures:
        try:
            tree = ast.parse(each.assertion.strip())
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant):
                yield node.value
