"""Strings and comments read from the text itself, for where there is no syntax tree or the tree is broken.

Knows: how strings and comments begin and end in common languages. Must not know: syntax trees, documents.
"""

import re
from functools import cache
from typing import NamedTuple

__all__ = ["scan"]


class _Lexis(NamedTuple):
    """How strings and comments begin. A quote that ends with its line stands in `quotes`, the others in `blocks`."""

    comments: tuple[str, ...]
    quotes: tuple[str, ...]
    blocks: tuple[str, ...]


_PYTHON_LEXIS = _Lexis(("#",), ('"', "'"), ('"""', "'''"))
_C_LEXIS = _Lexis(("//",), ('"', "'"), ())
_SCRIPT_LEXIS = _Lexis(("//",), ('"', "'", "`"), ())
_SHELL_LEXIS = _Lexis(("#",), ('"', "'"), ())
_PLAIN_LEXIS = _Lexis((), ('"',), ())
_LEXES = {
    "python": _PYTHON_LEXIS,
    **dict.fromkeys(("javascript", "typescript", "javascriptreact", "typescriptreact", "go"), _SCRIPT_LEXIS),
    **dict.fromkeys(("c", "cpp", "java", "csharp", "rust", "swift", "kotlin", "scala", "php"), _C_LEXIS),
    **dict.fromkeys(("shellscript", "bash", "ruby", "perl", "yaml", "toml", "r", "julia"), _SHELL_LEXIS),
    **dict.fromkeys(("lua", "sql", "haskell"), _Lexis(("--",), ('"', "'"), ())),
}


def scan(text: str, language_id: str) -> tuple[bool, bool]:
    """Return whether the end of `text`, which begins in code, is in a string, and whether it is in a comment.

    For a language that is not known here only double quotes count, and there are no comments.
    """
    lexis = _LEXES.get(language_id, _PLAIN_LEXIS)
    begin, end = _lexer(lexis)
    at = 0
    while (match := begin.search(text, at)) is not None:
        mark = match.group()
        if mark in lexis.comments:
            stop = text.find("\n", match.end())
            if stop < 0:
                return False, True
        else:
            closing = end[mark].search(text, match.end())
            if closing is None:
                return True, False
            stop = closing.end()
        at = stop
    return False, False


@cache
def _lexer(lexis: _Lexis) -> tuple[re.Pattern[str], dict[str, re.Pattern[str]]]:
    """Return what begins a string or comment, and for each kind of string what ends it (its quote, or its line)."""
    begin = re.compile("|".join(re.escape(mark) for mark in (*lexis.blocks, *lexis.comments, *lexis.quotes)))
    quotes = {mark: re.compile(rf"(?<!\\)(?:\\\\)*{re.escape(mark)}|[\r\n]") for mark in lexis.quotes}
    blocks = {mark: re.compile(rf"(?<!\\)(?:\\\\)*{re.escape(mark)}") for mark in lexis.blocks}
    return begin, quotes | blocks
