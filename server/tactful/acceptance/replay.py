"""Types through finished files as a person would and asks what would have been suggested at each stop.

Knows: how to type, and that a suggestion was wanted when the file goes on with it. Must not know: where completions
come from (an `Engine` is given, which must not have seen the file), files on disk, thresholds.

Nothing is made up: there is no typing rhythm and no memory of earlier suggestions in a finished file, so those features
stay unknown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from tactful.acceptance.rows import Row
from tactful.core.context import context_at
from tactful.core.features import stage1_features, stage2_features
from tactful.core.postprocess import postprocess
from tactful.core.syntax import SyntaxTree, parse
from tactful.core.text import Document, open_document
from tactful.core.types import Completion, CompletionRequest, CursorContext, History, Rhythm

__all__ = [
    "Engine",
    "Moment",
    "Sitting",
    "SourceFile",
    "choose_sitting",
    "is_wanted",
    "look_for",
    "moment_at",
    "replay_file",
    "rows_of",
    "typed_to",
]

_STOP = re.compile(r"\w+|[^\w\s]|[ \t]+")
_LINE_END = re.compile(r"\r\n?|\n")
_REGION_LINES = (3, 40)  # a sitting: so many lines are typed at one place before the next
_LEAST_LENGTH = 2
_CLOSER_OF = {"(": ")", "[": "]", "{": "}"}


class Engine(Protocol):
    """Where completions come from, best first."""

    def complete(self, request: CompletionRequest) -> Sequence[Completion]:
        """Return completions for the cursor of `request`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A finished file: its path as the engine knows it, and its text."""

    path: str
    language_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One stop while typing: what was there, what was suggested (None: nothing), and whether it was wanted."""

    context: CursorContext
    completion: Completion | None
    wanted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """A run of lines that is typed anew: `start`..`end` are offsets into the finished text."""

    start: int
    end: int
    appends: bool  # nothing stands below, as when a file is written from top to bottom
    closes_brackets: bool  # the editor puts the closing bracket behind the cursor


def replay_file(source: SourceFile, engine: Engine, random: Random, *, stops: int) -> Iterator[Moment]:
    """Type runs of lines of `source` at random places until `stops` stops were made, and yield each stop.

    The cursor stops after each word, sign and run of blanks, and once inside each longer word. After a wanted
    suggestion it goes on behind it, as if it had been accepted.
    """
    made = 0
    while made < stops and source.text.strip():
        tree: SyntaxTree | None = None
        sitting = choose_sitting(source.text, random)
        offset = sitting.start
        for stop in _stops(source.text, sitting, random):
            if stop < offset or made >= stops:
                continue
            document, offset = typed_to(source, sitting, stop), stop
            tree = parse(document, tree, stop)
            moment = look_for(moment_at(document, stop, tree, source), source, engine)
            yield moment
            made += 1
            if moment.wanted and moment.completion is not None:
                offset = stop + len(moment.completion.text.rstrip())


def rows_of(moments: Iterator[Moment], group: str) -> Iterator[Row]:
    """Return the rows for training that `moments` give."""
    for moment in moments:
        completion = moment.completion
        yield Row(
            group=group,
            stage1=stage1_features(moment.context),
            stage2=None if completion is None else stage2_features(moment.context, completion),
            wanted=moment.wanted,
            length=0 if completion is None else len(completion.text),
        )


def is_wanted(suggestion: str, following: str) -> bool:
    """Say whether the text that was to be typed begins with `suggestion`, and does not go on in the midst of a word.

    A single character is not wanted: to accept it takes a key press as well, and it has to be read before.
    """
    text = suggestion.rstrip()
    if len(text) < _LEAST_LENGTH or not following.startswith(text):
        return False
    after = following[len(text) : len(text) + 1]
    return not (_in_word(text[-1]) and _in_word(after))


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def choose_sitting(text: str, random: Random) -> Sitting:
    """Return a run of lines of `text` at a random place, and how it is typed."""
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    first = random.randrange(len(starts))
    last = min(len(starts), first + random.randint(*_REGION_LINES))
    return Sitting(
        start=starts[first],
        end=starts[last] if last < len(starts) else len(text),
        appends=random.random() < 0.5,
        closes_brackets=random.random() < 0.5,
    )


def _stops(text: str, sitting: Sitting, random: Random) -> Iterator[int]:
    for match in _STOP.finditer(text, sitting.start, sitting.end):
        length = match.end() - match.start()
        if length > 2 and not match.group().isspace():
            yield match.start() + random.randint(1, length - 1)
        yield match.end()


def typed_to(source: SourceFile, sitting: Sitting, stop: int) -> Document:
    """Return the document as it is when the text up to `stop` has been typed."""
    before = source.text[:stop]
    below = "" if sitting.appends else _below(source.text, sitting.end)
    closers = _closers(source.text, stop) if sitting.closes_brackets else ""
    uri = f"file://{source.path}"
    return open_document(uri, source.language_id, stop, before + closers + below)


def _below(text: str, end: int) -> str:
    """Return what stands below the lines that are typed, beginning with the end of the cursor's line."""
    line_end = _LINE_END.search(text)
    return (line_end.group() if line_end else "\n") + text[end:]


def _closers(text: str, stop: int) -> str:
    """Return the closing brackets that an editor has put behind the cursor for those opened on this line."""
    line_start = max(text.rfind("\n", 0, stop), text.rfind("\r", 0, stop)) + 1
    waiting: list[str] = []
    for character in text[line_start:stop]:
        if character in _CLOSER_OF:
            waiting.append(_CLOSER_OF[character])
        elif waiting and character == waiting[-1]:
            waiting.pop()
    return "".join(reversed(waiting))


def moment_at(document: Document, offset: int, tree: SyntaxTree | None, source: SourceFile) -> CursorContext:
    """Return the moment at `offset` of `document`, which is `source` as far as it is typed."""
    return context_at(document, offset, path=source.path, automatic=True, tree=tree, rhythm=Rhythm(), history=History())


def look_for(ctx: CursorContext, source: SourceFile, engine: Engine) -> Moment:
    """Return what `engine` suggests at `ctx`, and whether `source` goes on with it."""
    request = CompletionRequest(
        uri=ctx.document.uri,
        path=source.path,
        language_id=source.language_id,
        text=ctx.document.text,
        offset=ctx.offset,
    )
    shown = (postprocess(completion, ctx) for completion in engine.complete(request))
    completion = next((found for found in shown if isinstance(found, Completion)), None)
    wanted = completion is not None and is_wanted(completion.text, source.text[ctx.offset :])
    return Moment(context=ctx, completion=completion, wanted=wanted)
