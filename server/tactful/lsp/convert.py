"""Protocol positions <-> offsets, both ways, in the encoding that was agreed with the client.

A position past the end of its line means the end of that line, and one past the last line means the end of the
document, as the protocol asks. A position inside a surrogate pair or a multi-byte character is moved to its start.
"""

from lsprotocol import types

from tactful.core.text import Document, Edit

__all__ = ["offset_at", "position_at", "range_at", "to_edit"]

_UTF16_SURROGATES_FROM = 0x10000


def offset_at(document: Document, position: types.Position, encoding: str) -> int:
    """Return the offset of a protocol position."""
    if position.line >= len(document.line_starts):
        return len(document.text)
    start, end = document.line_starts[position.line], document.line_end(position.line)
    return start + _characters(document.text[start:end], position.character, encoding)


def position_at(document: Document, offset: int, encoding: str) -> types.Position:
    """Return the protocol position of an offset in [0, len(text)]."""
    line = document.line_of(offset)
    before = document.text[document.line_starts[line] : offset]
    return types.Position(line=line, character=_units(before, encoding))


def range_at(document: Document, start: int, end: int, encoding: str) -> types.Range:
    """Return the protocol range of two offsets."""
    return types.Range(start=position_at(document, start, encoding), end=position_at(document, end, encoding))


def to_edit(document: Document, change: types.TextDocumentContentChangeEvent, encoding: str) -> Edit:
    """Return a content change as an edit of `document`; a change without a range replaces the whole text."""
    if isinstance(change, types.TextDocumentContentChangePartial):
        start = offset_at(document, change.range.start, encoding)
        end = offset_at(document, change.range.end, encoding)
        return Edit(start=min(start, end), end=max(start, end), text=change.text)
    return Edit(start=0, end=len(document.text), text=change.text)


def _units(text: str, encoding: str) -> int:
    if encoding == types.PositionEncodingKind.Utf32 or text.isascii():
        return len(text)
    if encoding == types.PositionEncodingKind.Utf8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(ord(character) >= _UTF16_SURROGATES_FROM for character in text)


def _characters(line: str, units: int, encoding: str) -> int:
    """Return how many characters of `line` the first `units` code units hold, at most its length."""
    if encoding == types.PositionEncodingKind.Utf32 or line.isascii():
        return min(units, len(line))
    used = 0
    for index, character in enumerate(line):
        used += _units(character, encoding)
        if used > units:
            return index
    return len(line)
