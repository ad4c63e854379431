"""Which part of the document a prompt holds: as many whole lines around the cursor as fit.

Knows text only.
"""

import re
from typing import NamedTuple

__all__ = ["Window", "imports_above", "window_around"]

_SUFFIX_SHARE = 0.25  # of the document's part, where the text before the cursor would fill more than the rest
_IMPORT = re.compile(
    r"^(?:from[ \t]+\S+[ \t]+import[ \t]*(?:\([^)]*\)|[^\n(]*)|import\b[^\n]*"
    r"|(?:const|let|var)\b[^\n=]*=[ \t]*require\([^\n]*|use[ \t]+[^\n]*;|#include[^\n]*|using[ \t]+[^\n]*;)",
    re.MULTILINE,
)
_MOST_IMPORTS = 60
_TOP_CHARS = 30_000  # of a file, where its imports stand


class Window(NamedTuple):
    """Offsets into the document: the part that is sent, and the cursor."""

    start: int
    offset: int
    end: int


def window_around(text: str, offset: int, budget_chars: int) -> Window:
    """Return at most `budget_chars` characters around `offset`, cut at line ends where a line ends in reach.

    What one side does not need the other may have.
    """
    after = min(len(text) - offset, max(int(budget_chars * _SUFFIX_SHARE), budget_chars - offset))
    before = min(offset, budget_chars - after)
    start, end = offset - before, offset + after
    if start > 0:
        line = text.find("\n", start - 1, offset)
        start = line + 1 if line >= 0 else start
    if end < len(text):
        line = text.rfind("\n", offset, end)
        end = line + 1 if line >= 0 else end
    return Window(start, offset, end)


def imports_above(text: str, end: int) -> str:
    """Return the imports that stand before `end`, one below the other, whatever the language calls them."""
    found = [match.group().rstrip() for match in _IMPORT.finditer(text, 0, min(end, _TOP_CHARS))]
    return "\n".join(found[:_MOST_IMPORTS])
