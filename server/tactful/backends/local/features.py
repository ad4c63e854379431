"""Evidence to numbers: what the model sees of each candidate for the next token.

A candidate's row says how each layer and context length speaks for it, and what kind of token it is; the moment's row
says how much each layer knows, and where in the line the cursor stands. The order of the columns is the model's schema:
a change here needs a new model and a new SCHEMA. This module must not know how the numbers are weighed.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from tactful.backends.local.document import Cursor
from tactful.backends.local.evidence import (
    END_OF_LINE,
    Around,
    DiskLayer,
    DocumentShapes,
    Evidence,
    MemoryLayer,
)
from tactful.backends.local.segment import MAX_ORDER
from tactful.backends.local.shapes import REACH, NameCodes, shape_key, word_code
from tactful.backends.local.tokens import FIRST_WORD, LINE_SAME, Vocabulary, is_line_token, line_raws

__all__ = ["MAX_CANDIDATES", "SCHEMA", "Choice", "Sight", "choices"]

SCHEMA = 2
MAX_CANDIDATES = 24
CONTEXT = max(MAX_ORDER, REACH)  # tokens before the cursor that are looked at

_SLOTS = {  # layer -> (first slot, levels)
    **{layer: (3 * layer, 3) for layer in range(6)},
    **{layer: (18 + 2 * (layer - 6), 2) for layer in range(6, 11)},
}
_SLOT_COUNT = 28
_KINDS = 8
_ROW = 3 * _SLOT_COUNT + _KINDS + 12
_MOMENT = 3 * _SLOT_COUNT + _KINDS + 12
_SAMPLE = 48
_PREFIX_SAMPLE = 400  # places that are read for a word that is partly typed
_PREFIX_WORDS = 8  # words that are added to those of the evidence when one is partly typed
_RECENT = 4_000  # tokens on each side of the cursor that count as near
_LINE_BELOW, _LINE_ABOVE = 60, 150  # tokens that are read to find the next and the last line
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_QUOTES = frozenset(("'", '"', "`", '"""', "'''"))
_LOG = [math.log1p(number) for number in range(1_025)]


