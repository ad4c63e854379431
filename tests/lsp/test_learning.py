"""The server's gate learns from outcomes: at once, from earlier sessions, and by a process of its own."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.acceptance.experienced import features

from tactful import paths
from tactful.acceptance.adaptation import AdaptiveScorer
from tactful.acceptance.artifact import bundled, load
from tactful.core.types import Completion, Decision, Outcome, Stage, Suggestion
from tactful.feedback.store import SqliteStore
from tactful.lsp import learning
from tactful.lsp.learning import LearningStore, learn_anew, outcomes_at_last_attempt, remembered_scorer

COMPLETION = Completion(text="foo", probability=0.5, source="document")
FIRST, SECOND = features(length=1.0)


def decision(number: int, **changes: object) -> Decision:
    name = f"d{number}"
    made = Decision(
        decision_id=name,
        uri="file:///a.py",
        language_id="python",
        decided_at=100.0 * number,
        mode="balanced",
        automatic=True,
        stage=Stage.SHOWN,
        reason="",
        suggestion=Suggestion(suggestion_id=name, start=0, end=0, text="foo", completion=COMPLETION),
        stage1_features=FIRST,
        stage2_features=SECOND,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


class Listener:
    """A store that remembers what was passed on."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def record_decision(self, decision: Decision) -> None:
        self.heard.append("decision")

    def record_outcome(self, suggestion_id: str, outcome: Outcome, at: float, accepted_chars: int) -> None:
        self.heard.append(outcome.value)

    def record_survival(self, suggestion_id: str, after_s: int, kept_fraction: float) -> None:
        self.heard.append(f"kept {kept_fraction}")


@pytest.fixture
def scorer() -> AdaptiveScorer:
    return AdaptiveScorer(load(bundled()))


def learned(scorer: AdaptiveScorer, *decisions: Decision) -> LearningStore:
    known = {each.decision_id: each for each in decisions}
    return LearningStore(Listener(), known.get, lambda: scorer)


def test_an_outcome_moves_the_score_at_once_and_is_passed_on(scorer: AdaptiveScorer) -> None:
    listener, before = Listener(), scorer.score_stage2(SECOND)
    store = LearningStore(listener, {"d1": decision(1)}.get, lambda: scorer)
    store.record_decision(decision(1))
    store.record_outcome("d1", Outcome.ACCEPTED, 103.0, 3)
    assert scorer.score_stage2(SECOND) > before
    assert listener.heard == ["decision", "accepted"]


def test_what_was_accepted_and_deleted_again_counts_against(scorer: AdaptiveScorer) -> None:
    before = scorer.score_stage2(SECOND)
    store = learned(scorer, decision(1))
    store.record_outcome("d1", Outcome.ACCEPTED, 103.0, 3)
    store.record_survival("d1", 30, 0.0)
    assert scorer.score_stage2(SECOND) < before


@pytest.mark.parametrize(
    ("changes", "outcome", "at"),
    [
        ({}, Outcome.REJECTED, 100.4),
        ({}, Outcome.UNSEEN, 150.0),
        ({"automatic": False}, Outcome.REJECTED, 103.0),
        ({"stage2_features": None}, Outcome.REJECTED, 103.0),
        ({"decision_id": "other"}, Outcome.REJECTED, 103.0),
    ],
)
def test_what_tells_nothing_teaches_nothing(
    scorer: AdaptiveScorer, changes: dict[str, object], outcome: Outcome, at: float
) -> None:
    before = scorer.score_stage2(SECOND)
    learned(scorer, decision(1, **changes)).record_outcome("d1", outcome, at, 0)
    assert scorer.score_stage2(SECOND) == before


def fill(database: Path, outcome: Outcome, count: int = 40) -> SqliteStore:
    problems: list[str] = []
    store = SqliteStore(database, problems.append, now=lambda: 100.0 * count)
    for number in range(count):
        store.record_decision(decision(number))
        store.record_outcome(f"d{number}", outcome, 100.0 * number + 3, 0)
    assert store.flush()
    assert problems == []
    return store


def test_a_new_session_begins_with_what_was_learned(tmp_path: Path, scorer: AdaptiveScorer) -> None:
    database = tmp_path / "f.sqlite3"
    fill(database, Outcome.REJECTED).close()
    remembered = remembered_scorer(tmp_path / "gate", database, pytest.fail)
    assert remembered.score_stage2(SECOND) < scorer.score_stage2(SECOND)
    assert remembered.score_stage1(FIRST) < scorer.score_stage1(FIRST)


def test_a_store_that_cannot_be_read_costs_only_what_was_learned(tmp_path: Path, scorer: AdaptiveScorer) -> None:
    (tmp_path / "f.sqlite3").write_text("no database")
    found = remembered_scorer(tmp_path / "gate", tmp_path / "f.sqlite3", pytest.fail)
    assert found.score_stage2(SECOND) == scorer.score_stage2(SECOND)


def test_refusals_within_a_blink_are_no_history(tmp_path: Path) -> None:
    store = fill(tmp_path / "f.sqlite3", Outcome.TYPED_THROUGH, 3)
    store.record_outcome("d2", Outcome.REJECTED, 200.5, 0)
    assert store.flush()
    assert store.recent_history() == (Outcome.TYPED_THROUGH,) * 2
    store.close()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"outcomes": "many"}', "{"])
def test_without_a_note_of_the_last_attempt_all_is_new(text: str, tmp_path: Path) -> None:
    (tmp_path / "learned.json").write_text(text)
    assert outcomes_at_last_attempt(tmp_path / "learned.json") == 0
    assert outcomes_at_last_attempt(tmp_path / "nothing") == 0


async def test_it_learns_anew_once_when_there_is_much_to_learn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert await learn_anew() is None
    fill(paths.database(), Outcome.REJECTED, learning.NEW_OUTCOMES).close()
    said = await asyncio.wait_for(learn_anew(), 120)
    assert said is not None
    assert "Nothing has changed" in said  # all were refused: there is nothing to tell apart
    assert json.loads(paths.learned().read_text()) == {"outcomes": learning.NEW_OUTCOMES}
    assert await learn_anew() is None
