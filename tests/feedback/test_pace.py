"""The programmer's own pace, once enough is known of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from tactful.core.types import Completion, Decision, Features, Outcome, Stage, Suggestion
from tactful.core.utility import USUAL_PACE, read_s
from tactful.feedback.pace import PaceTracker, remembered_pace
from tactful.feedback.store import SqliteStore


def tracker(*, ms: float | None = None, factor: float | None = None, samples: int = 40) -> PaceTracker:
    made = PaceTracker()
    for number in range(samples):
        made.typed(None if ms is None else ms * (1 + number / 1000))
        if factor is not None:
            made.decided(Outcome.REJECTED, 10, factor * read_s(10))
    return made


def test_the_defaults_hold_until_enough_is_known() -> None:
    assert PaceTracker().pace() == USUAL_PACE
    assert tracker(ms=100, factor=2.0, samples=29).pace() == USUAL_PACE


def test_a_quick_hand_and_a_slow_reader() -> None:
    pace = tracker(ms=100, factor=2.0).pace()
    assert pace.write_s_per_char == pytest.approx(0.1, rel=0.02)
    assert (pace.glance_s, pace.read_s_per_char) == pytest.approx((1.5, 0.044))


def test_the_quick_quartile_counts() -> None:
    made = tracker(ms=100)
    for _ in range(80):
        made.typed(5_000)
    assert made.pace().write_s_per_char < 0.2


@pytest.mark.parametrize(("ms", "factor"), [(1.0, 0.26), (20_000.0, 40.0)])
def test_no_pace_is_beyond_belief(ms: float, factor: float) -> None:
    pace = tracker(ms=ms, factor=factor).pace()
    assert 0.05 <= pace.write_s_per_char <= 1
    assert 0.4 <= pace.glance_s / USUAL_PACE.glance_s <= 2.5


@pytest.mark.parametrize(
    ("outcome", "seconds"),
    [(Outcome.UNSEEN, 1.0), (Outcome.TYPED_THROUGH, 1.0), (Outcome.IGNORED, 1.0), (Outcome.REJECTED, 0.1)],
)
def test_what_was_not_read_says_nothing_of_reading(outcome: Outcome, seconds: float) -> None:
    made = PaceTracker()
    for _ in range(50):
        made.decided(outcome, 10, seconds)
    assert made.pace() == USUAL_PACE


def test_earlier_sessions_are_remembered(tmp_path: Path) -> None:
    completion = Completion(text="0123456789", probability=0.5)
    suggestion = Suggestion(suggestion_id="", start=0, end=0, text=completion.text, completion=completion)
    decision = Decision(
        decision_id="",
        uri="file:///a.py",
        language_id="python",
        decided_at=0.0,
        mode="balanced",
        automatic=True,
        stage=Stage.SHOWN,
        reason="",
        suggestion=suggestion,
        completion=completion,
        stage1_features=Features(schema=1, values={"ms_between_edits": 5.0}),  # log(1 + 147 ms)
    )
    store = SqliteStore(tmp_path / "store.db", on_problem=print)
    for number in range(40):
        store.record_decision(replace(decision, decision_id=str(number), decided_at=100.0 * number))
        store.record_outcome(str(number), Outcome.REJECTED, 100.0 * number + 2 * read_s(10), 0)
    store.close()
    pace = remembered_pace(tmp_path / "store.db").pace()
    assert pace.write_s_per_char == pytest.approx(0.147, abs=0.001)
    assert pace.glance_s == pytest.approx(2 * USUAL_PACE.glance_s)


@pytest.mark.parametrize("content", [None, b"", b"no database"])
def test_a_database_that_cannot_be_read_leaves_the_defaults(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "store.db").write_bytes(content)
    assert remembered_pace(tmp_path / "store.db").pace() == USUAL_PACE
