"""From one line to a block: goes on line by line while the whole stays probable.

It decides how the next line is indented, where a block ends and what stands below already. It must not know where
evidence comes from, nor how a line is found.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tactful.backends.local.evidence import Evidence, Layer, MemoryLayer
from tactful.backends.local.model import BlendModel
from tactful.backends.local.search import Line, completion_of, find_lines, line_text
from tactful.backends.local.sight import CONTEXT, Sight
from tactful.backends.local.tokens import FIRST_WORD, LINE_SAME, is_line_token, line_token
from tactful.core.types import Completion

__all__ = ["BlockLimits", "Indentation", "go_on"]

_SHORT_LINE = 2  # tokens of a line that a block may hold twice
_LINES_BELOW = 8  # lines under the cursor that no line of a block may repeat
_TOKENS_BELOW = 400
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_OPENS_BLOCK = _OPENING | {":"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLimits:
    """How far a block may go.

    `least_probability` is that of the whole block; the default was chosen on the packages that the model was trained
    on, see docs/engine.md. `max_lines` includes the first. When a request has taken so many `seconds` of the processor,
    no step is begun; time that other programs take does not count, so that a busy machine suggests the same.
    """

    least_probability: float = 0.65
    max_lines: int = 8
    seconds: float = 0.020


@dataclass(frozen=True, slots=True, kw_only=True)
class Indentation:
    """How the document indents: what the cursor's line begins with, and what a level of `unit` columns adds."""

    base: str
    step: str
    unit: int

    def at(self, columns: int) -> str:
        """Return what a line begins with that stands `columns` further in than the cursor's line."""
        return self.base + self.step * (columns // self.unit) + " " * (columns % self.unit)


@dataclass(frozen=True, slots=True)
class _Block:
    """Whole lines so far: how each is indented (columns), its tokens, and what all but the first cost."""

    lines: tuple[tuple[int, Line, str], ...]
    logprobs: tuple[float, ...] = ()

    @property
    def logprob(self) -> float:
        return sum(self.lines[0][1].logprobs) + sum(self.logprobs)


def go_on(
    first: Line,
    sight: Sight,
    model: BlendModel | None,
    *,
    indentation: Indentation,
    limits: BlockLimits,
    started: float,
) -> Completion:
    """Return the block that begins with `first`, or that line alone where nothing sure enough follows it.

    `started` is when work on the request began, by `time.thread_time`; a line that is not whole in time is left out.
    """
    least_logprob, deadline = math.log(limits.least_probability), started + limits.seconds
    block = _Block(((sight.cursor.indent, first, line_text(first, sight)),))
    while len(block.lines) < limits.max_lines:
        longer = _with_next_line(block, sight, model, least_logprob, deadline)
        if longer is None:
            break
        block, sight = longer
    return completion_of(_text(block, indentation), first, block.logprobs)


def _with_next_line(
    block: _Block, sight: Sight, model: BlendModel | None, least_logprob: float, deadline: float
) -> tuple[_Block, Sight] | None:
    """Return the block with one line more and what is seen at its end; None where the block ends."""
    left = least_logprob - block.logprob
    if sight.rest or left > 0 or time.thread_time() > deadline:
        return None
    _, line, _ = block.lines[-1]
    step = _next_indent(sight, line)
    if step is None or math.log(step[1]) < left:
        return None
    token, share = step
    below = _under(sight, line, token)
    found = find_lines(
        below,
        model,
        max_candidates=1,
        least_logprob=left - math.log(share),
        go_on=lambda: time.thread_time() <= deadline,
    )
    if not found or not _belongs(block, below.cursor.indent, found[0], below) or _stands_below(found[0], below):
        return None
    entry = (below.cursor.indent, found[0], line_text(found[0], below))
    if _goes_in_circles(block, entry, below):
        return None
    return _Block((*block.lines, entry), (*block.logprobs, math.log(share), *found[0].logprobs)), below


def _next_indent(sight: Sight, line: Line) -> tuple[int, float] | None:
    """Return the line token that begins the next line and its probability; None where a blank line comes first.

    After what opens a block only deeper lines are possible.
    """
    typed = [raw >> 2 for raw in line.raws]
    shares = _shares(sight.evidence((*sight.context, *typed)[-CONTEXT:]))
    if sight.vocabulary.texts[typed[-1]] in _OPENS_BLOCK:
        shares = {raw: share for raw, share in shares.items() if raw >> 2 > LINE_SAME}
    total = sum(shares.values())
    if not total:
        return None
    best = max(shares, key=shares.__getitem__)
    return (best >> 2, shares[best] / total) if not best & 3 else None


def _shares(evidence: Sequence[Evidence]) -> dict[int, float]:
    """Return how probable each line token (with the blank lines before it) is.

    Interpolation in the manner of Witten and Bell, from the shortest context and farthest layer to the longest and
    nearest.
    """
    shares: dict[int, float] = {}
    for item in sorted(evidence, key=lambda item: (item.order, -item.layer)):
        counts = {raw: count for raw, count in item.counts.items() if is_line_token(raw >> 2)}
        seen = sum(counts.values())
        if not seen:
            continue
        weight = seen / (seen + len(counts))
        shares = {raw: share * (1 - weight) for raw, share in shares.items()}
        for raw, count in counts.items():
            shares[raw] = shares.get(raw, 0.0) + weight * count / seen
    return shares


def _under(sight: Sight, line: Line, token: int) -> Sight:
    """Return what is seen at the start of the line under `line`, which begins with the line token `token`."""
    above = sight.cursor
    indent = max(0, above.indent + (token - LINE_SAME) * above.unit)
    before = np.concatenate([above.before, np.array([*line.raws, token << 2], np.uint32)], dtype=np.uint32)
    after = above.after.copy()
    if len(after):
        indent_below = above.indent + (int(after[0] >> 2) - LINE_SAME) * above.unit
        after[0] = line_token(indent_below, indent, above.unit) << 2
    cursor = replace(
        above,
        before=before,
        after=after,
        word="",
        blank_before=False,
        line_before=" " * indent,
        rest="",
        indent=indent,
        indents_before=np.append(above.indents_before, np.int32(indent)),
    )
    return replace(sight, cursor=cursor, memory=[MemoryLayer(Layer.BEFORE, before), *sight.memory[1:]])


def _belongs(block: _Block, indent: int, line: Line, sight: Sight) -> bool:
    """Say whether `line` is still part of the block: not further out than its first line, nor after its end.

    Where the first line opens a block, it ends with a line as far out as the first one, which is part of it only where
    it closes what was opened.
    """
    base = block.lines[0][0]
    texts = sight.vocabulary.texts
    if indent != base:
        return indent > base
    indents = [indented for indented, _, _ in block.lines]
    if indents[1:2] == [base] or len(indents) == 1:
        return True
    return indents[-1] != base and texts[line.raws[0] >> 2] in _CLOSING


def _goes_in_circles(block: _Block, entry: tuple[int, Line, str], sight: Sight) -> bool:
    """Say whether the block has such a line already, or such a line stands above it."""
    indent, line, text = entry
    if len(line.raws) <= _SHORT_LINE:
        return False
    tokens = [*(raw >> 2 for raw in line.raws), LINE_SAME]
    is_above = sight.context[-1] == LINE_SAME and tokens == sight.line_above
    return is_above or any((indent, text) == (other, known) for other, _, known in block.lines)


def _stands_below(line: Line, sight: Sight) -> bool:
    """Say whether one of the next lines below the cursor has the tokens of `line`."""
    wanted = [raw >> 2 for raw in line.raws]
    found: list[list[int]] = []
    for token in (sight.cursor.after[:_TOKENS_BELOW] >> 2).tolist():
        if token < FIRST_WORD:
            found.append([])
        elif found:
            found[-1].append(token)
    return wanted in found[:_LINES_BELOW]


def _text(block: _Block, indentation: Indentation) -> str:
    base, _, text = block.lines[0]
    return "\n".join([text, *(indentation.at(indent - base) + line for indent, _, line in block.lines[1:])])
