"""An open document as tokens, kept up to date edit by edit.

Only the lines that changed are read again. This module knows lines and tokens; it must not know of layers, of what is
predicted or of the editor.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tactful.backends.local.tokens import (
    Vocabulary,
    indent_unit,
    indent_width,
    line_raws,
    line_token,
    split_lines,
    trailing_word,
)

__all__ = ["Cursor", "DocumentTokens", "Raws"]

Raws = NDArray[np.uint32]

_UNIT_SAMPLE = 400  # lines that decide how wide one level of indentation is


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The document around the cursor, as tokens.

    `before` ends with the last whole token before the cursor; `word` is the identifier that is being typed (its first
    part), `blank_before` says that white space stands between that and the tokens before. `rest` is the text of the
    line after the cursor, `after` holds the tokens of the lines below, `others` is the text without this line.
    `indents_before` and `indents_after` hold the columns of indentation of the lines that begin in these two.
    """

    before: Raws
    after: Raws
    word: str
    blank_before: bool
    line_before: str
    rest: str
    indent: int
    unit: int
    others: str
    indents_before: NDArray[np.int32]
    indents_after: NDArray[np.int32]


class DocumentTokens:
    """The tokens of one open document; `update` takes a new text, `at` cuts it at an offset."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._lines: list[str] = []
        self._counts: list[int] = []  # tokens of each line, its line token included
        self._indents: list[int] = []  # columns; -1 for a blank line
        self._body = np.zeros(0, np.uint32)
        self.unit = 4
        self.text = ""
        self.update(text)

    def update(self, text: str) -> None:
        """Take `text` as the document's new content."""
        lines = split_lines(text)
        head, tail = _common_ends(self._lines, lines)
        old_end, new_end = len(self._lines) - tail, len(lines) - tail
        fresh = [line_raws(line, self._vocabulary) for line in lines[head:new_end]]
        token_head = sum(self._counts[:head])
        token_end = token_head + sum(self._counts[head:old_end])
        flat = [raw for body in fresh if body for raw in (0, *body)]
        self._body = np.concatenate(
            [self._body[:token_head], np.array(flat, np.uint32), self._body[token_end:]], dtype=np.uint32
        )
        self._counts[head:old_end] = [len(body) + 1 if body else 0 for body in fresh]
        self._indents[head:old_end] = [
            indent_width(line) if body else -1 for line, body in zip(lines[head:new_end], fresh, strict=True)
        ]
        if not self._lines:
            self.unit = indent_unit([indent for indent in self._indents[:_UNIT_SAMPLE] if indent >= 0])
        self._lines, self.text = lines, text
        self._write_line_tokens(head, new_end - 1)

    @property
    def raws(self) -> Raws:
        """Return the raws of the whole document."""
        return self._body

    def at(self, offset: int) -> Cursor:
        """Return the tokens on both sides of `offset`, which is clipped to the text."""
        offset = max(0, min(offset, len(self.text)))
        line, column = self._place(offset)
        text = self._lines[line] if line < len(self._lines) else ""
        line_before, rest = text[:column], text[column:]
        word = trailing_word(line_before[-200:])
        known = line_before[: len(line_before) - len(word)]
        indent = indent_width(line_before)
        token_line = sum(self._counts[:line])
        token_next = token_line + self._counts[line]
        head = [self._line_raw(line, indent), *line_raws(known, self._vocabulary)]
        after = self._body[token_next:].copy()
        if len(after):
            after[0] = line_token(self._indent_below(line), indent, self.unit) << 2
        return Cursor(
            before=np.concatenate([self._body[:token_line], np.array(head, np.uint32)], dtype=np.uint32),
            after=after,
            word=word,
            blank_before=known[-1:].isspace(),
            line_before=line_before,
            rest=rest,
            indent=indent,
            unit=self.unit,
            others=self.text[: offset - column] + self.text[offset + len(rest) :],
            indents_before=np.append(_whole_lines(self._indents[:line]), np.int32(indent)),
            indents_after=_whole_lines(self._indents[line + 1 :]),
        )

    def _place(self, offset: int) -> tuple[int, int]:
        before = split_lines(self.text[:offset])
        line = len(before) - 1
        if offset and self.text[offset - 1] == "\r" and self.text[offset : offset + 1] == "\n":
            # Between CR and LF is still the end of the line.
            return line - 1, len(before[line - 1])
        return line, len(before[line])

    def _line_raw(self, line: int, indent: int) -> int:
        blanks = 0
        for above in range(line - 1, -1, -1):
            if self._indents[above] >= 0:
                return line_token(indent, self._indents[above], self.unit) << 2 | min(blanks, 3)
            blanks += 1
        return line_token(indent, 0, self.unit) << 2 | min(blanks, 3)

    def _indent_below(self, line: int) -> int:
        return next((indent for indent in self._indents[line + 1 :] if indent >= 0), 0)

    def _write_line_tokens(self, first: int, last: int) -> None:
        """Set the line tokens of lines `first`..`last` and of the next one that is not blank after them."""
        place = sum(self._counts[:first])
        above = first - 1
        while above >= 0 and self._indents[above] < 0:
            above -= 1
        before, blanks = (self._indents[above] if above >= 0 else 0), first - 1 - above
        for line in range(first, len(self._counts)):
            indent = self._indents[line]
            if indent < 0:
                blanks += 1
                continue
            self._body[place] = line_token(indent, before, self.unit) << 2 | min(blanks, 3)
            if line > last:
                break
            place += self._counts[line]
            before, blanks = indent, 0


def _whole_lines(indents: list[int]) -> NDArray[np.int32]:
    """Return `indents` without those of blank lines."""
    found = np.array(indents, np.int32)
    return found[found >= 0]


def _common_ends(old: list[str], new: list[str]) -> tuple[int, int]:
    """Return how many lines at the start, and of the others how many at the end, are the same in both."""
    limit = min(len(old), len(new))
    head = 0
    while head < limit and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < limit - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return head, tail
