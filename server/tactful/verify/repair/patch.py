"""Writes a change of a text as a patch that `git apply -p0` and `patch -p0` take; knows nothing of repairs."""

from collections.abc import Iterator
from difflib import unified_diff

__all__ = ["patch"]


def patch(before: str, after: str, path: str) -> str:
    """Return the change as a unified diff with two lines around it, `path` relative to where it will be applied.

    Lines end at line feeds alone, as git has it; a last line without one is marked as git marks it.
    """
    return "".join(_marked(unified_diff(_lines(before), _lines(after), path, path, n=2)))


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _marked(diff: Iterator[str]) -> Iterator[str]:
    for line in diff:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
