"""The names that a Python program can use at the cursor: parameters, locals, imports, definitions, `self`'s members.

Read from the document's tokens and the indentation of its lines, which is there already and cheap (well under a
millisecond in thousands of lines), so half-typed code is read as well as whole. It errs on the side of too many names;
what a name is worth is learned. This module knows Python's way of binding names; it must not know layers.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tactful.backends.local.document import Cursor
from tactful.backends.local.shapes import NameCodes
from tactful.backends.local.tokens import FIRST_WORD, Vocabulary

__all__ = ["SCOPES", "Binding", "Bound", "Scope"]

Tokens = NDArray[np.uint32]

_MAX_REGION = 6_000  # tokens of a function that are read
_MAX_HEADER = 300  # tokens of one head of a function or class, or of one import


class Binding(IntEnum):
    """How a name was bound."""

    PARAMETER = 0
    LOCAL = 1
    IMPORT = 2
    DEFINITION = 3  # a function or class of the module
    GLOBAL = 4


@dataclass(frozen=True, slots=True)
class Bound:
    """A name in scope; `age` is how many tokens before the cursor it was bound, 0 when it is bound below."""

    kind: Binding
    age: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What can be named at a cursor, as the engine's tokens."""

    names: Mapping[int, Bound] = field(default_factory=dict)
    uses: Mapping[int, int] = field(default_factory=dict)  # how often each token stands in the function so far
    function: int = 0  # the name of the function around the cursor, 0 for none
    bases: tuple[int, ...] = ()  # names of the classes that the class around the cursor names as its bases
    members: Mapping[int, int] = field(default_factory=dict)  # of the class around the cursor, and how often named


@dataclass(frozen=True, slots=True)
class _Lines:
    """Tokens with where each line starts and how far it is indented."""

    raws: Tokens
    tokens: Tokens
    starts: NDArray[np.int64]
    indents: NDArray[np.int32]

    def first(self, offset: int = 1) -> Tokens:
        """Return the token of each line that stands `offset` after its line token."""
        return self.tokens[np.minimum(self.starts + offset, len(self.tokens) - 1)]


