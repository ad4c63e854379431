"""From next tokens to whole lines: best-first search, and the text of what it finds.

It decides where a line ends, how it meets what already stands after the cursor, and how sure the engine is of the
whole. It must not know where evidence comes from.
"""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tactful.backends.local.blend import Candidate, blend
from tactful.backends.local.document import Cursor
from tactful.backends.local.evidence import DiskLayer, Layer, MemoryLayer
from tactful.backends.local.segment import MAX_ORDER
from tactful.backends.local.tokens import SEPARATOR, Vocabulary, is_line_token, line_raws
from tactful.core.types import Completion

__all__ = ["Sight", "predict_lines"]

_MAX_STEPS = 40  # tokens that are looked at for one request
_MAX_TOKENS = 30  # tokens of one completion
_BREADTH = 3  # continuations of one beginning that are followed up
_FIRST_LIMIT = 400  # places that are read for a word that is partly typed
_SOURCES = {
    Layer.BEFORE: "document",
    Layer.AFTER: "document",
    Layer.NEARBY: "document",
    Layer.WORKSPACE: "workspace",
    Layer.PACKAGES: "environment",
    Layer.STDLIB: "environment",
}
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


@dataclass(frozen=True, kw_only=True)
class Sight:
    """All that is known at one cursor."""

    cursor: Cursor
    layers: Sequence[MemoryLayer | DiskLayer]
    vocabulary: Vocabulary

    @cached_property
    def context(self) -> tuple[int, ...]:
        """Return the last tokens before the cursor."""
        return tuple((self.cursor.before[-MAX_ORDER:] >> 2).tolist())

    @cached_property
    def rest(self) -> list[int]:
        """Return the tokens of the line after the cursor."""
        return [raw >> 2 for raw in line_raws(self.cursor.rest, self.vocabulary)]


@dataclass(frozen=True, slots=True)
class _Line:
    """A beginning of a line that is being searched; `done` when it has reached its end."""

    raws: tuple[int, ...] = ()
    logprobs: tuple[float, ...] = ()
    first: Candidate | None = None
    depth: int = 0  # brackets that it opened and did not close
    done: bool = False


def predict_lines(sight: Sight, *, max_candidates: int) -> list[Completion]:
    """Return at most `max_candidates` different ways to go on to the end of the line, most probable first."""
    queue: list[tuple[float, int, _Line]] = [(0.0, 0, _Line())]
    found: dict[str, Completion] = {}
    pushed = 0
    for _ in range(_MAX_STEPS * max(1, max_candidates)):
        if not queue or len(found) >= max_candidates:
            break
        cost, _, line = heapq.heappop(queue)
        if line.done:
            text = _text(line, sight)
            if text.strip() and text not in found:
                found[text] = _completion(text, line)
            continue
        for longer in _continue(line, sight):
            pushed += 1
            heapq.heappush(queue, (cost - longer.logprobs[-1], pushed, longer))
    return sorted(found.values(), key=lambda completion: -completion.probability)


def _continue(line: _Line, sight: Sight) -> list[_Line]:
    context = (*sight.context, *(raw >> 2 for raw in line.raws))[-MAX_ORDER:]
    word = "" if line.raws else sight.cursor.word
    limit = _FIRST_LIMIT if word else 48
    evidence = [item for layer in sight.layers for item in layer.evidence(context, limit)]
    candidates = blend(evidence)
    if word:
        candidates = _starting_with(word, candidates, sight.vocabulary)
    longer = []
    for candidate in candidates[:_BREADTH]:
        if len(line.raws) < _MAX_TOKENS:
            longer += _with(line, candidate, sight)
    return longer


def _with(line: _Line, candidate: Candidate, sight: Sight) -> list[_Line]:
    token = candidate.raw >> 2
    logprobs = (*line.logprobs, math.log(max(candidate.probability, 1e-9)))
    first = line.first or candidate
    if token == SEPARATOR or is_line_token(token):
        if sight.rest or not line.raws:
            return []
        return [_Line(line.raws, logprobs, first, 0, True)]
    if sight.rest and token == sight.rest[0] and line.depth == 0:
        return [_Line(line.raws, logprobs, first, 0, True)] if line.raws else []
    text = sight.vocabulary.texts[token]
    depth = line.depth + (text in _OPENING) - (text in _CLOSING)
    return [_Line((*line.raws, candidate.raw), logprobs, first, depth)]


def _starting_with(word: str, candidates: Sequence[Candidate], vocabulary: Vocabulary) -> list[Candidate]:
    fitting = [c for c in candidates if vocabulary.texts[c.raw >> 2].startswith(word)]
    total = sum(c.probability for c in fitting)
    return [Candidate(c.raw, c.probability / total, c.evidence) for c in fitting] if total else []


def _text(line: _Line, sight: Sight) -> str:
    pieces = [_blanks(raw) + sight.vocabulary.texts[raw >> 2] for raw in line.raws]
    cursor = sight.cursor
    if pieces and (cursor.word or cursor.blank_before or not cursor.line_before.strip()):
        pieces[0] = pieces[0].lstrip(" ")
    return "".join(pieces)[len(cursor.word) :]


def _blanks(raw: int) -> str:
    return " " * (raw & 3 if raw & 3 < 3 else 1)


def _completion(text: str, line: _Line) -> Completion:
    assert line.first is not None
    evidence = line.first.evidence
    return Completion(
        text=text,
        probability=math.exp(sum(line.logprobs)),
        token_logprobs=line.logprobs,
        source=_SOURCES[evidence.layer],
        match_length=evidence.order,
        count=evidence.total,
    )
