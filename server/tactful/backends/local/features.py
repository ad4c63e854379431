"""Evidence to numbers: the candidates for the next token, and what the model sees of each.

A candidate's row says how each layer and context length speaks for it, and what kind of token it is (`columns.py`); the
moment's row says how much each layer knows, and where in the line the cursor stands. The order of the columns is the
model's schema: a change here or there needs a new model and a new SCHEMA. This module must not know how the numbers are
weighed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from tactful.backends.local.columns import (
    MOMENT_COLUMNS,
    TOKEN_COLUMNS,
    Place,
    describe,
    describe_moment,
    is_name_due,
    log_count,
)
from tactful.backends.local.evidence import END_OF_LINE, Evidence
from tactful.backends.local.sight import CONTEXT, SAMPLE, Sight
from tactful.backends.local.subwords import Derivation, derived
from tactful.backends.local.tokens import FIRST_WORD, LINE_SAME, Vocabulary

__all__ = ["MAX_CANDIDATES", "SCHEMA", "Choice", "choices"]

SCHEMA = 3

_SLOTS = {  # layer -> (first slot, levels)
    **{layer: (3 * layer, 3) for layer in range(6)},
    **{layer: (18 + 2 * (layer - 6), 2) for layer in range(6, 11)},
    **{layer: (28 + (layer - 11), 1) for layer in range(11, 13)},
}
_SLOT_COUNT = 30
_ROW = 3 * _SLOT_COUNT + TOKEN_COLUMNS + 1  # the last column is 1 in the row of "none of these" only
_MOMENT = 3 * _SLOT_COUNT + MOMENT_COLUMNS
_SEEN, _IN_SCOPE, _DERIVED = 24, 6, 4  # candidates: those evidence speaks for most, other names in scope, new names
MAX_CANDIDATES = _SEEN + _IN_SCOPE + _DERIVED
_PREFIX_SAMPLE = 400  # places that are read for a word that is partly typed
_PREFIX_WORDS = 8  # words that are added to those of the evidence when one is partly typed


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
    evidence = sight.evidence(context, _PREFIX_SAMPLE if word else SAMPLE)
    evidence += sight.members.evidence(context, (*sight.line, *typed), word)
    if word:
        evidence = list(_fitting(evidence, word, sight.vocabulary))
    moment = np.zeros(_MOMENT, np.float32)
    tally = _Tally(sight.next_line)
    for item, slot in _slotted(evidence):
        distinct = tally.add(item, slot)
        moment[slot : slot + 3] = (item.order / 12, log_count(item.total) / 8, distinct / item.read)
    if word:
        for token in islice(_words(sight, word), _PREFIX_WORDS):
            tally.strength.setdefault(token, 0.0)
    new_names = _new_names(sight, typed, word)
    vocabulary = sight.vocabulary
    known = {vocabulary.known(text): kind for text, kind in new_names.items()}
    place = Place.at(sight, typed, known)
    # The strongest votes decide which candidates are looked at more closely.
    ranked = sorted(tally.strength, key=tally.strength.__getitem__, reverse=True)[:_SEEN]
    others = list(_others(sight, place, word, new_names)) if new_names or sight.in_reach else []
    ranked = list(dict.fromkeys([*ranked, *others]))
    describe_moment(moment[3 * _SLOT_COUNT :], sight, place, word)
    blanks = tally.usual_blanks
    raws = [END_OF_LINE if token == LINE_SAME else token << 2 | tally.blanks.get(token, blanks) for token in ranked]
    return Choice(raws, [tally.reasons.get(token) for token in ranked], _rows(tally, ranked, sight, place), moment)


def _new_names(sight: Sight, typed: tuple[int, ...], word: str) -> Mapping[str, Derivation]:
    """Return the names that can be made of the names nearby, the most recent and surest first."""
    texts = sight.vocabulary.texts
    line = (*sight.line, *typed)
    last = texts[line[-1]] if line else ""
    of_self = [texts[token] for token in line[-2:]] in (["self", "."], ["cls", "."])
    found: dict[str, Derivation] = {}
    for name in (*(texts[token] for token in reversed(typed)), *sight.near_words):
        for text, kind in derived(name):
            if (kind == Derivation.TEST) > (last == "def") or (kind == Derivation.PRIVATE) > of_self:
                continue
            if text.startswith(word):
                found.setdefault(text, kind)
    return found


def _others(sight: Sight, place: Place, word: str, new_names: Mapping[str, Derivation]) -> Iterator[int]:
    """Yield candidates that no evidence speaks for: names in scope, and new names made of those nearby."""
    vocabulary = sight.vocabulary
    due = is_name_due(place, sight)
    if due:
        fitting = (token for token in sight.in_reach if not word or vocabulary.texts[token].startswith(word))
        yield from islice(fitting, _IN_SCOPE)
    if due or vocabulary.texts[place.line[-1]] == ".":
        by_kind = sorted(new_names.items(), key=lambda item: item[1])
        yield from (vocabulary.token(text) for text, _ in by_kind[:_DERIVED])


class _Tally:
    """Collects what each piece of evidence says of each token."""

    def __init__(self, next_line: int) -> None:
        self.strength: dict[int, float] = {}  # sum of share x (1 + order)
        self.blanks: dict[int, int] = {}
        self.reasons: dict[int, Evidence] = {}
        self.votes: list[tuple[int, int, int, dict[int, int]]] = []  # slot, order, read, count of each token
        self.line_votes = self.next_line_votes = 0
        self._blank_votes = [0.0] * 4
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
            else:
                self._blank_votes[raw & 3] += count * weight
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

    @property
    def usual_blanks(self) -> int:
        """Return how many blanks most often stand here before a word."""
        return max(range(4), key=self._blank_votes.__getitem__)

    @property
    def next_line_share(self) -> float:
        """Return how often, of the times that a line ended here, the next one began as the line below does."""
        return self.next_line_votes / self.line_votes if self.line_votes else 0.0


def _slotted(evidence: Sequence[Evidence]) -> Iterator[tuple[Evidence, int]]:
    """Yield each piece of evidence with the first of its three columns."""
    levels: dict[int, int] = {}
    for item in evidence:
        level = levels[item.layer] = levels.get(item.layer, -1) + 1
        first, most = _SLOTS[item.layer]
        if level < most:
            yield item, 3 * (first + level)


def _rows(tally: _Tally, ranked: Sequence[int], sight: Sight, place: Place) -> NDArray[np.float32]:
    rows = np.zeros((len(ranked) + 1, _ROW), np.float32)
    begins = {token: number * _ROW for number, token in enumerate(ranked)}
    columns: list[int] = []
    values: list[float] = []
    for slot, order, read, merged in tally.votes:
        for token, count in merged.items():
            begin = begins.get(token)
            if begin is not None:
                column = begin + slot
                columns += (column, column + 1, column + 2)
                values += (count / read, log_count(count) / 4, order / 12)
    rows.reshape(-1)[columns] = values
    share = tally.next_line_share
    for number, token in enumerate(ranked):
        describe(rows[number, 3 * _SLOT_COUNT : -1], token, place, sight, share)
    rows[-1, -1] = 1.0
    return rows


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
