"""A programmer who types through finished files by the clock, reads what appears and takes what matches.

All policies meet the same key presses and the same reading times, so what differs is theirs. The programmer notices a
suggestion that stays for a quarter of a second before the next key press, stops to read it, takes it with one key when
the file goes on with exactly that text, and types on otherwise. What was read and goes on to match is no new
interruption. Taking a suggestion spares the key presses and the pauses at its words, not the thought before a line.

Must not know: how scores come about, where completions come from (an `Engine` is given).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from random import Random
from typing import Any

from tactful.acceptance.policies import Policy
from tactful.acceptance.replay import Engine, Moment, Sitting, SourceFile, choose_sitting, look_for, moment_at, typed_to
from tactful.acceptance.typist import ACCEPT_S, NOTICED_S, Typing, type_text
from tactful.core.features import stage1_features, stage2_features
from tactful.core.syntax import SyntaxTree, parse
from tactful.core.types import CursorContext, Features

__all__ = ["EDITOR_DELAY_S", "ENGINE_S", "Tally", "simulate_file"]

EDITOR_DELAY_S = 0.05  # what an editor waits after a key press before it asks; VS Code asks for at least so much
ENGINE_S = 0.01  # the embedded engine's answer, the way to it included


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one policy did to a programmer in one file; times in seconds."""

    lines: int = 0
    keys: int = 0
    asked: int = 0  # requests of the editor that were not overtaken by the next key press
    generated: int = 0
    shown: int = 0  # and noticed
    kept: int = 0
    kept_chars: int = 0
    lines_helped: int = 0  # lines in which something was kept
    typing_s: float = 0.0
    reading_s: float = 0.0

    @property
    def interruptions(self) -> int:
        """Return how many suggestions were read and not wanted."""
        return self.shown - self.kept

    @property
    def seconds(self) -> float:
        """Return the time that all of it took."""
        return self.typing_s + self.reading_s

    def __add__(self, other: "Tally") -> "Tally":
        """Return both together."""
        return Tally(**{part.name: getattr(self, part.name) + getattr(other, part.name) for part in fields(Tally)})


def simulate_file(
    source: SourceFile, engine: Engine, policies: Mapping[str, Policy], random: Random, *, lines: int
) -> Mapping[str, Tally]:
    """Type runs of lines of `source` at random places until `lines` were typed; return what each policy did."""
    total = {name: Tally() for name in policies}
    while source.text.strip() and next(iter(total.values())).lines < lines:
        sitting = choose_sitting(source.text, random)
        desk = _Desk(source=source, sitting=sitting, engine=engine)
        typing = type_text(source.text[sitting.start : sitting.end], random)
        for name, policy in policies.items():
            total[name] += _type(desk, typing, policy)
    return total


@dataclass(slots=True, kw_only=True)
class _Desk:
    """What is the same for every policy, looked up once: the moments of a sitting by offset."""

    source: SourceFile
    sitting: Sitting
    engine: Engine
    _tree: SyntaxTree | None = None
    _before: dict[int, Features] = field(default_factory=dict)
    _moments: dict[int, tuple[Moment, Features | None]] = field(default_factory=dict)

    def before(self, offset: int) -> Features:
        """Return what is known before anything is generated."""
        if offset not in self._before:
            self._before[offset] = stage1_features(self._context(offset))
        return self._before[offset]

    def moment(self, offset: int) -> tuple[Moment, Features | None]:
        """Return what is suggested, and what is known then."""
        if offset not in self._moments:
            moment = look_for(self._context(offset), self.source, self.engine)
            completion = moment.completion
            features = None if completion is None else stage2_features(moment.context, completion)
            self._moments[offset] = moment, features
        return self._moments[offset]

    def _context(self, offset: int) -> CursorContext:
        document = typed_to(self.source, self.sitting, offset)
        self._tree = parse(document, self._tree, offset)
        return moment_at(document, offset, self._tree, self.source)


@dataclass(slots=True, kw_only=True)
class _Hand:
    """Where the programmer is, and what was counted on the way."""

    offset: int
    read_to: int = -1  # the suggestion that was read last matches up to here
    line_helped: int = -1
    counts: dict[str, Any] = field(default_factory=lambda: {part.name: part.default for part in fields(Tally)})

    def add(self, **more: float) -> None:
        for name, by in more.items():
            self.counts[name] += by


def _type(desk: _Desk, typing: Typing, policy: Policy) -> Tally:
    text, start, end = desk.source.text, desk.sitting.start, desk.sitting.end
    hand = _Hand(offset=start)
    while hand.offset < end:
        pause = typing.pause(hand.offset - start)
        if hand.offset < hand.read_to or not _offer(desk, hand, typing, policy, pause):
            hand.add(typing_s=pause, keys=1)
            hand.offset += 1
    hand.add(lines=text.count("\n", start, end))
    return Tally(**hand.counts)


def _offer(desk: _Desk, hand: _Hand, typing: Typing, policy: Policy, pause: float) -> bool:
    """Let the policy act in the pause before the next key press; say whether its suggestion was taken."""
    appears = EDITOR_DELAY_S + ENGINE_S
    if pause < appears:
        return False
    hand.add(asked=1)
    if not policy.generates(desk.before(hand.offset)):
        return False
    hand.add(generated=1)
    if pause < appears + NOTICED_S:
        return False
    moment, features = desk.moment(hand.offset)
    shown = None if features is None else policy.shows(features)
    if moment.completion is None or shown is None:
        return False
    appears = max(appears, shown.wait_s)
    if pause < appears + NOTICED_S:
        return False
    index, chars = hand.offset - desk.sitting.start, len(moment.completion.text.rstrip())
    hand.add(shown=1, reading_s=typing.read_s(index, chars))
    if not moment.wanted:
        hand.read_to = hand.offset + _common(moment.completion.text, desk.source.text[hand.offset :])
        return False
    _take(desk, hand, typing, chars, appears)
    return True


def _take(desk: _Desk, hand: _Hand, typing: Typing, chars: int, appeared: float) -> None:
    start = hand.offset - desk.sitting.start
    thought = max(appeared, typing.thinking[start]) + sum(typing.thinking[start + 1 : start + chars])
    line = desk.source.text.count("\n", 0, hand.offset)
    hand.add(kept=1, kept_chars=chars, typing_s=thought + ACCEPT_S, lines_helped=int(line != hand.line_helped))
    hand.line_helped = line
    hand.offset += chars


def _common(suggestion: str, following: str) -> int:
    length = 0
    for mine, theirs in zip(suggestion, following, strict=False):
        if mine != theirs:
            break
        length += 1
    return length
