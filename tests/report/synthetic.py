"""A feedback database as a few weeks of work leave it, made by the store itself."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

from tactful.core.context import context_at
from tactful.core.features import stage1_features, stage2_features
from tactful.core.text import open_document
from tactful.core.types import Completion, Decision, History, Outcome, Rhythm, Stage, Suggestion
from tactful.feedback.store import SqliteStore

NOW = 1_800_000_000.0
TEXT = "secret_source = '<script>alert(1)</script>'"
NASTY = "<script>alert('reason')</script>"
_LANGUAGES = ("python", "python", "python", "lua", "<b>html</b>")
_SOURCES = ("document", "workspace", "environment")
_DOCUMENT = open_document("file:///a.py", "python", 1, "def area(width, height):\n    return w")
_CTX = context_at(
    _DOCUMENT, len(_DOCUMENT.text), path=None, automatic=True, tree=None, rhythm=Rhythm(), history=History()
)
_STAGE1 = stage1_features(_CTX)


def make_store(path: Path, count: int, *, exploration: float = 0.05, seed: int = 0) -> None:
    """Write `count` decisions of a programmer who keeps a suggestion with the probability of its score."""
    problems: list[str] = []
    store = SqliteStore(path, problems.append, now=lambda: NOW, max_rows=10**9, max_waiting=10**9)
    random = Random(seed)
    for decision in _decisions(random, count, exploration):
        store.record_decision(decision)
        if decision.suggestion is not None:
            _record_outcome(store, random, decision)
    assert store.flush(300)
    store.close()
    assert problems == []


def _decisions(random: Random, count: int, exploration: float) -> Iterator[Decision]:
    for number in range(count):
        at = NOW - 20 * 86400 + (number // 100) * 3 * 3600 + number % 100 * 5
        yield _decision(random, f"d{number}", at, exploration)


def _decision(random: Random, name: str, at: float, exploration: float) -> Decision:
    score = random.random()
    stage = random.choice((Stage.CONTEXT, Stage.BACKEND, *[Stage.GATE2] * 6))
    base = Decision(
        decision_id=name,
        uri="file:///home/someone/private.py",
        language_id=random.choice(_LANGUAGES),
        decided_at=at,
        mode="balanced",
        automatic=True,
        stage=stage,
        reason=random.choice(("Tactful is paused", NASTY)),
        suggestion=None,
        stage1_features=_STAGE1,
        stage1_score=random.random(),
        ms_by_stage={"gate1": 0.2 + random.random() / 10, "backend": random.expovariate(0.2)},
    )
    if stage is not Stage.GATE2:
        return base
    propensity = 1.0 if score >= 0.4 else exploration
    shown = random.random() < propensity
    completion = Completion(text=TEXT, probability=score, source=random.choice(_SOURCES))
    suggestion = Suggestion(suggestion_id=name, start=0, end=0, text=TEXT, completion=completion)
    return replace(
        base,
        stage=Stage.SHOWN if shown else Stage.GATE2,
        reason=f"score {score:.2f}",
        completion=completion,
        suggestion=suggestion if shown else None,
        stage2_features=stage2_features(_CTX, completion),
        stage2_score=score,
        propensity=propensity,
    )


def _record_outcome(store: SqliteStore, random: Random, decision: Decision) -> None:
    assert decision.stage2_score is not None
    at = decision.decided_at + 0.4 + 3 * random.random()
    if random.random() >= decision.stage2_score:
        outcome = random.choice((Outcome.REJECTED, Outcome.IGNORED, Outcome.UNSEEN))
        store.record_outcome(decision.decision_id, outcome, at, 0)
    elif random.random() < 0.3:
        store.record_outcome(decision.decision_id, Outcome.TYPED_THROUGH, at, 0)
    else:
        store.record_outcome(decision.decision_id, Outcome.ACCEPTED, at, len(TEXT))
        store.record_survival(decision.decision_id, 30, 1.0)
