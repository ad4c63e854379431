"""Puts a prompt together within its budget: the document around the cursor, then what helps to understand it.

The shares of the budget were chosen by `bench/context.py`. It must not know where the index lies or who asks.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tactful.core.types import CompletionRequest, PartKind, Prompt, PromptPart, Skipped, Stage
from tactful.privacy.redact import Redactor
from tactful.retrieval.edits import RecentEdits
from tactful.retrieval.names import chosen, enclosing, imported, names_near
from tactful.retrieval.store import Reader, is_test
from tactful.retrieval.window import Window, imports_above, window_around
from tactful.retrieval.words import terms

__all__ = ["ALL_KINDS", "Sources", "gather"]

_DOCUMENT_SHARE = 0.6  # of the budget; what the document does not need is for the rest
_SHARES: Mapping[PartKind, float] = {  # of what the document leaves
    PartKind.DEFINITION: 0.3,
    PartKind.SIMILAR: 0.7,
    PartKind.EDIT: 0.3,
    PartKind.IMPORTS: 0.2,
    PartKind.TEST: 0.3,
}
ALL_KINDS = tuple(_SHARES)
_QUERY_LINES = 16  # above the cursor
_SIMILAR = 12
_TESTS = 3
_LEAST = 40  # characters; a shorter piece of a part is not worth its place


class _Raw(NamedTuple):
    """A piece as it was found, before it is cut to fit and redacted."""

    path: str
    text: str
    why: str
    redactions: int = 0  # secrets that were replaced already


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the parts come from, as of one moment."""

    redactor: Redactor
    is_ignored: Callable[[str], bool]  # by path
    shown_path: Callable[[str], str]  # path -> as it may leave: relative to the workspace
    reader: Reader | None = None
    edits: RecentEdits = field(default_factory=RecentEdits)
    texts: Mapping[str, str] = field(default_factory=dict)  # of open documents, by uri
    paths: Mapping[str, str] = field(default_factory=dict)  # of open documents, by uri


def gather(
    request: CompletionRequest, budget_chars: int, sources: Sources, kinds: Sequence[PartKind] = ALL_KINDS
) -> Prompt | Skipped:
    """Return the prompt for one request, or why nothing may be sent. Raises IndexUnusable.

    `kinds` are the parts that are looked for beside the document.
    """
    path = request.path or ""
    if path and sources.is_ignored(path):
        return Skipped(stage=Stage.BACKEND, reason="this file is ignored: nothing of it is sent to a model")
    window = window_around(request.text, request.offset, int(budget_chars * _DOCUMENT_SHARE))
    shown = sources.shown_path(path) if path else request.uri.rpartition("/")[2]
    around = sources.redactor.around(request.text, *window, shown)
    if around is None:
        return Skipped(stage=Stage.BACKEND, reason="the cursor is in a secret: nothing is sent to a model")
    parts = [
        PromptPart(kind=PartKind.PREFIX, path=shown, text=around.prefix, why="before the cursor"),
        PromptPart(kind=PartKind.SUFFIX, path=shown, text=around.suffix, why="after the cursor"),
    ]
    redactions = around.redactions
    room = budget_chars - len(around.prefix) - len(around.suffix)
    left = room
    for kind in kinds:
        limit = min(left, int(room * _SHARES[kind]))
        for raw in _found(kind, request, window, sources):
            text = _fitting(raw.text, limit)
            if len(text) < min(_LEAST, len(raw.text)) or (raw.path != path and sources.is_ignored(raw.path)):
                continue
            clean = sources.redactor.redact(text, raw.path)
            if len(clean.text) > left or any(clean.text in part.text for part in parts):
                continue
            parts.append(PromptPart(kind=kind, path=sources.shown_path(raw.path), text=clean.text, why=raw.why))
            redactions += clean.redactions + raw.redactions
            limit -= len(clean.text)
            left -= len(clean.text)
    return Prompt(parts=tuple(parts), redactions=redactions)


def _fitting(text: str, limit: int) -> str:
    """Return as many whole lines of `text` as fit."""
    if len(text) <= limit:
        return text
    return text[: max(0, text.rfind("\n", 0, max(0, limit) + 1))]


def _found(kind: PartKind, request: CompletionRequest, window: Window, sources: Sources) -> Iterator[_Raw]:
    prefix = request.text[window.start : window.offset]
    suffix = request.text[window.offset : window.end]
    if kind is PartKind.IMPORTS:
        text = imports_above(request.text, window.start)
        yield from [_Raw(request.path or "", text, "this file's imports")] if text else []
    elif kind is PartKind.EDIT:
        yield from _edited(request, window, sources)
    elif sources.reader is not None:
        finder = {PartKind.DEFINITION: _defined, PartKind.SIMILAR: _similar, PartKind.TEST: _tested}[kind]
        yield from finder(request, prefix, suffix, sources.reader)


def _defined(request: CompletionRequest, prefix: str, suffix: str, reader: Reader) -> Iterator[_Raw]:
    names = names_near(prefix, suffix)
    line = request.text.rfind("\n", 0, request.offset) + 1
    modules = imported(request.text[:line])  # which stays the same while this line is typed
    for found in chosen(reader.defined(names), names, modules, request.path):
        if found.path != request.path or not _stands_in(found.name, prefix + suffix):
            yield _Raw(found.path, found.text, f"defines {found.name}, used here")


def _similar(request: CompletionRequest, prefix: str, suffix: str, reader: Reader) -> Iterator[_Raw]:
    lines = prefix.split("\n")[-_QUERY_LINES:]
    words = [term for line in reversed(lines) for term in terms(line)]
    for found in reader.similar(words, but=request.path, limit=_SIMILAR):
        yield _Raw(found.path, found.text, f"line {found.line + 1}: resembles the lines before the cursor")


def _edited(request: CompletionRequest, window: Window, sources: Sources) -> Iterator[_Raw]:
    texts = {**sources.texts, request.uri: request.text}
    for edited in sources.edits.newest_first(texts):
        inside = edited.uri == request.uri and edited.start < window.end and edited.end > window.start
        path = sources.paths.get(edited.uri)
        if path is None or inside:
            continue
        piece = sources.redactor.piece(texts[edited.uri], edited.start, edited.end, path)
        if piece is not None:
            yield _Raw(path, piece.text, "edited a moment ago", piece.redactions)


def _tested(request: CompletionRequest, prefix: str, suffix: str, reader: Reader) -> Iterator[_Raw]:
    subjects = enclosing(prefix)
    if request.language_id != "python" or not subjects or is_test(request.path or ""):
        return
    name = subjects[0] if not subjects[0].startswith("__") or len(subjects) == 1 else subjects[1]
    words = [term for subject in subjects for term in terms(subject)]
    for found in reader.tests(name, words, but=request.path, limit=_TESTS):
        yield _Raw(found.path, found.text, f"line {found.line + 1}: tests {name}")


def _stands_in(name: str, text: str) -> bool:
    """Say whether `name` is defined in `text`, which is in the prompt already."""
    beginnings = (f"def {name}(", f"class {name}(", f"class {name}:", f"\n{name} = ", f"\n{name}: ")
    return any(beginning in text for beginning in beginnings) or text.startswith(f"{name} = ")
