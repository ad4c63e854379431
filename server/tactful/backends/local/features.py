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
    DiskLayer,
    DocumentShapes,
    Evidence,
    MemoryLayer,
)
from tactful.backends.local.segment import MAX_ORDER
from tactful.backends.local.shapes import REACH, NameCodes, shape_key, word_code
from tactful.backends.local.tokens import LINE_SAME, Vocabulary, is_line_token, line_raws

__all__ = ["MAX_CANDIDATES", "SCHEMA", "Choice", "Sight", "choices"]

SCHEMA = 1
MAX_CANDIDATES = 24
CONTEXT = max(MAX_ORDER, REACH)  # tokens before the cursor that are looked at

_SLOTS = {  # layer -> (first slot, levels)
    **{layer: (3 * layer, 3) for layer in range(6)},
    **{layer: (18 + 2 * (layer - 6), 2) for layer in range(6, 10)},
}
_SLOT_COUNT = 26
_KINDS = 8
_ROW = 3 * _SLOT_COUNT + _KINDS + 10
_MOMENT = 3 * _SLOT_COUNT + _KINDS + 10
_SAMPLE = 48
_PREFIX_SAMPLE = 400  # places that are read for a word that is partly typed
_PREFIX_WORDS = 8  # words that are added to those of the evidence when one is partly typed
_RECENT = 4_000  # tokens on each side of the cursor that count as near
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
    votes: dict[int, list[tuple[int, float, float, int, Evidence]]] = {}
    blanks: dict[int, tuple[float, int]] = {}
    next_line_votes = line_votes = 0
    levels: dict[int, int] = {}
    for item in evidence:
        level = levels[item.layer] = levels.get(item.layer, -1) + 1
        first, most = _SLOTS[item.layer]
        if level >= most:
            continue
        slot = 3 * (first + level)
        moment[slot] = item.order / 12
        moment[slot + 1] = _log(item.total) / 8
        merged: dict[int, int] = {}
        for raw, count in item.counts.items():
            token = raw >> 2
            if token < 7:
                line_votes += count
                next_line_votes += count * (token == sight.next_line)
                token = LINE_SAME
            merged[token] = merged.get(token, 0) + count
            weight = count / item.read * (1 + item.order)
            if token not in blanks or weight > blanks[token][0]:
                blanks[token] = (weight, raw & 3)
        moment[slot + 2] = len(merged) / item.read
        for token, count in merged.items():
            votes.setdefault(token, []).append((slot, count / item.read, _log(count) / 4, item.order, item))
    if word:
        for token in islice(_words(sight, word), _PREFIX_WORDS):
            votes.setdefault(token, [])
    # The strongest votes decide which candidates are looked at more closely.
    ranked = sorted(votes, key=lambda token: -sum(share * (1 + order) for _, share, _, order, _ in votes[token]))
    ranked = ranked[:MAX_CANDIDATES]
    rows = np.zeros((len(ranked) + 1, _ROW), np.float32)
    reasons: list[Evidence | None] = []
    line = (*sight.line, *typed)
    for place, token in enumerate(ranked):
        row = [0.0] * _ROW
        for slot, share, count_log, order, _ in votes[token]:
            row[slot] = share
            row[slot + 1] = count_log
            row[slot + 2] = order / 12
        _describe(row, token, sight, line)
        if token == LINE_SAME and line_votes:
            row[3 * _SLOT_COUNT + _KINDS + 5] = next_line_votes / line_votes
        rows[place] = row
        reasons.append(max(votes[token], key=lambda vote: vote[1] * vote[3], default=(0, 0, 0, 0, None))[4])
    rows[-1, -1] = 1.0
    _describe_moment(moment, sight, typed, line, word)
    raws = [END_OF_LINE if token == LINE_SAME else token << 2 | blanks.get(token, (0, 0))[1] for token in ranked]
    return Choice(raws, reasons, rows, moment)


def _describe(row: list[float], token: int, sight: Sight, line: tuple[int, ...]) -> None:
    base = 3 * _SLOT_COUNT
    row[base + _kind(token, sight.vocabulary)] = 1.0
    base += _KINDS
    distance = sight.last_places.get(token)
    if distance is not None:
        row[base] = 1.0
        row[base + 1] = 1 / (1 + _log(distance))
    row[base + 2] = token in sight.below
    row[base + 3] = bool(sight.rest) and token == sight.rest[0]
    row[base + 4] = bool(line) and token == line[-1]
    row[base + 6] = token in line
    row[base + 7] = len(sight.vocabulary.texts[token]) / 10
    if sight.disk:
        row[base + 8] = _log(sight.disk[0].count(token)) / 8


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
    moment[base : base + 10] = (
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


def _log(number: int) -> float:
    return _LOG[number] if number <= 1_024 else math.log1p(number)
