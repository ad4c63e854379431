"""What followed a context before: one answer per layer and context length.

Memory layers hold the tokens of documents in an array and are searched by comparing; disk layers are segments of the
index. Both give `Evidence` in the engine's own token numbers. This module must not judge what it finds.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from tactful.backends.local.segment import MAX_ORDER, Segment
from tactful.backends.local.shapes import ORDERS, REACH, shape_hashes
from tactful.backends.local.tokens import FIRST_WORD, LINE_SAME, SEPARATOR, Vocabulary

__all__ = ["END_OF_LINE", "Around", "DiskLayer", "DocumentShapes", "Evidence", "Layer", "MemoryLayer"]

END_OF_LINE = LINE_SAME << 2  # what follows the last token of a file

_LEVELS = 3  # context lengths that are reported for one layer
_GROWTH = 4  # a shorter context is worth reporting when it was seen this many times more often
_SHAPE_SAMPLE = 16  # different followers that are read for one shape
_SAMPLE = 48  # followers that are read for one context


class Layer(IntEnum):
    """Where code was seen, nearest first."""

    BEFORE = 0  # the open document, before the cursor
    AFTER = 1  # the open document, after the cursor
    NEARBY = 2  # other open documents and files saved in this session
    WORKSPACE = 3
    PACKAGES = 4
    STDLIB = 5
    # The same for shapes, in which names stand for where they were before.
    SHAPES_DOCUMENT = 6
    SHAPES_WORKSPACE = 7
    SHAPES_PACKAGES = 8
    SHAPES_STDLIB = 9
    AROUND = 10  # the open document, only lines that stand above such a line as stands below the cursor
    MEMBERS = 11  # the open document, only what stands after the same name and a dot; see members.py
    DEFINED = 12  # what the file defines that a name stands for


@dataclass(frozen=True, slots=True)
class Evidence:
    """What followed the last `order` tokens in one layer.

    `counts` maps raws (token and blanks, in the engine's numbers) to how often they followed, among `read` places of
    the `total` where the context stands.
    """

    layer: Layer
    order: int
    total: int
    read: int
    counts: dict[int, int]


class MemoryLayer:
    """The tokens of documents in memory."""

    def __init__(self, layer: Layer, raws: NDArray[np.uint32]) -> None:
        self.layer = layer
        padded = np.concatenate([np.zeros(MAX_ORDER, np.uint32), raws, np.zeros(1, np.uint32)])
        self._tokens = padded >> np.uint32(2)
        self._followers = np.where(padded[1:] == SEPARATOR, END_OF_LINE, padded[1:])
        # What follows the last token before the cursor is not known: it is what is asked for.
        self._end = len(padded) - (2 if layer is Layer.BEFORE else 1)

    def evidence(self, context: Sequence[int], limit: int = _SAMPLE) -> list[Evidence]:
        """Return what followed `context` (the engine's tokens, newest last), longest match first."""
        if not context:
            return []
        tokens = self._tokens
        places = np.flatnonzero(tokens[: self._end] == context[-1])
        matches: list[NDArray[np.int64]] = []
        depth = 0
        while len(places):
            matches.append(places)
            depth += 1
            if depth >= min(MAX_ORDER, len(context)):
                break
            places = places[tokens[places - depth] == context[-1 - depth]]
        found = []
        for order in _worthwhile([len(match) for match in matches]):
            match = matches[order - 1]
            nearest = match[-limit:] if self.layer is not Layer.AFTER else match[:limit]
            counts = Counter(self._followers[nearest].tolist())
            found.append(Evidence(self.layer, order, len(match), len(nearest), counts))
        return found


class DocumentShapes:
    """The shapes of the open document, on both sides of the cursor."""

    def __init__(self, raws: NDArray[np.uint32], codes: NDArray[np.uint32], known: int) -> None:
        """Take the document's raws with a separator at the cursor, which is at index `known`."""
        self._raws = raws
        self._hashes, self._back = shape_hashes(raws >> np.uint32(2), codes)
        self._known = known

    def evidence(self, context: Sequence[int], keys: Sequence[int]) -> list[Evidence]:
        """Return what followed the shape of `context`, whose hashes are `keys`, longest first."""
        found = []
        for order, hashes, key in zip(reversed(ORDERS), reversed(self._hashes), reversed(keys), strict=True):
            places = np.flatnonzero(hashes == key)
            places = places[places != self._known]
            if not len(places):
                continue
            nearest = places[-_SAMPLE:]
            counts: Counter[int] = Counter()
            for raw, back in zip(self._raws[nearest].tolist(), self._back[nearest].tolist(), strict=True):
                counts[context[-back] << 2 | raw & 3 if 0 < back <= len(context) else raw or END_OF_LINE] += 1
            found.append(Evidence(Layer.SHAPES_DOCUMENT, order, len(places), len(nearest), counts))
        return found


class Around:
    """Those lines of the open document that are followed by a line which begins like the one below the cursor."""

    def __init__(self, before: NDArray[np.uint32], after: NDArray[np.uint32]) -> None:
        pad = np.zeros(MAX_ORDER, np.uint32)
        self._raws = np.concatenate([pad, before, pad[:1], after, pad[:2]], dtype=np.uint32)
        self._tokens = self._raws >> np.uint32(2)
        self._places = _above(self._tokens, MAX_ORDER + len(before)) if len(after) > 1 else np.zeros(0, np.int64)

    def evidence(self, context: Sequence[int]) -> list[Evidence]:
        """Return what followed `context` in such lines, longest match first."""
        tokens = self._tokens
        places = self._places
        matches = []
        for depth, token in enumerate(reversed(context[-MAX_ORDER:])):
            places = places[tokens[places - depth] == token]
            if not len(places):
                break
            matches.append(places)
        found = []
        for order in _worthwhile([len(match) for match in matches])[:2]:
            places = matches[order - 1]
            counts = Counter(self._raws[places[-_SAMPLE:] + 1].tolist())
            found.append(Evidence(Layer.AROUND, order, len(places), min(_SAMPLE, len(places)), counts))
        return found


class DiskLayer:
    """A segment of the index, in the engine's token numbers."""

    def __init__(self, layer: Layer, segment: Segment, vocabulary: Vocabulary) -> None:
        self.layer = layer
        self.segment = segment
        self._vocabulary = vocabulary
        self._inward: dict[int, int] = {}  # the engine's number -> the segment's, -1 where it has none
        self._outward: dict[int, int] = {}

    def evidence(self, context: Sequence[int], limit: int = _SAMPLE) -> list[Evidence]:
        """Return what followed `context` (the engine's tokens, newest last), longest match first."""
        inward = self._inward
        local = [inward[t] if t in inward else self._to_segment(t) for t in context[-MAX_ORDER:]]
        intervals = self.segment.intervals(local)
        found: list[Evidence] = []
        # A deep match may lie wholly in masked files; then the next shorter one counts as the longest.
        while intervals and not found:
            orders = _worthwhile([high - low for low, high in intervals])
            answers = [(order, self._read(intervals[order - 1], limit)) for order in orders]
            found = [
                Evidence(self.layer, order, intervals[order - 1][1] - intervals[order - 1][0], read, counts)
                for order, (read, counts) in answers
                if counts
            ]
            intervals = intervals[: orders[-1] - 1]
        return found

    def shape_evidence(self, context: Sequence[int], keys: Sequence[int]) -> list[Evidence]:
        """Return what followed the shape of `context`, whose hashes are `keys`, longest first."""
        found = []
        for index in range(len(ORDERS) - 1, -1, -1):
            targets = self.segment.shape_targets(index, keys[index], _SHAPE_SAMPLE)
            if not targets:
                continue
            counts: Counter[int] = Counter()
            for entry in targets:
                target = entry >> 8
                if target > REACH:
                    counts[self.outward((target - REACH) << 2 | entry >> 6 & 3)] += entry & 63
                elif target <= len(context):
                    counts[context[-target] << 2 | entry >> 6 & 3] += entry & 63
            total = sum(counts.values())
            if total:
                layer = Layer(self.layer - Layer.WORKSPACE + Layer.SHAPES_WORKSPACE)
                found.append(Evidence(layer, ORDERS[index], total, total, counts))
        return found

    def outward(self, raw: int) -> int:
        """Return a raw of the segment in the engine's numbers."""
        token = raw >> 2
        if token < FIRST_WORD:
            return raw
        number = self._outward.get(token)
        if number is None:
            number = self._outward[token] = self._vocabulary.token(self.segment.text(token))
        return number << 2 | raw & 3

    def words_with_prefix(self, prefix: str, limit: int) -> list[int]:
        """Return at most `limit` words of this layer that begin with `prefix`, the most frequent first."""
        return [self.outward(token << 2) >> 2 for token in self.segment.words_with_prefix(prefix, limit)]

    def count(self, token: int) -> int:
        """Return how often `token` stands in this layer."""
        local = self._inward.get(token)
        if local is None:
            local = self._to_segment(token)
        return self.segment.count(local) if local > 0 else 0

    def _read(self, interval: tuple[int, int], limit: int) -> tuple[int, dict[int, int]]:
        following = [raw or END_OF_LINE for raw in self.segment.followers(*interval, limit)]
        return len(following), {self.outward(raw): count for raw, count in Counter(following).items()}

    def _to_segment(self, token: int) -> int:
        if token < FIRST_WORD:
            return token or -1
        found = self.segment.token(self._vocabulary.texts[token])
        local = self._inward[token] = -1 if found is None else found
        return local


def _above(tokens: NDArray[np.uint32], cursor: int) -> NDArray[np.int64]:
    """Return the places in lines whose next line begins with the same two tokens as the one after index `cursor`."""
    lines = np.flatnonzero((tokens > SEPARATOR) & (tokens < FIRST_WORD))
    fits = (tokens[lines] == tokens[cursor + 1]) & (tokens[lines + 1] == tokens[cursor + 2])
    ends_well = np.zeros(len(tokens), np.bool_)
    ends_well[lines[0] : lines[-1]] = np.repeat(fits[1:], np.diff(lines))
    own = lines[np.searchsorted(lines, cursor) - 1]
    ends_well[own : cursor + 1] = False
    return np.flatnonzero(ends_well)


def _worthwhile(sizes: Sequence[int]) -> list[int]:
    """Return the context lengths worth reporting, longest first, given how often each length (1, 2, ..) was seen."""
    if not sizes:
        return []
    orders = [len(sizes)]
    for order in range(len(sizes) - 1, 0, -1):
        if len(orders) == _LEVELS:
            break
        if sizes[order - 1] >= _GROWTH * sizes[orders[-1] - 1]:
            orders.append(order)
    return orders
