"""What became of each suggestion, read from the edits of the document and from the item's command.

Knows no clock, no editor and no store: times are passed in (seconds, by the clock of the store's records) and events
handed back. Any client will do: plain `didChange` is enough, and one that also runs the item's command is believed.

What counts as what:

- accepted: the rest of the text came in one insertion, or the client says so.
- partly accepted: a part of it that ends where a word or line does came in one insertion, as by "accept next word".
- typed through: all of it stands there, stroke by stroke. A bracket pair or an indented line end is one stroke.
- rejected: something else was typed at the place, or what stood there was deleted.
- ignored: an edit or a request elsewhere, another suggestion in its place, or the document was closed.
- unseen: any of the last two groups within 250 ms of being shown, or a newer suggestion goes on with the same text; the
  newer one then counts as shown since the older one was.

A suggestion gets one outcome. It is reported again, as an upgrade, in three cases only: a partly accepted one that is
accepted further (more characters, or to the end), and any that the client then says was accepted.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tactful.core.labels import is_wanted
from tactful.core.text import Document, Edit
from tactful.core.types import History, Outcome, Suggestion
from tactful.feedback.progress import ends_at_boundary, is_one_stroke, normal_form, reached
from tactful.feedback.spans import Span, follow, minimal, nearest_place
from tactful.feedback.survival import SurvivalEvent, SurvivalTracker

__all__ = ["UNSEEN_S", "OutcomeEvent", "OutcomeTracker", "SurvivalEvent"]

UNSEEN_S = 0.25  # a simple visual reaction takes about as long: what goes sooner was not read
_HISTORY = 10
_REMEMBERED = 32  # suggestions whose command may still arrive
_TAKEN = (Outcome.ACCEPTED, Outcome.PARTLY_ACCEPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeEvent:
    """What became of a suggestion; `accepted_chars` counts what the editor inserted, not what was typed."""

    suggestion_id: str
    outcome: Outcome
    at: float
    accepted_chars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watched:
    """A suggestion and the stretch of the document where it may come to stand."""

    suggestion_id: str
    uri: str
    text: str
    wanted: str  # `text` in normal form, as `reached` and `floor` count it
    span: Span
    floor: int  # characters of `wanted` that stood there when it was shown
    reached: int  # characters of `wanted` that stand there now
    beyond: int  # other characters in the span, such as an automatic closing bracket
    shown_at: float
    accepted_chars: int = 0
    last_insertion: int = 0
    outcome: Outcome | None = None

    @property
    def is_complete(self) -> bool:
        return self.reached == len(self.wanted)

    @property
    def taken(self) -> str:
        """What was accepted of it, without what the programmer typed."""
        if self.outcome is Outcome.PARTLY_ACCEPTED:
            return self.text[: self.reached]
        return self.text if self.outcome is Outcome.ACCEPTED else ""

    @property
    def text_span(self) -> Span:
        """The span without what stands behind the text."""
        return Span(start=self.span.start, end=min(self.span.end, self.span.start + len(self.text)))


class OutcomeTracker:
    """The suggestion on show in each document, the last ones that ended, and accepted texts being followed."""

    def __init__(self) -> None:
        self._watched: dict[str, _Watched] = {}  # by document
        self._ended: dict[str, _Watched] = {}  # by suggestion, oldest first
        self._documents: dict[str, Document] = {}
        self._survival = SurvivalTracker()
        self._outcomes: deque[tuple[str, Outcome]] = deque(maxlen=_HISTORY)
        self._last_shown: float | None = None
        self._last_accepted: float | None = None
        self._last_ended: float | None = None
        self._last: _Watched | None = None
        self._before_last = ""
        self._rejected = ""

    def resume(self, outcomes: Sequence[Outcome]) -> None:
        """Begin with what became of the last suggestions of an earlier session, newest last."""
        earlier = [("", outcome) for outcome in outcomes if outcome is not Outcome.UNSEEN]
        self._outcomes = deque([*earlier, *self._outcomes], maxlen=_HISTORY)

    def shown(self, suggestion: Suggestion, document: Document, at: float) -> list[OutcomeEvent]:
        """Watch a suggestion that was sent to the editor; return what that means for earlier ones."""
        old = self._watched.get(document.uri)
        if old and old.suggestion_id == suggestion.suggestion_id:
            return []
        events = self._leave_other_documents(document.uri, at)
        self._documents[document.uri] = document
        new = _watch(suggestion, document, at)
        if old:
            goes_on = _goes_on(old, suggestion, document)
            new = replace(new, shown_at=old.shown_at) if goes_on else new
            events += self._end(old, Outcome.UNSEEN if goes_on else Outcome.IGNORED, at)
        if not new.is_complete:
            self._watched[document.uri] = self._last = new
            self._before_last = document.text[: suggestion.start]
            self._last_shown = at
        return events

    def changed(self, uri: str, edit: Edit, document_after: Document, at: float) -> list[OutcomeEvent]:
        """Follow one edit of a document, given in the offsets before it."""
        before = self._documents.get(uri)
        if before is None:
            return []
        self._documents[uri] = document_after
        edit = minimal(edit, before.text, document_after.text)
        if edit.start == edit.end and not edit.text:
            return []
        self._survival.changed(uri, edit, document_after)
        for key, ended in self._ended.items():
            if ended.uri == uri:
                self._ended[key] = replace(ended, span=follow(ended.span, edit, grows=False))
        watched = self._watched.get(uri)
        return self._judge(watched, edit, document_after, at) if watched else []

    def accepted(self, suggestion_id: str, at: float) -> list[OutcomeEvent]:
        """Take the client's word that a suggestion was accepted, before or after the edit that inserts it."""
        for watched in self._watched.values():
            if watched.suggestion_id == suggestion_id:
                return self._accept_before_text(watched, at)
        ended = self._ended.get(suggestion_id)
        if ended is None or ended.outcome is Outcome.ACCEPTED:
            return []
        chars = ended.last_insertion if ended.is_complete else len(ended.wanted) - ended.reached
        ended = replace(ended, outcome=Outcome.ACCEPTED, accepted_chars=ended.accepted_chars + chars)
        self._ended[suggestion_id] = ended
        if ended.is_complete:
            self._follow_text(ended, at)
        return [self._report(ended, at)]

    def asked_elsewhere(self, uri: str, offset: int, at: float) -> list[OutcomeEvent]:
        """Take note of where the cursor is, as a request tells; a suggestion at another place is left behind."""
        events = self._leave_other_documents(uri, at)
        watched = self._watched.get(uri)
        if watched and not watched.span.start <= offset <= watched.span.end:
            events += self._end(watched, Outcome.IGNORED, at)
        return events

    def closed(self, uri: str, at: float) -> list[OutcomeEvent]:
        """End what goes on in a document."""
        watched = self._watched.get(uri)
        events = self._end(watched, Outcome.IGNORED, at) if watched else []
        self._ended = {key: ended for key, ended in self._ended.items() if ended.uri != uri}
        self._documents.pop(uri, None)
        self._survival.closed(uri)
        return events

    def history(self, at: float) -> History:
        """Return the last ten outcomes that tell something, and how long ago the last events were."""
        last = self._last
        return History(
            outcomes=tuple(outcome for _, outcome in self._outcomes),
            s_since_last_shown=_since(self._last_shown, at),
            s_since_last_accepted=_since(self._last_accepted, at),
            s_since_last_ended=0.0 if self._watched else _since(self._last_ended, at),
            last_uri=last.uri if last else "",
            before_last=self._before_last + last.taken if last else "",
            last_rejected=self._rejected,
        )

    def standing(self, document: Document, offset: int) -> tuple[str, int] | None:
        """Return the id and the start of what is on show where all of it that stands there ends at `offset`."""
        watched = self._watched.get(document.uri)
        if watched is None or watched.outcome is Outcome.ACCEPTED or offset < watched.span.start:
            return None
        typed = document.text[watched.span.start : offset]
        if not watched.text.startswith(typed) or len(normal_form(typed)) != watched.reached:
            return None
        return watched.suggestion_id, watched.span.start

    def due(self, at: float) -> list[SurvivalEvent]:
        """Return the survival checks (30 s and 5 min after acceptance) whose time has come, each once."""
        return self._survival.due(at)

    def next_due(self) -> float | None:
        """Return the time of the next survival check, None when nothing is followed."""
        return self._survival.next_due()

    def _judge(self, watched: _Watched, edit: Edit, document: Document, at: float) -> list[OutcomeEvent]:
        edit = nearest_place(edit, watched.span, document.text)
        if not watched.span.touches(edit):
            return self._end(watched, Outcome.IGNORED, at)
        inside = watched.span.start <= edit.start and edit.end <= watched.span.end
        span = follow(watched.span, edit, grows=True)
        written = normal_form(span.text(document.text))
        now = reached(written, watched.wanted) if inside else None
        if now is None or now < watched.floor:
            return self._end(replace(watched, span=span), Outcome.REJECTED, at)
        after = replace(watched, span=span, reached=now, beyond=len(written) - now, last_insertion=len(edit.text))
        at_once = now > watched.reached and after.beyond <= watched.beyond and not is_one_stroke(edit.text)
        return self._advance(after, at_once, at)

    def _advance(self, watched: _Watched, at_once: bool, at: float) -> list[OutcomeEvent]:
        self._watched[watched.uri] = watched
        if watched.outcome is Outcome.ACCEPTED:  # the command came first
            if watched.is_complete:
                self._follow_text(watched, at)
            return self._end(watched, Outcome.ACCEPTED, at)
        if watched.is_complete and not at_once:
            return self._end(watched, Outcome.TYPED_THROUGH, at)
        if not at_once or not ends_at_boundary(watched.wanted, watched.reached):
            return []
        return self._take(watched, at)

    def _take(self, watched: _Watched, at: float) -> list[OutcomeEvent]:
        outcome = Outcome.ACCEPTED if watched.is_complete else Outcome.PARTLY_ACCEPTED
        chars = watched.accepted_chars + watched.last_insertion
        watched = replace(watched, outcome=outcome, accepted_chars=chars)
        self._watched[watched.uri] = watched
        self._follow_text(watched, at)
        if watched.is_complete:
            self._remember(watched)
        return [self._report(watched, at)]

    def _accept_before_text(self, watched: _Watched, at: float) -> list[OutcomeEvent]:
        if watched.outcome is Outcome.ACCEPTED:
            return []
        chars = watched.accepted_chars + len(watched.wanted) - watched.reached
        watched = replace(watched, outcome=Outcome.ACCEPTED, accepted_chars=chars)
        self._watched[watched.uri] = watched
        return [self._report(watched, at)]

    def _leave_other_documents(self, uri: str, at: float) -> list[OutcomeEvent]:
        left = [watched for watched in self._watched.values() if watched.uri != uri]
        return [event for watched in left for event in self._end(watched, Outcome.IGNORED, at)]

    def _end(self, watched: _Watched, outcome: Outcome, at: float) -> list[OutcomeEvent]:
        if watched.outcome is not None:  # reported already; what comes after an acceptance is for survival to tell
            self._remember(watched)
            return []
        hidden = outcome in (Outcome.REJECTED, Outcome.IGNORED) and at - watched.shown_at < UNSEEN_S
        ended = replace(watched, outcome=Outcome.UNSEEN if hidden else outcome)
        self._remember(ended)
        return [self._report(ended, at)]

    def _remember(self, ended: _Watched) -> None:
        self._watched.pop(ended.uri, None)
        self._ended[ended.suggestion_id] = ended
        if len(self._ended) > _REMEMBERED:
            del self._ended[next(iter(self._ended))]

    def _follow_text(self, watched: _Watched, at: float) -> None:
        document, span = self._documents[watched.uri], watched.text_span
        text = watched.text if watched.is_complete else span.text(document.text)
        self._survival.accepted(watched.suggestion_id, document, span, text, at)

    def _report(self, watched: _Watched, at: float) -> OutcomeEvent:
        assert watched.outcome is not None
        key, outcome = watched.suggestion_id, watched.outcome
        self._last_ended = at
        if self._last and self._last.suggestion_id == key:
            self._last = watched
        if outcome is Outcome.REJECTED:
            self._rejected = watched.text
        if outcome in _TAKEN:
            self._last_accepted = at
        if any(known == key for known, _ in self._outcomes):
            kept = [(known, outcome if known == key else earlier) for known, earlier in self._outcomes]
            self._outcomes = deque(kept, maxlen=_HISTORY)
        elif is_wanted(outcome, at - watched.shown_at, None) is not None:
            self._outcomes.append((key, outcome))
        return OutcomeEvent(suggestion_id=key, outcome=outcome, at=at, accepted_chars=watched.accepted_chars)


def _watch(suggestion: Suggestion, document: Document, at: float) -> _Watched:
    wanted = normal_form(suggestion.text)
    written = normal_form(document.text[suggestion.start : suggestion.end])
    there = reached(written, wanted) or 0
    return _Watched(
        suggestion_id=suggestion.suggestion_id,
        uri=document.uri,
        text=suggestion.text,
        wanted=wanted,
        span=Span(start=suggestion.start, end=suggestion.end),
        floor=there,
        reached=there,
        beyond=len(written) - there,
        shown_at=at,
    )


def _goes_on(old: _Watched, new: Suggestion, document: Document) -> bool:
    """Say whether `new` would lead to the same text as `old`, or to more or less of it."""
    low, high = min(old.span.start, new.start), max(old.span.end, new.end)
    with_old = document.text[low : old.span.start] + old.text + document.text[old.span.end : high]
    with_new = document.text[low : new.start] + new.text + document.text[new.end : high]
    return with_old.startswith(with_new) or with_new.startswith(with_old)


def _since(moment: float | None, at: float) -> float | None:
    return None if moment is None else max(0.0, at - moment)
