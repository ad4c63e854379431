"""When a model has written enough: the line is complete, or the statement or body that begins at the cursor.

Brackets and strings are read from the syntax tree, bodies from the indentation. Pure: text in, an offset into what was
written out. Reading stops there and the connection is closed.
"""

import re
from enum import StrEnum
from functools import cached_property

from tactful.core.syntax import facts_at, parse
from tactful.core.text import open_document
from tactful.core.types import CompletionRequest

__all__ = ["MAX_LINES", "Ending", "Goal", "goal_at"]

MAX_LINES = 12  # of a body; more than that nobody reads at a glance
_SCOPE_CHARS = 4000
_OPENERS, _CLOSERS = "([{", ")]}"
_HEADERS = (":", "{")
_GO_ON = (*_OPENERS, *_HEADERS, ",", "\\")


class Goal(StrEnum):
    """How much is asked for."""

    LINE = "line"
    BLOCK = "block"  # the statement that begins here, or the body that begins here


def goal_at(before: str, after: str) -> Goal:
    """Return what the cursor calls for, from the text before and after it: a line while one is being typed."""
    line = _last_line(before).rstrip()
    if _first_line(after).strip():
        return Goal.LINE
    return Goal.BLOCK if not line or line.endswith(_GO_ON) else Goal.LINE


class Ending:
    """Finds the end in a text that grows; made once for each request."""

    def __init__(self, request: CompletionRequest, goal: Goal) -> None:
        self.goal = goal
        self._request = request

    @cached_property
    def _scope(self) -> str:
        return _scope(self._request.text[: self._request.offset])

    @cached_property
    def _opened(self) -> int:
        return self._at_end_of("")[0]

    def find(self, text: str) -> int | None:
        """Return where `text` is to be cut because what follows is not asked for; None while it goes on."""
        if self.goal is Goal.LINE:
            end = text.find("\n")
            return end if end >= 0 else None
        for match in re.finditer("\n", text):
            end = match.start()
            if text[:end].strip() and self._ends(text[:end], text[end + 1 :]):
                return end
            if text.count("\n", 0, end) + 1 >= MAX_LINES:
                return end if text[:end].strip() else 0
        return None

    def is_whole(self, text: str) -> bool:
        """Say whether `text`, of which nothing more comes, stops inside no string and leaves no bracket open."""
        opened, in_string = self._at_end_of(text)
        return not in_string and opened <= self._opened

    def _ends(self, written: str, following: str) -> bool:
        opened, in_string = self._at_end_of(written)
        if in_string or opened > self._opened:
            return False
        line = _first_line(following)
        indent, floor = _indent_and_floor(self._scope)
        if not line.strip():  # a blank line ends it; before the next line's indentation is known, nothing is
            return "\n" in following
        if floor is None:
            if not any(each.rstrip().endswith(_HEADERS) for each in written.split("\n")):
                return True
            floor = indent
        next_is_closer = self._request.text[self._request.offset :].lstrip()[:1] in (*_CLOSERS,)
        closes = line.lstrip()[0] in _CLOSERS and opened == self._opened > 0 and not next_is_closer
        return _indent(line) <= floor and not closes

    def _at_end_of(self, written: str) -> tuple[int, bool]:
        """Return the number of open brackets behind `written`, and whether that is inside a string."""
        text = self._scope + written
        document = open_document("", self._request.language_id, 0, text)
        tree = parse(document, None)
        if tree is None:
            return _counted(text), False
        facts = facts_at(tree, document, len(text))
        return facts.open_brackets, facts.in_string and not facts.in_comment


def _indent_and_floor(scope: str) -> tuple[int, int | None]:
    """Return the indentation of the cursor's line, and that which lines of the body stay above.

    The latter is None where a statement of its own begins: it has a body only if it turns out to be a header.
    """
    line = _last_line(scope)
    if line.strip():
        return _indent(line), _indent(line)
    above = _last_line(scope[: len(scope) - len(line)].rstrip())
    return len(line), _indent(above) if above.endswith(_HEADERS) else None


def _scope(before: str) -> str:
    """Return the text before the cursor from the last top-level line on, which is all that has to be parsed."""
    line_start = before.rfind("\n") + 1
    at, first = line_start, max(0, len(before) - _SCOPE_CHARS)
    while at > first:
        at = before.rfind("\n", first, at - 1) + 1
        if at == 0 and first > 0:
            break
        if before[at] not in _CLOSERS and not before[at].isspace():
            return before[at:]
    return before[line_start:]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _counted(text: str) -> int:
    return sum(text.count(bracket) for bracket in _OPENERS) - sum(text.count(bracket) for bracket in _CLOSERS)


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]


def _last_line(text: str) -> str:
    return text[text.rfind("\n") + 1 :]
