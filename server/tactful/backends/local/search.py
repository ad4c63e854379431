"""From next tokens to whole lines: best-first search, and the text of what it finds.

It decides where a line ends, how it meets what already stands after the cursor, and how sure the engine is of the
whole. It must not know where evidence comes from, nor what comes after the line.
"""

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tactful.backends.local.blend import Candidate, blend
from tactful.backends.local.evidence import Layer
from tactful.backends.local.features import choices
from tactful.backends.local.model import BlendModel
from tactful.backends.local.sight import Sight
from tactful.backends.local.tokens import SEPARATOR, is_line_token
from tactful.core.types import Completion

__all__ = ["Line", "completion_of", "find_lines", "line_text"]

_WIDE_STEPS = 12  # tokens that are looked at before the search goes on with the best beginning only
_MAX_STEPS = 22  # tokens that are looked at in all, for each candidate that is asked for
_MAX_TOKENS = 30  # tokens of one completion
_BREADTH = 3  # continuations of one beginning that are followed up
_SOURCES = {
    Layer.BEFORE: "document",
    Layer.AFTER: "document",
    Layer.NEARBY: "document",
    Layer.WORKSPACE: "workspace",
    Layer.PACKAGES: "environment",
    Layer.STDLIB: "environment",
    Layer.SHAPES_DOCUMENT: "document",
    Layer.SHAPES_WORKSPACE: "workspace",
    Layer.SHAPES_PACKAGES: "environment",
    Layer.SHAPES_STDLIB: "environment",
    Layer.AROUND: "document",
    Layer.MEMBERS: "document",
    Layer.DEFINED: "workspace",
}
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


@dataclass(frozen=True, slots=True)
class Line:
    """A beginning of a line that is being searched; `done` when it has reached its end.

    `logprobs` has one number for each token, and one more for the end of a line that is done.
    """

    raws: tuple[int, ...] = ()
    logprobs: tuple[float, ...] = ()
    first: Candidate | None = None
    depth: int = 0  # brackets that it opened and did not close
    done: bool = False


def find_lines(
    sight: Sight,
    model: BlendModel | None,
    *,
    max_candidates: int,
    least_logprob: float = -math.inf,
    go_on: Callable[[], bool] = lambda: True,
) -> list[Line]:
    """Return at most `max_candidates` different ways to go on to the end of the line, most probable first.

    Lines whose log-probability is below `least_logprob` are not looked for; the search ends when `go_on` says so.
    """
    queue: list[tuple[float, int, Line]] = [(0.0, 0, Line())]
    found: dict[str, Line] = {}
    pushed = steps = 0
    while queue and len(found) < max_candidates and steps < _MAX_STEPS * max_candidates and go_on():
        cost, _, line = heapq.heappop(queue)
        if line.done:
            text = line_text(line, sight)
            if text.strip():
                found.setdefault(text, line)
            continue
        steps += 1
        if steps == _WIDE_STEPS * max_candidates:
            queue.clear()
        for longer in _continue(line, sight, model):
            pushed += 1
            if cost - longer.logprobs[-1] <= -least_logprob:
                heapq.heappush(queue, (cost - longer.logprobs[-1], pushed, longer))
    return sorted(found.values(), key=lambda line: -sum(line.logprobs))


def line_text(line: Line, sight: Sight) -> str:
    """Return what `line` adds at the cursor of `sight`."""
    pieces = [_blanks(raw) + sight.vocabulary.texts[raw >> 2] for raw in line.raws]
    cursor = sight.cursor
    if pieces and (cursor.word or cursor.blank_before or not cursor.line_before.strip()):
        pieces[0] = pieces[0].lstrip(" ")
    return "".join(pieces)[len(cursor.word) :]


def completion_of(text: str, line: Line, logprobs: Sequence[float] = ()) -> Completion:
    """Return `text`, which begins with `line`, as a completion; `logprobs` are those of the tokens after the line."""
    evidence = line.first.evidence if line.first is not None else None
    logprobs = (*line.logprobs, *logprobs)
    return Completion(
        text=text,
        probability=math.exp(sum(logprobs)),
        token_logprobs=logprobs,
        source=_SOURCES[evidence.layer] if evidence else "document",
        match_length=evidence.order if evidence else 0,
        count=evidence.total if evidence else 0,
    )


def _continue(line: Line, sight: Sight, model: BlendModel | None) -> list[Line]:
    if len(line.raws) >= _MAX_TOKENS:
        return []
    typed = tuple(raw >> 2 for raw in line.raws)
    candidates = blend(choices(sight, typed), model)
    return [longer for candidate in candidates[:_BREADTH] for longer in _with(line, candidate, sight)]


def _with(line: Line, candidate: Candidate, sight: Sight) -> list[Line]:
    token = candidate.raw >> 2
    logprobs = (*line.logprobs, math.log(max(candidate.probability, 1e-9)))
    first = line.first or candidate
    if token == SEPARATOR or is_line_token(token):
        if sight.rest or not line.raws:
            return []
        return [Line(line.raws, logprobs, first, 0, True)]
    if sight.rest and token == sight.rest[0] and line.depth == 0:
        return [Line(line.raws, logprobs, first, 0, True)] if line.raws else []
    text = sight.vocabulary.texts[token]
    depth = line.depth + (text in _OPENING) - (text in _CLOSING)
    return [Line((*line.raws, candidate.raw), logprobs, first, depth)]


def _blanks(raw: int) -> str:
    return " " * (raw & 3 if raw & 3 < 3 else 1)
