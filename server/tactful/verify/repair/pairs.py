"""Two edits at once, most likely first: those that repaired a part of the failures with any other, then plain pairs."""

import heapq
from collections.abc import Iterator, Sequence
from itertools import combinations, islice

from tactful.verify.repair.candidates import Candidate, applied
from tactful.verify.repair.ranking import Ranked, all_edits_near
from tactful.verify.repair.source import Source

__all__ = ["PAIR", "joined", "narrowed", "pairs"]

PAIR = 0.1  # how likely two edits are needed, given that the first one is right
MAX_PROMISING, MAX_PLAIN = 24, 250  # edits that are paired with all others, and with one another
MAX_SECOND = 400  # edits on top of a promising one
MAX_ON_TOP = 12  # edits that further edits are made on top of


def pairs(source: Source, candidates: Sequence[Ranked], promising: Sequence[Ranked]) -> Iterator[Ranked]:
    """Yield pairs of edits by falling score."""
    best = sorted(promising, key=lambda each: -each.score)
    streams = [_with_each(source, first, candidates) for first in best[:MAX_PROMISING]]
    streams += [_on_top(source, first) for first in [*best[:MAX_ON_TOP], *candidates[:MAX_ON_TOP]]]
    streams.append(_plain(source, candidates[:MAX_PLAIN]))
    seen: set[tuple[int, int, str]] = set()
    for each in heapq.merge(*streams, key=lambda pair: -pair.score):
        key = (each.candidate.start, each.candidate.end, each.candidate.new_text)
        if key not in seen:
            seen.add(key)
            yield each


def joined(source: Source, first: Ranked, second: Ranked) -> Ranked | None:
    """Return both edits as one; None when they overlap or stand in different functions."""
    one, two = sorted((first.candidate, second.candidate), key=lambda each: (each.start, each.end))
    apart = one.end < two.start or (one.end == two.start and one.start < one.end and two.start < two.end)
    if not apart or source.outermost_function_of(one.node) is not source.outermost_function_of(two.node):
        return None
    text = one.new_text + source.text[one.end : two.start] + two.new_text
    pair = Candidate(start=one.start, end=two.end, new_text=text, operator="pair", node=one.node)
    return Ranked(candidate=pair, score=PAIR * first.score * second.score)


def narrowed(text: str, after: str, first: Candidate, second: Candidate) -> Candidate:
    """Return both edits as one, without what stays the same at its ends.

    `first` makes `after` of `text`, and `second` is an edit of `after`.
    """
    start = min(first.start, second.start)
    end_after = max(first.start + len(first.new_text), second.end)
    end = end_after - len(first.new_text) + first.end - first.start
    new = after[start : second.start] + second.new_text + after[second.end : end_after]
    old = text[start:end]
    head, most = 0, min(len(old), len(new))
    while head < most and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < most - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    kept = new[head : len(new) - tail]
    return Candidate(start=start + head, end=end - tail, new_text=kept, operator="pair", node=first.node)


def _with_each(source: Source, first: Ranked, candidates: Sequence[Ranked]) -> Iterator[Ranked]:
    for second in candidates:
        pair = joined(source, first, second)
        if pair is not None:
            yield pair


def _on_top(source: Source, first: Ranked) -> Iterator[Ranked]:
    """Yield edits of what the first edit has made, where they could not be joined with it."""
    after = applied(source.text, first.candidate)
    try:
        changed = Source(after, source.hints)
    except (SyntaxError, ValueError, RecursionError):
        return
    start, end = first.candidate.start, first.candidate.start + len(first.candidate.new_text)
    for second in islice(all_edits_near(changed, start, end), MAX_SECOND):
        candidate = narrowed(source.text, after, first.candidate, second.candidate)
        yield Ranked(candidate=candidate, score=PAIR * first.score * second.score)


def _plain(source: Source, candidates: Sequence[Ranked]) -> Iterator[Ranked]:
    found = [joined(source, first, second) for first, second in combinations(candidates, 2)]
    yield from sorted((each for each in found if each is not None), key=lambda each: -each.score)