@dataclass(frozen=True, kw_only=True)
class Sight:
    """All that is known at one cursor."""

    cursor: Cursor
    memory: Sequence[MemoryLayer]
    disk: Sequence[DiskLayer]
    vocabulary: Vocabulary
    codes: NameCodes

    @cached_property
    def kinds(self) -> dict[int, int]:
        """Return the kinds of tokens that were looked up so far."""
        return {}

    @cached_property
    def context(self) -> tuple[int, ...]:
        """Return the last tokens before the cursor, newest last."""
        return tuple((self.cursor.before[-CONTEXT:] >> 2).tolist())

    @cached_property
    def line(self) -> tuple[int, ...]:
        """Return the tokens of the cursor's line, without its line token."""
        tokens = (self.cursor.before[-400:] >> 2).tolist()
        starts = [place for place, token in enumerate(tokens) if is_line_token(token)]
        return tuple(tokens[starts[-1] + 1 :] if starts else tokens)

    @cached_property
    def rest(self) -> list[int]:
        """Return the tokens of the line after the cursor."""
        return [raw >> 2 for raw in line_raws(self.cursor.rest, self.vocabulary)]

    @cached_property
    def shapes(self) -> DocumentShapes:
        """Return the shapes of the text around the cursor."""
        before, after = self.cursor.before[-2 * _RECENT :], self.cursor.after[:_RECENT]
        raws = np.concatenate([before, np.zeros(1, np.uint32), after], dtype=np.uint32)
        return DocumentShapes(raws, self.codes.codes, len(before))

    @cached_property
    def last_places(self) -> dict[int, int]:
        """Return how many tokens before the cursor each near token stood last."""
        tokens = (self.cursor.before[-_RECENT:] >> 2).tolist()
        size = len(tokens)
        return {token: size - place for place, token in enumerate(tokens)}

    @cached_property
    def below(self) -> frozenset[int]:
        """Return the tokens of the lines below."""
        return frozenset((self.cursor.after[:_RECENT] >> 2).tolist())

    @cached_property
    def next_line(self) -> int:
        """Return the line token that begins the line below; 0 when there is none."""
        return int(self.cursor.after[0]) >> 2 if len(self.cursor.after) else 0

    @cached_property
    def line_below(self) -> list[int]:
        """Return the tokens of the line below, without its line token and with a line token at its end."""
        return _first_line((self.cursor.after[1:_LINE_BELOW] >> 2).tolist())

    @cached_property
    def line_above(self) -> list[int]:
        """Return the tokens of the line above, without its line token and with a line token at its end."""
        tokens = (self.cursor.before[-_LINE_ABOVE:] >> 2).tolist()
        starts = [place for place, token in enumerate(tokens) if is_line_token(token)]
        return _first_line(tokens[starts[-2] + 1 :]) if len(starts) > 1 else []

    @cached_property
    def around(self) -> Around:
        """Return the lines that are followed as the cursor's line is."""
        return Around(self.cursor.before[-2 * _RECENT :], self.cursor.after[:_RECENT])

    @cached_property
    def in_long_string(self) -> bool:
        """Say whether a triple quote is open before the cursor's line."""
        token = self.vocabulary.known('"""')
        if token is None:
            return False
        return bool(np.count_nonzero(self.cursor.before >> 2 == token) & 1)

    def evidence(self, context: Sequence[int], limit: int = _SAMPLE) -> list[Evidence]:
        """Return what followed `context` in all layers."""
        found = [item for layer in self.memory for item in layer.evidence(context, limit)]
        for layer in self.disk:
            found += layer.evidence(context, limit)
        codes = self.codes.codes
        keys = shape_key(context, codes)
        found += self.shapes.evidence(context, keys)
        found += self.around.evidence(context)
        for layer in self.disk:
            found += layer.shape_evidence(context, keys)
        return found


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidates for one next token; `rows` has one row more, for "none of these"."""

    raws: list[int]
    reasons: list[Evidence | None]  # the most telling evidence for each
    rows: NDArray[np.float32]
    moment: NDArray[np.float32]


def choices(sight: Sight, typed: tuple[int, ...]) -> Choice:
    """Return the candidates for the token after `typed` (tokens, from the cursor on), as numbers."""
    context = (*sight.context, *typed)[-CONTEXT:]
    word = "" if typed else sight.cursor.word
    evidence = sight.evidence(context, _PREFIX_SAMPLE if word else _SAMPLE)
    if word:
        evidence = list(_fitting(evidence, word, sight.vocabulary))
    moment = np.zeros(_MOMENT, np.float32)
    tally = _Tally(sight.next_line)
    for item, slot in _slotted(evidence):
        distinct = tally.add(item, slot)
        moment[slot : slot + 3] = (item.order / 12, _log(item.total) / 8, distinct / item.read)
    if word:
        for token in islice(_words(sight, word), _PREFIX_WORDS):
            tally.strength.setdefault(token, 0.0)
    # The strongest votes decide which candidates are looked at more closely.
    ranked = sorted(tally.strength, key=tally.strength.__getitem__, reverse=True)[:MAX_CANDIDATES]
    line = (*sight.line, *typed)
    rows = _rows(tally, ranked, sight, line)
    _describe_moment(moment, sight, typed, line, word)
    raws = [END_OF_LINE if token == LINE_SAME else token << 2 | tally.blanks.get(token, 0) for token in ranked]
    return Choice(raws, [tally.reasons.get(token) for token in ranked], rows, moment)


class _Tally:
    """Collects what each piece of evidence says of each token."""

    def __init__(self, next_line: int) -> None:
        self.strength: dict[int, float] = {}  # sum of share x (1 + order)
        self.blanks: dict[int, int] = {}
        self.reasons: dict[int, Evidence] = {}
        self.votes: list[tuple[int, int, int, dict[int, int]]] = []  # slot, order, read, count of each token
        self.line_votes = self.next_line_votes = 0
        self._next_line = next_line
        self._best: dict[int, float] = {}

    def add(self, item: Evidence, slot: int) -> int:
        """Count `item`; return how many different tokens it speaks of. All line tokens are one: the end of the line."""
        merged: dict[int, int] = {}
        weight = (1 + item.order) / item.read
        for raw, count in item.counts.items():
            token = raw >> 2
            if token < FIRST_WORD:
                self.line_votes += count
                if token == self._next_line:
                    self.next_line_votes += count
                token = LINE_SAME
            merged[token] = merged.get(token, 0) + count
            if count * weight > self._best.get(token, 0.0):
                self._best[token] = count * weight
                self.blanks[token] = raw & 3
                self.reasons[token] = item
        strength = self.strength
        for token, count in merged.items():
            strength[token] = strength.get(token, 0.0) + count * weight
        self.votes.append((slot, item.order, item.read, merged))
        return len(merged)


def _slotted(evidence: Sequence[Evidence]) -> Iterator[tuple[Evidence, int]]:
    """Yield each piece of evidence with the first of its three columns."""
    levels: dict[int, int] = {}
    for item in evidence:
        level = levels[item.layer] = levels.get(item.layer, -1) + 1
        first, most = _SLOTS[item.layer]
        if level < most:
            yield item, 3 * (first + level)


def _rows(tally: _Tally, ranked: Sequence[int], sight: Sight, line: tuple[int, ...]) -> NDArray[np.float32]:
    rows = np.zeros((len(ranked) + 1, _ROW), np.float32)
    begins = {token: place * _ROW for place, token in enumerate(ranked)}
    columns: list[int] = []
    values: list[float] = []
    for slot, order, read, merged in tally.votes:
        for token, count in merged.items():
            begin = begins.get(token)
            if begin is not None:
                column = begin + slot
                columns += (column, column + 1, column + 2)
                values += (count / read, _log(count) / 4, order / 12)
    place = len(line)
    below = sight.line_below[place : place + 1] if line == tuple(sight.line_below[:place]) else []
    expected = _Expected(
        rest=sight.rest[0] if sight.rest else -1,
        last=line[-1] if line else -1,
        line=frozenset(line),
        below=below[0] if below else -1,
        above=sight.line_above[place] if place < len(sight.line_above) else -1,
    )
    for token, begin in begins.items():
        _describe(columns, values, begin + 3 * _SLOT_COUNT, token, sight, expected)
    if LINE_SAME in begins and tally.line_votes:
        columns.append(begins[LINE_SAME] + 3 * _SLOT_COUNT + _KINDS + 5)
        values.append(tally.next_line_votes / tally.line_votes)
    rows.reshape(-1)[columns] = values
    rows[-1, -1] = 1.0
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expected:
    """Tokens that stand in telling places; -1 where there is none."""

    rest: int  # the first one after the cursor
    last: int  # the last one of the line so far
    line: frozenset[int]
    below: int  # the next one, if the line goes on as the line below it
    above: int  # the one at the same place of the line above


def _describe(
    columns: list[int], values: list[float], begin: int, token: int, sight: Sight, expected: _Expected
) -> None:
    kind = sight.kinds.get(token)
    if kind is None:
        kind = sight.kinds[token] = _kind(token, sight.vocabulary)
    columns.append(begin + kind)
    values.append(1.0)
    begin += _KINDS
    distance = sight.last_places.get(token)
    if distance is not None:
        columns += (begin, begin + 1)
        values += (1.0, 1 / (1 + _log(distance)))
    columns += (begin + 7, begin + 8)
    values += (
        len(sight.vocabulary.texts[token]) / 10,
        _log(sight.disk[0].count(token)) / 8 if sight.disk else 0.0,
    )
    for column, value in (
        (2, token in sight.below),
        (3, token == expected.rest),
        (4, token == expected.last),
        (6, token in expected.line),
        (9, token == expected.below),
        (10, token == expected.above),
    ):
        if value:
            columns.append(begin + column)
            values.append(1.0)


def _describe_moment(
    moment: NDArray[np.float32], sight: Sight, typed: tuple[int, ...], line: tuple[int, ...], word: str
) -> None:
    base = 3 * _SLOT_COUNT
    texts = sight.vocabulary.texts
    moment[base + (_kind(line[-1], sight.vocabulary) if line else 0)] = 1.0
    base += _KINDS
    words = [texts[token] for token in line]
    depth = sum((text in _OPENING) - (text in _CLOSING) for text in words)
    quotes = sum(text in _QUOTES for text in words)
    moment[base : base + 12] = (
        len(line) / 16,
        max(-2, min(depth, 3)) / 3,
        not line,
        quotes & 1,
        "#" in words or "//" in words,
        bool(sight.rest),
        sight.next_line > 0,
        len(word) / 8,
        sight.in_long_string,
        len(typed) / 8,
        bool(sight.line_below) and line == tuple(sight.line_below[: len(line)]),
        line == tuple(sight.line_above[: len(line)]),
    )


def _kind(token: int, vocabulary: Vocabulary) -> int:
    text = vocabulary.texts[token]
    if not text:
        return 0
    if text.isidentifier():
        return 1 if word_code(text) == 0 else 2
    if text[0].isdigit():
        return 3
    if text in _QUOTES:
        return 4
    return 5 if text in _CLOSING else 6 if text in _OPENING else 7


def _fitting(evidence: Sequence[Evidence], word: str, vocabulary: Vocabulary) -> Iterator[Evidence]:
    texts = vocabulary.texts
    for item in evidence:
        counts = {raw: count for raw, count in item.counts.items() if texts[raw >> 2].startswith(word)}
        if counts:
            yield Evidence(item.layer, item.order, item.total, sum(counts.values()), counts)


def _words(sight: Sight, word: str) -> Iterator[int]:
    """Yield words that begin with `word`: those near the cursor, then the most frequent of the layers."""
    texts = sight.vocabulary.texts
    near = [token for token in sight.last_places if texts[token].startswith(word)]
    yield from sorted(near, key=sight.last_places.__getitem__)[: _PREFIX_WORDS // 2]
    for layer in sight.disk:
        yield from layer.words_with_prefix(word, _PREFIX_WORDS // 2)


def _first_line(tokens: list[int]) -> list[int]:
    for place, token in enumerate(tokens):
        if token < FIRST_WORD:
            return [*tokens[:place], LINE_SAME]
    return tokens


def _log(number: int) -> float:
    return _LOG[number] if number <= 1_024 else math.log1p(number)
