"""Whether accepted text is still there later: its stretch of the document is followed through every edit.

Knows no clock: times are passed in. Holds accepted text in memory for five minutes and hands out fractions only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from tactful.core.text import Document, Edit
from tactful.feedback.spans import Span, follow

__all__ = ["CHECKS_S", "SurvivalEvent", "SurvivalTracker", "kept_fraction"]

CHECKS_S = (30, 300)  # seconds after acceptance
_COMPARED_CHARS = 1000  # comparing takes quadratic time; longer texts are judged by their beginning
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalEvent:
    """How much of an accepted text (in [0, 1]) was still there `after_s` seconds later."""

    suggestion_id: str
    after_s: int
    kept_fraction: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Accepted:
    suggestion_id: str
    uri: str
    span: Span
    text: str
    at: float
    checks: tuple[int, ...] = CHECKS_S

    @property
    def due_at(self) -> float:
        return self.at + self.checks[0]


class SurvivalTracker:
    """The texts that were accepted in the last five minutes, and where they are now."""

    def __init__(self) -> None:
        self._accepted: dict[str, _Accepted] = {}
        self._documents: dict[str, Document] = {}

    def accepted(self, suggestion_id: str, document: Document, span: Span, text: str, at: float) -> None:
        """Follow `text`, now in `span`; called again for the same suggestion when more of it was accepted."""
        known = self._accepted.get(suggestion_id)
        entry = _Accepted(suggestion_id=suggestion_id, uri=document.uri, span=span, text=text, at=at)
        self._accepted[suggestion_id] = replace(entry, at=known.at, checks=known.checks) if known else entry
        self._documents[document.uri] = document

    def changed(self, uri: str, edit: Edit, document_after: Document) -> None:
        """Follow an edit of a document."""
        if uri not in self._documents:
            return
        self._documents[uri] = document_after
        for key, entry in self._accepted.items():
            if entry.uri == uri:
                self._accepted[key] = replace(entry, span=follow(entry.span, edit, grows=False))

    def closed(self, uri: str) -> None:
        """Stop following the texts of a document: what happens to them now cannot be seen."""
        self._documents.pop(uri, None)
        self._accepted = {key: entry for key, entry in self._accepted.items() if entry.uri != uri}

    def due(self, at: float) -> list[SurvivalEvent]:
        """Return the checks whose time has come, each once."""
        return [event for entry in list(self._accepted.values()) for event in self._check(entry, at)]

    def next_due(self) -> float | None:
        """Return the time of the next check, None when nothing is followed."""
        return min((entry.due_at for entry in self._accepted.values()), default=None)

    def _check(self, entry: _Accepted, at: float) -> Sequence[SurvivalEvent]:
        reached = [after_s for after_s in entry.checks if entry.at + after_s <= at]
        if not reached:
            return ()
        kept = kept_fraction(entry.text, entry.span.text(self._documents[entry.uri].text))
        self._forget(entry, entry.checks[len(reached) :])
        return [
            SurvivalEvent(suggestion_id=entry.suggestion_id, after_s=after_s, kept_fraction=kept) for after_s in reached
        ]

    def _forget(self, entry: _Accepted, checks: tuple[int, ...]) -> None:
        if checks:
            self._accepted[entry.suggestion_id] = replace(entry, checks=checks)
            return
        del self._accepted[entry.suggestion_id]
        if all(other.uri != entry.uri for other in self._accepted.values()):
            del self._documents[entry.uri]


def kept_fraction(accepted: str, now: str) -> float:
    """Return the share of the characters of `accepted` that `now` still holds in order, in [0, 1].

    The matching blocks of Ratcliff and Obershelp (difflib) over words, runs of white space and single signs, without
    its junk heuristics, counted in characters over the length of `accepted`; text that was added in between costs
    nothing. Text over 1,000 characters is judged by its beginning.
    """
    if not accepted or accepted in now:
        return 1.0
    wanted = _TOKEN.findall(accepted[:_COMPARED_CHARS])
    found = _TOKEN.findall(now[: 2 * _COMPARED_CHARS])
    blocks = SequenceMatcher(None, found, wanted, autojunk=False).get_matching_blocks()
    kept = sum(len(token) for block in blocks for token in wanted[block.b : block.b + block.size])
    return kept / sum(map(len, wanted))
