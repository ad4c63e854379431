"""Survival is looked at when it is due; what was seen and turned down is remembered, and not what nobody could read."""

import asyncio

import pytest

from tactful.core.text import Edit, apply_edit, open_document
from tactful.core.types import Completion, Suggestion
from tactful.feedback.outcomes import OutcomeTracker
from tactful.lsp.outcomes import OutcomeRecorder


class Clock:
    """A clock of which a real hundredth of a second is a whole second."""

    def now(self) -> float:
        return 100 * asyncio.get_running_loop().time()

    def monotonic(self) -> float:
        return self.now()


class Store:
    def __init__(self) -> None:
        self.survivals: list[tuple[str, int]] = []

    def record_decision(self, decision) -> None: ...

    def record_outcome(self, suggestion_id, outcome, at, accepted_chars) -> None: ...

    def record_survival(self, suggestion_id, after_s, kept_fraction) -> None:
        self.survivals.append((suggestion_id, after_s))


async def test_a_later_acceptance_does_not_wait_for_the_last_check_of_an_earlier_one(monkeypatch):
    loop = asyncio.get_running_loop()
    later = loop.call_later
    monkeypatch.setattr(loop, "call_later", lambda delay, *rest: later(delay / 100, *rest))
    store = Store()
    recorder = OutcomeRecorder(OutcomeTracker(), store, Clock())
    document = open_document("u", "python", 1, "x = \n")
    for name in ("first", "second"):
        at = len(document.text) - 1
        completion = Completion(text="value", probability=1.0)
        suggestion = Suggestion(suggestion_id=name, start=at, end=at, text="value", completion=completion)
        recorder.shown(suggestion, document)
        edit = Edit(start=at, end=at, text="value")
        document = apply_edit(document, edit, document.version + 1)
        recorder.changed("u", edit, document)
        recorder.accepted(name)
        async with asyncio.timeout(5):
            while (name, 30) not in store.survivals:
                await asyncio.sleep(0.01)
    assert store.survivals == [("first", 30), ("second", 30)]
    recorder.stop()


class TurnedClock:
    at = 100.0

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


@pytest.mark.parametrize(("seen_s", "typed", "remembered"), [(1.0, "q", 1), (0.1, "q", 0), (1.0, "value", 0)])
async def test_only_what_was_seen_and_turned_down_is_remembered(seen_s, typed, remembered):
    clock = TurnedClock()
    recorder = OutcomeRecorder(OutcomeTracker(), Store(), clock)
    document = open_document("u", "python", 1, "x = ")
    completion = Completion(text="value", probability=1.0)
    suggestion = Suggestion(suggestion_id="s", start=4, end=4, text="value", completion=completion)
    recorder.shown(suggestion, document)
    clock.at += seen_s
    edit = Edit(start=4, end=4, text=typed)
    recorder.changed("u", edit, apply_edit(document, edit, 2))
    assert len(recorder.memory.rejections) == remembered
    recorder.stop()


async def test_a_rejection_that_the_editor_calls_an_acceptance_is_forgotten():
    recorder = OutcomeRecorder(OutcomeTracker(), Store(), (clock := TurnedClock()))
    document = open_document("u", "python", 1, "x = ")
    completion = Completion(text="value", probability=1.0)
    recorder.shown(Suggestion(suggestion_id="s", start=4, end=4, text="value", completion=completion), document)
    clock.at += 1
    edit = Edit(start=0, end=4, text="")
    recorder.changed("u", edit, apply_edit(document, edit, 2))
    assert len(recorder.memory.rejections) == 1
    recorder.accepted("s")
    assert recorder.memory.rejections == ()
    recorder.stop()


async def test_how_long_the_programmer_reads_is_learned():
    recorder = OutcomeRecorder(OutcomeTracker(), Store(), (clock := TurnedClock()))
    completion = Completion(text="value", probability=1.0)
    for number in range(40):
        document = open_document("u", "python", 1, "x = ")
        suggestion = Suggestion(suggestion_id=str(number), start=4, end=4, text="value", completion=completion)
        recorder.shown(suggestion, document)
        clock.at += 1.72  # twice the usual time for five characters
        edit = Edit(start=4, end=4, text="q")
        recorder.changed("u", edit, apply_edit(document, edit, 2))
    assert recorder.pace.pace().glance_s == pytest.approx(1.5)
    recorder.stop()
