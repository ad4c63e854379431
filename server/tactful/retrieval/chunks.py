"""A file in pieces of about a screenful, cut where its own paragraphs end.

What is cut could no longer be recognised as a secret by itself; so private keys are left out here, and no line is cut
within a word.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tactful.privacy.secrets import key_blocks

__all__ = ["Chunk", "chunks"]

_ENOUGH = 12  # lines; a piece of so many ends at the next blank line
_MOST = 30  # lines
_MOST_CHARS = 2_000  # longer pieces would fill a prompt alone


class Chunk(NamedTuple):
    """A piece of a file; `line` is the number of its first one, counted from 0."""

    line: int
    text: str


def chunks(text: str) -> Iterator[Chunk]:
    """Yield the pieces of `text` in order; blank ones are left out."""
    gathered: list[str] = []
    size = start = 0
    for number, line in enumerate(map(_short, _without_keys(text).split("\n"))):
        if gathered and _is_full(gathered, size, line):
            yield from _piece(start, gathered)
            gathered, size, start = [], 0, number
        gathered.append(line)
        size += len(gathered[-1]) + 1
    yield from _piece(start, gathered)


def _without_keys(text: str) -> str:
    for span in reversed(key_blocks(text)):
        text = text[: span.start] + "\n" * text.count("\n", *span) + text[span.end :]
    return text


def _short(line: str) -> str:
    return line if len(line) <= _MOST_CHARS else line[: max(0, line.rfind(" ", 0, _MOST_CHARS))]


def _is_full(gathered: list[str], size: int, line: str) -> bool:
    if len(gathered) >= _MOST or size + len(line) > _MOST_CHARS:
        return True
    return len(gathered) >= _ENOUGH and not gathered[-1].strip()


def _piece(start: int, lines: list[str]) -> Iterator[Chunk]:
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if filled:
        first, last = filled[0], filled[-1]
        yield Chunk(start + first, "\n".join(lines[first : last + 1]))
