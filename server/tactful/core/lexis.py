"""Strings and comments read from the text itself, for where there is no syntax tree or the tree is broken.

Knows: how strings and comments begin and end in languages without a grammar here. Must not know: syntax trees,
documents.
"""

import re
from functools import cache
from typing import NamedTuple

from tactful.core.languages import Lexis, language

__all__ = ["lexis_of", "scan"]

_C_LEXIS = Lexis(comments=("//",), spans={"/*": "*/"})
_SHELL_LEXIS = Lexis(comments=("#",))
_PLAIN_LEXIS = Lexis(quotes=('"',))
_LEXES = {
    "go": Lexis(comments=("//",), blocks=("`",), spans={"/*": "*/"}),
    **dict.fromkeys(("c", "cpp", "java", "csharp", "rust", "swift", "kotlin", "scala", "php"), _C_LEXIS),
    **dict.fromkeys(("shellscript", "bash", "ruby", "perl", "yaml", "toml", "r", "julia"), _SHELL_LEXIS),
    **dict.fromkeys(("lua", "sql", "haskell"), Lexis(comments=("--",))),
}


class _Mark(NamedTuple):
    """What ends a string or comment, and what it means when the text ends before."""

    end: re.Pattern[str]
    is_comment: bool


def lexis_of(language_id: str) -> Lexis:
    """Return how strings and comments begin; for a language that is not known, only double quotes count."""
    known = language(language_id)
    return known.lexis if known else _LEXES.get(language_id, _PLAIN_LEXIS)


def scan(text: str, language_id: str) -> tuple[bool, bool]:
    """Return whether the end of `text`, which begins in code, is in a string, and whether it is in a comment."""
    begin, marks = _lexer(language_id)
    at = 0
    while (match := begin.search(text, at)) is not None:
        mark = marks[match.group()]
        closing = mark.end.search(text, match.end())
        if closing is None:
            return not mark.is_comment, mark.is_comment
        at = closing.end()
    return False, False


@cache
def _lexer(language_id: str) -> tuple[re.Pattern[str], dict[str, _Mark]]:
    """Return what begins a string or comment, and the end of each."""
    lexis = lexis_of(language_id)
    marks = {
        **{mark: _Mark(re.compile(rf"(?<!\\)(?:\\\\)*{re.escape(mark)}"), False) for mark in lexis.blocks},
        **{mark: _Mark(re.compile(re.escape(end)), True) for mark, end in lexis.spans.items()},
        **{mark: _Mark(re.compile("\n"), True) for mark in lexis.comments},
        **{mark: _Mark(re.compile(rf"(?<!\\)(?:\\\\)*{re.escape(mark)}|[\r\n]"), False) for mark in lexis.quotes},
    }
    return re.compile("|".join(map(re.escape, marks))), marks