class _Words:
    """The numbers of the words that bind names."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        token = vocabulary.token
        self.define, self.klass, self.asynchronous = token("def"), token("class"), token("async")
        self.take, self.source, self.rename = token("import"), token("from"), token("as")
        self.loop, self.within, self.walrus = token("for"), token("in"), token(":=")
        self.equals, self.colon, self.comma, self.dot = token("="), token(":"), token(","), token(".")
        self.opening, self.closing, self.index = token("("), token(")"), token("[")
        self.closers = [token(text) for text in ")]}"]
        self.stars = [token("*"), token("**")]
        self.selves = [token("self"), token("cls")]


def python_scope(cursor: Cursor, vocabulary: Vocabulary, codes: NameCodes) -> Scope:
    """Return what can be named at `cursor`."""
    words = _Words(vocabulary)
    before, after = _lines(cursor.before, cursor.indents_before), _lines(cursor.after, cursor.indents_after)
    is_name = codes.codes == 0
    heads = list(_heads(before, cursor.indent, words))
    functions = [head for head in heads if before.tokens[before.starts[head] + 1] != words.klass]
    classes = [head for head in heads if before.tokens[before.starts[head] + 1] == words.klass]
    size = len(before.tokens)
    names: dict[int, Bound] = {}
    for side, lines in ((after, _top_level(after)), (before, _top_level(before))):
        for place, token, kind in _module_names(side, lines, words, is_name):
            names[token] = Bound(kind, size - place if side is before else 0)
        for place, token in _imports(side, lines, words):
            names[token] = Bound(Binding.IMPORT, size - place if side is before else 0)
    uses: Counter[int] = Counter()
    if functions:
        start = int(before.starts[functions[-1]])
        region = slice(max(start, size - _MAX_REGION), size)
        uses.update(before.tokens[region].tolist())
        for place, token in _bound_in(before.raws[region], before.tokens[region], words):
            if is_name[token]:
                names[token] = Bound(Binding.LOCAL, size - region.start - place)
        for head in reversed(functions):
            begin = int(before.starts[head])
            for place, token in _parameters(before.tokens[begin : begin + _MAX_HEADER].tolist(), words):
                if is_name[token]:
                    names[token] = Bound(Binding.PARAMETER, size - begin - place)
    function = 0
    if functions:
        head = before.tokens[before.starts[functions[0]] + 1 :][:3].tolist()
        function = next((token for token in head if is_name[token]), 0)
    members, bases = _class_members(before, after, classes[0], words, is_name) if classes else ({}, ())
    return Scope(names=names, uses=uses, function=function, bases=bases, members=members)


SCOPES: Mapping[str, Callable[[Cursor, Vocabulary, NameCodes], Scope]] = {"python": python_scope}


def _lines(raws: Tokens, indents: NDArray[np.int32]) -> _Lines:
    tokens = raws >> np.uint32(2)
    starts = np.flatnonzero((tokens > 0) & (tokens < FIRST_WORD))
    return _Lines(raws, tokens, starts, indents)


def _heads(lines: _Lines, indent: int, words: _Words) -> Iterator[int]:
    """Yield the lines that begin the functions and classes around the end of `lines`, innermost first."""
    if len(lines.starts) < 2:
        return
    above = np.where(np.isin(lines.first()[:-1], words.closers), 10_000, lines.indents[:-1])[::-1]
    least = np.minimum.accumulate(np.concatenate([[indent], above]))
    for back in np.flatnonzero(above < least[:-1]).tolist():
        line = len(lines.starts) - 2 - back
        begin: list[int] = lines.tokens[lines.starts[line] + 1 :][:2].tolist()
        first, second, *_ = [*begin, 0, 0]
        if first in (words.define, words.klass) or (first == words.asynchronous and second == words.define):
            yield line


def _bound_in(raws: Tokens, tokens: Tokens, words: _Words) -> Iterator[tuple[int, int]]:
    """Yield (place, token) of what is bound in a run of statements; a keyword argument's `=` has no blank before it."""
    for place in np.flatnonzero(tokens[1:] == words.walrus).tolist():
        yield place, int(tokens[place])
    for place in np.flatnonzero((tokens == words.equals) & (raws & np.uint32(3) > 0)).tolist():
        yield from _targets_before(tokens, place, words)
    for mark, end in ((words.loop, words.within), (words.rename, words.colon)):
        for place in np.flatnonzero(tokens == mark).tolist():
            for offset, token in enumerate(tokens[place + 1 : place + 8].tolist(), place + 1):
                if token == end or token < FIRST_WORD:
                    break
                yield offset, token


def _targets_before(tokens: Tokens, place: int, words: _Words) -> Iterator[tuple[int, int]]:
    """Yield the names of `a, b = ...` and `a: int = ...`, whose `=` is at `place`."""
    first = max(0, place - 12)
    statement = tokens[first:place].tolist()
    begin = max((index for index, token in enumerate(statement) if token < FIRST_WORD), default=-1) + 1
    targets = statement[begin:]
    if words.colon in targets:
        targets = targets[: targets.index(words.colon)]
    if words.dot in targets or words.index in targets:
        return  # An attribute or an item is bound, not a name.
    yield from enumerate(targets, first + begin)


def _parameters(head: list[int], words: _Words) -> Iterator[tuple[int, int]]:
    """Yield (place, token) of the parameters in the tokens of a function's head."""
    depth = 0
    for place, token in enumerate(head):
        if token == words.opening:
            depth += 1
        elif token in words.closers:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1 and (
            head[place - 1] < FIRST_WORD or head[place - 1] in (words.opening, words.comma, *words.stars)
        ):
            yield place, token


def _top_level(lines: _Lines) -> NDArray[np.int64]:
    return np.flatnonzero(lines.indents == 0) if len(lines.starts) else np.zeros(0, np.int64)


