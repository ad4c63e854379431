"""Carries what became of suggestions from the tracker to store and memory, and wakes for the survival checks."""

import asyncio
from collections.abc import Sequence

from tactful.core.memory import Memory, Place, place_at
from tactful.core.ports import Clock, Store
from tactful.core.text import Document, Edit
from tactful.core.types import History, Outcome, Suggestion
from tactful.feedback.outcomes import OutcomeEvent, OutcomeTracker
from tactful.feedback.pace import PaceTracker

__all__ = ["OutcomeRecorder"]

_FOLLOWED = 64  # suggestions whose outcome may still come or change
_WANTED = (Outcome.ACCEPTED, Outcome.PARTLY_ACCEPTED, Outcome.TYPED_THROUGH)


class OutcomeRecorder:
    """The tracker with a clock, a store and an alarm for the next survival check."""

    def __init__(self, tracker: OutcomeTracker, store: Store, clock: Clock) -> None:
        self._tracker = tracker
        self._store = store
        self._clock = clock
        self.memory = Memory()
        self.pace = PaceTracker()
        self._places: dict[str, tuple[Place, str, float]] = {}  # by suggestion, oldest first; when it was shown
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_due: float | None = None

    def shown(self, suggestion: Suggestion, document: Document) -> None:
        """Begin to watch a suggestion that is being sent."""
        if suggestion.suggestion_id not in self._places:  # what goes on was shown before
            shown = (place_at(document, suggestion.start), suggestion.text, self._clock.now())
            self._places[suggestion.suggestion_id] = shown
        if len(self._places) > _FOLLOWED:
            del self._places[next(iter(self._places))]
        self._record(self._tracker.shown(suggestion, document, self._clock.now()))

    def changed(self, uri: str, edit: Edit, after: Document) -> None:
        """Take in an edit."""
        self._record(self._tracker.changed(uri, edit, after, self._clock.now()))

    def asked_elsewhere(self, uri: str, offset: int) -> None:
        """Take in that a suggestion is asked for at `offset`: one that waits at another place was left."""
        self._record(self._tracker.asked_elsewhere(uri, offset, self._clock.now()))

    def accepted(self, suggestion_id: str) -> None:
        """Take in that the client says a suggestion was accepted."""
        self._record(self._tracker.accepted(suggestion_id, self._clock.now()))

    def closed(self, uri: str) -> None:
        """Take in that a document was closed."""
        self._record(self._tracker.closed(uri, self._clock.now()))

    def resume(self, outcomes: Sequence[Outcome]) -> None:
        """Begin with what became of the last suggestions of an earlier session."""
        self._tracker.resume(outcomes)

    def history(self) -> History:
        """Return what became of the last suggestions."""
        return self._tracker.history(self._clock.now())

    def standing(self, document: Document, offset: int) -> tuple[str, int] | None:
        """Return the id and the start of the suggestion that was typed through as far as `offset`."""
        return self._tracker.standing(document, offset)

    def stop(self) -> None:
        """Cancel the alarm."""
        if self._alarm is not None:
            self._alarm.cancel()

    def _record(self, events: Sequence[OutcomeEvent]) -> None:
        for event in events:
            self._store.record_outcome(event.suggestion_id, event.outcome, event.at, event.accepted_chars)
            self._remember(event)
        self._set_alarm()

    def _remember(self, event: OutcomeEvent) -> None:
        if event.suggestion_id not in self._places:
            return
        place, text, shown_at = self._places[event.suggestion_id]
        self.pace.decided(event.outcome, len(text), event.at - shown_at)
        if event.outcome is Outcome.REJECTED:
            self.memory = self.memory.rejected(place, text)
        elif event.outcome in _WANTED:
            self.memory = self.memory.wanted(place, text)

    def _set_alarm(self) -> None:
        due = self._tracker.next_due()
        if due == self._alarm_due:
            return
        self.stop()
        self._alarm_due = due
        if due is not None:
            delay = max(0.0, due - self._clock.now())
            self._alarm = asyncio.get_running_loop().call_later(delay, self._check_survival)

    def _check_survival(self) -> None:
        self._alarm = self._alarm_due = None
        for event in self._tracker.due(self._clock.now()):
            self._store.record_survival(event.suggestion_id, event.after_s, event.kept_fraction)
        self._set_alarm()
