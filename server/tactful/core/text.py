"""Immutable text documents: lines as the protocol counts them, and edits that keep the line table up to date.

Only LF, CRLF and CR end a line. `str.splitlines` also breaks at form feeds and Unicode separators, which stand in real
source files, so it must not be used for positions.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Document", "Edit", "apply_edit", "common_prefix", "open_document", "single_edit"]

_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One version of an open document.

    `line_starts[i]` is the offset of the first character of line i; there is always a line 0.
    """

    uri: str
    language_id: str
    version: int
    text: str
    line_starts: tuple[int, ...]

    def line_of(self, offset: int) -> int:
        """Return the number of the line that holds `offset`, counted from 0."""
        return bisect_right(self.line_starts, offset) - 1

    def line_end(self, line: int) -> int:
        """Return the offset where `line` ends, before its line end characters."""
        if line + 1 >= len(self.line_starts):
            return len(self.text)
        end = self.line_starts[line + 1]
        return end - 2 if self.text.startswith("\r\n", end - 2) else end - 1

    def line_text(self, line: int) -> str:
        """Return the text of `line` without its line end."""
        return self.text[self.line_starts[line] : self.line_end(line)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Replace the characters from `start` to `end` (offsets, end excluded) by `text`."""

    start: int
    end: int
    text: str


def open_document(uri: str, language_id: str, version: int, text: str) -> Document:
    """Return the first version of a document."""
    starts = (0, *_line_ends(text, 0, len(text)))
    return Document(uri=uri, language_id=language_id, version=version, text=text, line_starts=starts)


def apply_edit(document: Document, edit: Edit, version: int) -> Document:
    """Return `document` after `edit`; only the lines around the edit are scanned again."""
    text = document.text[: edit.start] + edit.text + document.text[edit.end :]
    starts = document.line_starts
    shift = len(text) - len(document.text)
    # Typed text may pair up with a CR that ends the line before, so the scan begins one line early.
    first = max(0, bisect_right(starts, edit.start) - 2)
    after = bisect_right(starts, edit.end)
    kept = tuple(start + shift for start in starts[after:])
    limit = kept[0] if kept else len(text)
    scanned = tuple(end for end in _line_ends(text, starts[first], limit) if end < limit or not kept)
    line_starts = starts[: first + 1] + scanned + kept
    return Document(
        uri=document.uri, language_id=document.language_id, version=version, text=text, line_starts=line_starts
    )


def single_edit(old: str, new: str) -> Edit:
    """Return the smallest single edit that turns `old` into `new`."""
    start = common_prefix(old, new)
    limit = min(len(old), len(new)) - start
    tail = _common_suffix(old, new, limit)
    return Edit(start=start, end=len(old) - tail, text=new[start : len(new) - tail])


def common_prefix(old: str, new: str) -> int:
    """Return how many characters two texts have in common from their beginning; fast for long ones."""
    low, high = 0, min(len(old), len(new))
    while low < high:  # invariant: the first `low` characters agree
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _line_ends(text: str, start: int, end: int) -> Iterator[int]:
    if "\r" in text:
        for match in _LINE_END.finditer(text, start, end):
            yield match.end()
        return
    while (found := text.find("\n", start, end)) >= 0:
        start = found + 1
        yield start


def _common_suffix(old: str, new: str, limit: int) -> int:
    low, high = 0, limit
    while low < high:  # invariant: the last `low` characters agree
        middle = (low + high + 1) // 2
        if old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]:
            low = middle
        else:
            high = middle - 1
    return low
