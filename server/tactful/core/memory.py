"""What the programmer turned down in this session, so that it is not offered at the same place again and again.

A pure value: a rejection makes a new memory. Must not know when or how a rejection was noticed, or who asks.

A place is told by text, not by numbers, so that it is still the same after edits elsewhere in the document: the
document, the nearest line above that is indented less (the function, the class, the open bracket), and the line before
the cursor. A suggestion counts as one that was turned down when the line would begin with the same text, and the
programmer had typed at least as much of that line when turning it down: whoever types on towards it is asked anew.
"""

from dataclasses import dataclass, replace

from tactful.core.text import Document

__all__ = ["NO_MEMORY", "REJECTIONS", "Memory", "Place", "place_at"]

REJECTIONS = 2  # times that a suggestion is turned down before it stays away
_KEPT = 500  # rejections; the oldest are forgotten
_LINES_ABOVE = 300  # lines that are searched for the one that is indented less


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a suggestion begins, in words that outlive edits elsewhere."""

    uri: str
    scope: str  # the nearest line above that is indented less; empty at the outermost level
    line_before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The rejections of a session, oldest first."""

    rejections: tuple[tuple[Place, str], ...] = ()

    def rejected(self, place: Place, text: str) -> "Memory":
        """Return the memory with `text` turned down at `place` once more."""
        return replace(self, rejections=(*self.rejections, (place, _line(place, text)))[-_KEPT:])

    def wanted(self, place: Place, text: str) -> "Memory":
        """Return the memory without the rejections of `text` at `place`: the programmer has changed their mind."""
        if not self.rejections:
            return self
        line = _line(place, text)
        kept = tuple(each for each in self.rejections if not (_same_scope(each[0], place) and each[1] == line))
        return replace(self, rejections=kept)

    def turned_down(self, document: Document, offset: int, text: str, times: int = REJECTIONS) -> bool:
        """Say whether `text`, offered at `offset`, was turned down there so many times."""
        if sum(place.uri == document.uri for place, _ in self.rejections) < times:
            return False
        here = place_at(document, offset)
        line = _line(here, text)
        count = sum(
            _same_scope(place, here) and place.line_before.startswith(here.line_before) and line.startswith(rejected)
            for place, rejected in self.rejections
        )
        return count >= times


NO_MEMORY = Memory()


def place_at(document: Document, offset: int) -> Place:
    """Return the place at `offset`."""
    line = document.line_of(offset)
    before = document.text[document.line_starts[line] : offset]
    return Place(uri=document.uri, scope=_scope(document, line, before), line_before=before)


def _scope(document: Document, line: int, before: str) -> str:
    depth = _indentation(document.line_text(line)) if document.line_text(line).strip() else len(before)
    if not depth:
        return ""
    for number in range(line - 1, max(-1, line - 1 - _LINES_ABOVE), -1):
        text = document.line_text(number)
        if text.strip() and _indentation(text) < depth:
            return text.strip()
    return ""


def _indentation(text: str) -> int:
    return len(text) - len(text.lstrip())


def _same_scope(one: Place, other: Place) -> bool:
    return one.uri == other.uri and one.scope == other.scope


def _line(place: Place, text: str) -> str:
    return (place.line_before + text).rstrip()