def _module_names(
    lines: _Lines, chosen: NDArray[np.int64], words: _Words, is_name: NDArray[np.bool_]
) -> Iterator[tuple[int, int, Binding]]:
    """Yield (place, token, kind) of what the unindented lines `chosen` define."""
    if not len(chosen):
        return
    first, second, third = (lines.first(offset)[chosen] for offset in (1, 2, 3))
    defining = (first == words.define) | (first == words.klass)
    named = np.where(first == words.asynchronous, third, second)
    for flags, tokens, kind in (
        (defining | (first == words.asynchronous), named, Binding.DEFINITION),
        ((second == words.equals) | (second == words.colon), first, Binding.GLOBAL),
    ):
        found = flags & is_name[tokens]
        places = lines.starts[chosen[found]].tolist()
        yield from ((place, token, kind) for place, token in zip(places, tokens[found].tolist(), strict=True))


def _imports(lines: _Lines, chosen: NDArray[np.int64], words: _Words) -> Iterator[tuple[int, int]]:
    """Yield (place, token) of what the unindented lines `chosen` import."""
    if not len(chosen):
        return
    first = lines.first()[chosen]
    for line in chosen[(first == words.take) | (first == words.source)].tolist():
        begin = int(lines.starts[line]) + 1
        statement = _statement(lines.tokens[begin : begin + _MAX_HEADER].tolist(), words)
        if words.take in statement:
            for token in _imported(statement[statement.index(words.take) + 1 :], words):
                yield begin, token


def _statement(tokens: list[int], words: _Words) -> list[int]:
    """Return the tokens up to the end of the statement they begin with, without those that begin lines."""
    found: list[int] = []
    depth = 0
    for token in tokens:
        depth += (token == words.opening) - (token == words.closing)
        if token < FIRST_WORD:
            if depth <= 0:
                break
            continue
        found.append(token)
    return found


def _imported(tokens: Iterable[int], words: _Words) -> Iterator[int]:
    """Yield the names that `a.b, c as d` binds."""
    entry: list[int] = []
    for token in (*tokens, words.comma):
        if token != words.comma:
            entry += [token] if token not in (words.opening, words.closing) else []
            continue
        if entry:
            yield entry[-1] if words.rename in entry else entry[0]
        entry = []


def _class_members(
    before: _Lines, after: _Lines, head: int, words: _Words, is_name: NDArray[np.bool_]
) -> tuple[dict[int, int], tuple[int, ...]]:
    """Return the members of the class that begins at line `head`, with how often each is named, and its bases."""
    indent = int(before.indents[head])
    outside = np.flatnonzero(after.indents <= indent)
    end = int(outside[0]) if len(outside) else len(after.starts)
    counts: Counter[int] = Counter()
    for lines, first, last in ((before, head + 1, len(before.starts)), (after, 0, end)):
        if first >= last:
            continue
        begin = int(lines.starts[first])
        stop = int(lines.starts[last]) if last < len(lines.starts) else len(lines.tokens)
        counts.update(_members_named(lines.tokens[begin:stop], words))
        inside = np.arange(first, last)
        body = inside[lines.indents[first:last] <= _body_indent(before, head)]
        counts.update(token for _, token, _ in _module_names(lines, body, words, is_name))
    begin = int(before.starts[head]) + 1
    statement = _statement(before.tokens[begin : begin + _MAX_HEADER].tolist(), words)
    listed = statement[3 : statement.index(words.equals) - 1] if words.equals in statement else statement[3:]
    bases = [token for token, then in pairwise((*listed, 0)) if is_name[token] and then != words.dot]
    return {token: count for token, count in counts.items() if is_name[token]}, tuple(bases[:3])


def _members_named(tokens: Tokens, words: _Words) -> list[int]:
    """Return what stands after `self.` or `cls.`."""
    if len(tokens) < 3:
        return []
    places = np.flatnonzero(np.isin(tokens[:-2], words.selves) & (tokens[1:-1] == words.dot))
    named: list[int] = tokens[places + 2].tolist()
    return named


def _body_indent(lines: _Lines, head: int) -> int:
    """Return the indentation of the class body that begins after line `head`."""
    return int(lines.indents[head + 1]) if head + 1 < len(lines.indents) else int(lines.indents[head]) + 8
