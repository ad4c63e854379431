"""Text to tokens and back, the same for every language.

A *piece* is a run of blanks and the identifier, number, operator or sign that follows; joining the pieces of a line
gives the line back. A *token* is a piece without its blanks, known by its number in a vocabulary. A *raw* is a 32-bit
number that holds both: `token << 2 | blanks` with at most three blanks. Each line that is not blank begins with a line
token that says how its indentation differs from that of the line before; its two low bits count blank lines instead.

This module knows nothing of files, documents or layers.
"""

import re
from array import array
from collections.abc import Iterable, Iterator

__all__ = [
    "FIRST_WORD",
    "LINE_SAME",
    "SEPARATOR",
    "Vocabulary",
    "indent_unit",
    "indent_width",
    "is_line_token",
    "line_pieces",
    "line_raws",
    "line_token",
    "split_lines",
    "text_raws",
    "trailing_word",
]

SEPARATOR = 0  # stands between files, and for what is too long to be worth a number
LINE_SAME = 4  # line tokens 1..6: three or more levels out .. two or more levels in
FIRST_WORD = 7

_MAX_PIECE = 120  # characters; longer ones (keys, encoded data) are never suggested
_MAX_LINE = 2_000  # characters of a line that are read
_TAB_WIDTH = 4

_PIECE = re.compile(
    r"[ \t]*(?:[^\W\d]\w*|\d\w*(?:\.\d\w*)?"
    r"|\"\"\"|'''|\.\.\.|\*\*=?|//=?|<<=?|>>=?|->|=>|&&|\|\||::|[-+*/%&|^=!<>@:]=|[^\w\s])"
    r"|\s+"
)
_find = _PIECE.findall
_LINE_END = re.compile(r"\r\n?|\n")
_TRAILING_WORD = re.compile(r"[^\W\d]\w*\Z")


class Vocabulary(dict[str, int]):
    """Pieces to raws; numbers are given to new tokens as they come. `texts[token]` is the way back."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = [""] * FIRST_WORD
        self._tokens: dict[str, int] = {}

    def __missing__(self, piece: str) -> int:
        text = piece.lstrip(" \t")
        raw = self.token(text) << 2 | min(len(piece) - len(text), 3)
        self[piece] = raw
        return raw

    def token(self, text: str) -> int:
        """Return the number of the token `text` (no blanks around it), a new one if need be."""
        found = self._tokens.get(text)
        if found is not None:
            return found
        if not text or len(text) > _MAX_PIECE:
            return SEPARATOR
        token = len(self.texts)
        self.texts.append(text)
        self._tokens[text] = token
        return token

    def raws_in(self, other: "Vocabulary", raws: Iterable[int]) -> Iterator[int]:
        """Yield `raws` of this vocabulary as `other` numbers them."""
        for raw in raws:
            token = raw >> 2
            yield raw if token < FIRST_WORD else other.token(self.texts[token]) << 2 | raw & 3

    def known(self, text: str) -> int | None:
        """Return the number of the token `text` if it has one."""
        return self._tokens.get(text)


def split_lines(text: str) -> list[str]:
    """Return the lines of `text` without their ends; LF, CRLF and CR end a line, nothing else does."""
    return _LINE_END.split(text) if "\r" in text else text.split("\n")


def line_pieces(line: str) -> list[str]:
    """Return the pieces of `line`; joined they are `line` again."""
    return _find(line)


def line_raws(line: str, vocabulary: Vocabulary) -> list[int]:
    """Return the raws of one line, without its line token; empty for a blank line."""
    body = line.strip()
    if len(body) > _MAX_LINE:
        body = body[:_MAX_LINE]
    return [vocabulary[piece] for piece in _find(body)]


def indent_width(line: str) -> int:
    """Return the columns of white space that `line` begins with."""
    body = line.lstrip()
    head = line[: len(line) - len(body)]
    return len(head.expandtabs(_TAB_WIDTH)) if "\t" in head else len(head)


def indent_unit(indents: Iterable[int]) -> int:
    """Return the columns of one level of indentation: the most common step inwards, 4 where there is none."""
    steps = [0] * 9
    last = 0
    for indent in indents:
        if 1 < indent - last <= 8:
            steps[indent - last] += 1
        last = indent
    best = max(range(9), key=steps.__getitem__)
    return best if steps[best] else 4


def line_token(indent: int, indent_before: int, unit: int) -> int:
    """Return the token that begins a line indented by `indent` columns after one indented by `indent_before`."""
    step = indent - indent_before
    if step == 0:
        return LINE_SAME
    if step > 0:
        return LINE_SAME + (1 if step <= unit else 2)
    return LINE_SAME - min(3, max(1, -step // unit))


def is_line_token(token: int) -> bool:
    """Say whether `token` begins a line."""
    return 0 < token < FIRST_WORD


def text_raws(text: str, vocabulary: Vocabulary) -> "array[int]":
    """Return the raws of a whole file, without separators around them."""
    lines = split_lines(text)
    indents = [indent_width(line) for line in lines if line and not line.isspace()]
    unit = indent_unit(indents)
    raws = array("I")
    blanks = before = index = 0
    for line in lines:
        body = line_raws(line, vocabulary)
        if not body:
            blanks += 1
            continue
        indent = indents[index]
        index += 1
        raws.append(line_token(indent, before, unit) << 2 | min(blanks, 3))
        raws.extend(body)
        blanks, before = 0, indent
    return raws


def trailing_word(text: str) -> str:
    """Return the identifier that `text` ends with, empty if it ends with something else."""
    # A number such as `0x1F` ends with letters but is no identifier, so the run of word characters decides.
    start = len(text)
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    match = _TRAILING_WORD.match(text, start)
    return match.group() if match else ""
