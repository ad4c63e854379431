"""Where the programmer worked last: the places of recent edits in all open documents, found again in their text.

A place is kept as the line that was edited, so that it is found where lines above it come or go. Texts are the editor's
own; nothing is copied.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

__all__ = ["Edited", "RecentEdits"]

_KEPT = 12
_NEAR = 8  # lines: an edit so near to another one is at the same place
_AROUND = 4  # lines above and below that are shown
_DRIFT = 4_000  # characters that a place may have moved since


class Edited(NamedTuple):
    """A place that was edited: the offsets of the lines around it, end excluded."""

    uri: str
    start: int
    end: int


class _Place(NamedTuple):
    uri: str
    at: int  # offset of the line's first character when it was edited
    line: str


class RecentEdits:
    """The last places of edits, newest last."""

    def __init__(self) -> None:
        self._places: list[_Place] = []

    def changed(self, uri: str, text: str, offset: int) -> None:
        """Take note of an edit at `offset` of the document, whose text is `text` now."""
        start = text.rfind("\n", 0, offset) + 1
        end = text.find("\n", offset)
        place = _Place(uri, start, text[start : end if end >= 0 else len(text)])
        self._places = [each for each in self._places if not _is_near(each, place, text)][-_KEPT + 1 :]
        self._places.append(place)

    def closed(self, uri: str) -> None:
        """Forget the places in a document."""
        self._places = [each for each in self._places if each.uri != uri]

    def snapshot(self) -> "RecentEdits":
        """Return a copy that another thread may read."""
        copy = RecentEdits()
        copy._places = self._places
        return copy

    def newest_first(self, texts: Mapping[str, str]) -> Iterator[Edited]:
        """Yield the places with some lines around, found again in `texts` (by uri), without those that are gone."""
        for place in reversed(self._places):
            text = texts.get(place.uri, "")
            at = text.find(place.line, max(0, place.at - _DRIFT), place.at + _DRIFT + len(place.line))
            if at >= 0 and place.line.strip():
                end = _lines_after(text, at + len(place.line))
                yield Edited(place.uri, _lines_before(text, at), end)


def _is_near(one: _Place, other: _Place, text: str) -> bool:
    if one.uri != other.uri:
        return False
    first, last = sorted((one.at, other.at))
    return text.count("\n", first, last) <= _NEAR


def _lines_before(text: str, at: int) -> int:
    for _ in range(_AROUND + 1):
        at = text.rfind("\n", 0, at)
        if at < 0:
            return 0
    return at + 1


def _lines_after(text: str, at: int) -> int:
    for _ in range(_AROUND + 1):
        at = text.find("\n", at) + 1
        if at == 0:
            return len(text)
    return at - 1
