"""How much of a suggestion stands at its place, given what an editor adds by itself.

Pure text against text: knows of auto-closed brackets and automatic indentation; must not know of time or outcomes.
"""

import re

__all__ = ["ends_at_boundary", "is_one_stroke", "normal_form", "reached"]

_INDENTED_LINE_END = re.compile(r"(?:\r\n?|\n)[ \t]*")
_WORD = re.compile(r"\w")
_OPENER = {")": "(", "]": "[", "}": "{"}
_QUOTES = "\"'`"


def normal_form(text: str) -> str:
    """Return `text` with bare LF line ends and without the indentation after them, which editors put in themselves."""
    return _INDENTED_LINE_END.sub("\n", text)


def reached(written: str, wanted: str) -> int | None:
    """Return how many characters of `wanted` stand at the beginning of `written`; None if something else does.

    Both are in normal form. Behind the part that agrees, `written` may hold the closing brackets and quotes that an
    editor adds for those opened in that part, and anything at all once `wanted` is complete.
    """
    agreed = _agreement(written, wanted)
    rest = written[agreed:]
    if agreed == len(wanted) or not rest or _closes(written[:agreed], rest):
        return agreed
    return None


def is_one_stroke(inserted: str) -> bool:
    """Say whether one key can have put in `inserted`: a character, a bracket pair, or a line end with indentation."""
    return len(inserted) < 2 or not _WORD.search(inserted)


def ends_at_boundary(text: str, length: int) -> bool:
    """Say whether the first `length` characters of `text` end where a word or line does."""
    return not (_WORD.match(text, length - 1) and _WORD.match(text, length))


def _agreement(left: str, right: str) -> int:
    for place, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return place
    return min(len(left), len(right))


def _closes(opened: str, rest: str) -> bool:
    unclosed: list[str] = []
    for character in opened:
        if character in "([{":
            unclosed.append(character)
        elif unclosed and _OPENER.get(character) == unclosed[-1]:
            unclosed.pop()
    for character in rest:
        if character in _OPENER:
            if not unclosed or unclosed.pop() != _OPENER[character]:
                return False
        elif not character.isspace() and not (character in _QUOTES and character in opened):
            return False
    return True
