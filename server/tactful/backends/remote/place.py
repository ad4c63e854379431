"""Where a completion was asked for, and what has been typed there since."""

from dataclasses import dataclass

from tactful.core.types import CompletionRequest

__all__ = ["Place", "place_of", "typed_between", "typed_since", "without_closers"]

_BEFORE_CHARS = 2000
_AFTER_CHARS = 500
_CLOSERS = ")]}\"'`"  # what editors insert by themselves behind an opening sign
_MOST_CLOSERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A cursor in a document, known again by the text around it."""

    uri: str
    offset: int
    before: str  # the last characters before the cursor
    after: str  # the first ones after it


def place_of(request: CompletionRequest) -> Place:
    """Return the place that a request is about."""
    offset = request.offset
    before = request.text[max(0, offset - _BEFORE_CHARS) : offset]
    return Place(uri=request.uri, offset=offset, before=before, after=request.text[offset : offset + _AFTER_CHARS])


def typed_since(place: Place, request: CompletionRequest) -> str | None:
    """Return what was typed between `place` and the request's cursor, "" at the same place, None at any other.

    Brackets and quotes that the editor has closed by itself behind the cursor do not count.
    """
    if request.uri != place.uri or request.offset < place.offset:
        return None
    text, start = request.text, place.offset
    if text[start - len(place.before) : start] != place.before:
        return None
    typed = text[start : request.offset]
    for closers in range(_MOST_CLOSERS + 1 if typed else 1):
        if text.startswith(place.after[: _AFTER_CHARS - closers], request.offset + closers):
            inserted = text[request.offset : request.offset + closers]
            at_end = len(place.after) == _AFTER_CHARS or len(text) == request.offset + closers + len(place.after)
            if at_end and all(sign in _CLOSERS for sign in inserted):
                return typed
    return None


def typed_between(place: Place, text: str, chars_after: int) -> str | None:
    """Return what stands in a document's new text between the place and the last `chars_after` characters.

    None where the text around it is not that of the place any more.
    """
    end = len(text) - chars_after
    if end < place.offset or not text.startswith(place.after, end):
        return None
    return text[place.offset : end] if text.startswith(place.before, place.offset - len(place.before)) else None


def without_closers(typed: str) -> str:
    """Return the typed text without the signs that the editor may have closed by itself."""
    kept = len(typed.rstrip(_CLOSERS))
    return typed[: max(kept, len(typed) - _MOST_CLOSERS)]
