"""The order of the stages, and what each of them ends a request with."""

from collections.abc import Sequence

import pytest

from tactful.core.context import context_at
from tactful.core.errors import BackendError
from tactful.core.gate import GatePolicy
from tactful.core.pipeline import MAX_DOCUMENT_CHARS, Ports, suggest
from tactful.core.text import open_document
from tactful.core.types import Completion, CompletionRequest, Decision, Features, History, Rhythm, Stage, Suggestion


class Clock:
    """One millisecond passes with each look."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._now = 1000.0
        self.slept_ms = 0

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        self._seconds += 0.001
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        self._seconds += seconds
        self._now += seconds
        self.slept_ms = round(1000 * seconds)


class Backend:
    """Offers the given texts, and notes that it was asked."""

    def __init__(self, *texts: str, error: str | None = None) -> None:
        self._texts, self._error = texts, error
        self.requests: list[CompletionRequest] = []

    async def complete(self, request: CompletionRequest) -> Sequence[Completion]:
        self.requests.append(request)
        if self._error:
            raise BackendError(self._error)
        return [Completion(text=text, probability=0.5) for text in self._texts]


class Scorer:
    """Gives each stage a fixed score against the threshold 0.2."""

    def __init__(self, stage1: float = 0.9, stage2: float = 0.9) -> None:
        self._scores = (stage1, stage2)

    def score_stage1(self, _features: Features) -> float:
        return self._scores[0]

    def score_stage2(self, _features: Features) -> float:
        return self._scores[1]

    def threshold(self, _stage: int, _max_lost: float, _features: Features) -> float:
        return 0.2


async def decide(
    source: str,
    backend: Backend,
    *,
    scorer: Scorer | None = None,
    mode: str = "balanced",
    automatic: bool = True,
    off: str | None = None,
    exploration: float = 0.0,
    ms_since_last_edit: float | None = 0.0,
    max_delay_ms: float = 0.0,
    standing: Suggestion | None = None,
    clock: Clock | None = None,
) -> Decision:
    offset = source.index("|")
    document = open_document("file:///a.py", "python", 1, source.replace("|", "", 1))
    ctx = context_at(
        document,
        offset,
        path=None,
        automatic=automatic,
        tree=None,
        rhythm=Rhythm(ms_since_last_edit=ms_since_last_edit),
        history=History(),
        standing=standing,
    )
    ports = Ports(backend=backend, scorer=scorer, clock=clock or Clock())
    policy = GatePolicy(mode=mode, exploration=exploration, max_delay_ms=max_delay_ms)
    return await suggest(ctx, ports=ports, policy=policy, decision_id="id", draw=0.05, off=off)


@pytest.mark.parametrize(
    ("backend", "arguments", "stage", "words"),
    [
        (Backend("1"), {"off": "Tactful is paused"}, Stage.CONTEXT, "paused"),
        (Backend("1"), {"scorer": Scorer(stage1=0.1)}, Stage.GATE1, "below"),
        (Backend(), {}, Stage.BACKEND, "nothing fits"),
        (Backend(error="engine gone"), {}, Stage.BACKEND, "engine gone"),
        (Backend("  "), {}, Stage.POSTPROCESS, "nothing to add"),
        (Backend("1"), {"scorer": Scorer(stage2=0.1)}, Stage.GATE2, "below"),
        (Backend("1"), {"scorer": Scorer()}, Stage.SHOWN, "at least"),
        (Backend("1"), {}, Stage.SHOWN, "no model"),
        (Backend("1"), {"scorer": Scorer(stage1=0.1, stage2=0.1), "mode": "off"}, Stage.SHOWN, "off"),
        (Backend("1"), {"scorer": Scorer(stage1=0.1), "automatic": False}, Stage.SHOWN, "at least"),
        (Backend("1"), {"scorer": Scorer(0.1, 0.1), "automatic": False}, Stage.SHOWN, "below"),
    ],
)
async def test_each_stage_ends_a_request_with_its_reason(backend, arguments, stage, words):
    decision = await decide("x = |", backend, **arguments)
    assert decision.stage is stage
    assert words in decision.reason
    assert (decision.suggestion is not None) is (stage is Stage.SHOWN)


async def test_nothing_is_generated_behind_a_closed_first_gate():
    backend = Backend("1")
    decision = await decide("x = |", backend, scorer=Scorer(stage1=0.1))
    assert backend.requests == []
    assert decision.stage1_features is not None
    assert decision.stage2_features is None


async def test_a_document_that_is_too_large_ends_at_once():
    backend = Backend("1")
    decision = await decide("|" + "x" * (MAX_DOCUMENT_CHARS + 1), backend)
    assert decision.stage is Stage.CONTEXT
    assert backend.requests == []


async def test_all_that_was_scored_is_kept_with_the_time_of_each_stage():
    decision = await decide("x = |", Backend("1"), scorer=Scorer(0.8, 0.7))
    assert (decision.stage1_score, decision.stage2_score, decision.propensity) == (0.8, 0.7, 1.0)
    assert decision.ms_by_stage == pytest.approx({"gate1": 1, "backend": 1, "gate2": 1})


async def test_the_other_candidates_are_there_to_cycle_through():
    decision = await decide("f(|)", Backend("a)", "a", " ", "b"))
    assert decision.suggestion.text == "a"
    assert [other.text for other in decision.alternatives] == ["b"]
    assert {other.suggestion_id for other in decision.alternatives} == {"id"}


@pytest.mark.parametrize(("automatic", "candidates"), [(True, 1), (False, 3)])
async def test_only_one_candidate_is_asked_for_while_typing(automatic, candidates):
    backend = Backend("1")
    await decide("x = |", backend, automatic=automatic)
    assert backend.requests[0].max_candidates == candidates


async def test_exploration_shows_a_hidden_one_with_its_propensity():
    explored = await decide("x = |", Backend("1"), scorer=Scorer(0.1, 0.1), exploration=0.1)
    assert explored.stage is Stage.SHOWN
    assert explored.propensity == pytest.approx(0.1)
    hidden = await decide("x = |", Backend("1"), scorer=Scorer(0.1, 0.1), exploration=0.01)
    assert hidden.stage is Stage.GATE1
    assert hidden.propensity == pytest.approx(0.01)


class Foreseeing(Backend):
    """Has its answer already."""

    def is_at_hand(self, _request: CompletionRequest) -> bool:
        return True


@pytest.mark.parametrize("exploration", [0.0, 0.01, 0.1])
async def test_what_the_first_stage_lets_pass_because_it_costs_nothing_is_shown_in_any_case(exploration):
    decision = await decide("x = |", Foreseeing("1"), scorer=Scorer(0.1, 0.9), exploration=exploration)
    assert decision.stage is Stage.SHOWN
    assert decision.propensity == 1.0
    hidden = await decide("x = |", Foreseeing("1"), scorer=Scorer(0.1, 0.1), exploration=0.01)
    assert hidden.propensity == pytest.approx(0.01)


async def test_a_suggestion_that_waited_counts_from_when_it_appeared():
    clock = Clock()
    backend = Backend("twenty_characters_it")
    decision = await decide("x = |", backend, scorer=Scorer(0.9, 0.2), max_delay_ms=10_000, clock=clock)
    assert decision.stage is Stage.SHOWN
    assert clock.slept_ms > 0
    assert decision.decided_at == clock.now() > 1000.0


async def slept(scorer: Scorer | None, ms_since_last_edit: float | None = 0.0, **arguments) -> float:
    clock = Clock()
    arguments = {"clock": clock, "scorer": scorer, "ms_since_last_edit": ms_since_last_edit, **arguments}
    decision = await decide("x = |", Backend("twenty_characters_it"), max_delay_ms=10_000, **arguments)
    assert decision.suggestion is not None
    return clock.slept_ms


async def test_an_uncertain_suggestion_waits_for_the_hand_to_rest():
    # It pays from 0.248 on, and 0.2 is a fifth less: the third power of a fifth of the time, less what generating took.
    assert 60 < await slept(Scorer(0.9, 0.2)) < 80
    assert await slept(Scorer(0.9, 0.2), mode="quiet") > await slept(Scorer(0.9, 0.2))
    assert await slept(Scorer(0.9, 0.9)) == 0
    assert await slept(None) == 0


async def test_time_that_the_hand_has_rested_already_counts():
    long = await slept(Scorer(0.9, 0.2))
    assert 60 < long < 80
    assert await slept(Scorer(0.9, 0.2), ms_since_last_edit=30) == long - 30
    assert await slept(Scorer(0.9, 0.2), ms_since_last_edit=500) == 0
    assert await slept(Scorer(0.9, 0.2), ms_since_last_edit=None) == 0


async def test_what_is_asked_for_by_hand_does_not_wait():
    assert await slept(Scorer(0.1, 0.1), automatic=False) == 0


async def test_a_costly_backend_is_told_how_long_the_hand_has_to_rest_and_a_cheap_one_answers_at_once():
    clock, backend = Clock(), Backend("twenty_characters_it")
    scorer = Scorer(0.3, 0.9)
    await decide("x = |", backend, scorer=scorer, max_delay_ms=5_000, clock=clock)
    (request,) = backend.requests
    assert 80 < request.rest_ms < 110  # 0.3 of 0.404, which is where ten characters begin to pay
    assert clock.slept_ms == 0


def on_show(text: str, end: int, start: int = 4) -> Suggestion:
    completion = Completion(text=text, probability=0.9)
    return Suggestion(suggestion_id="before", start=start, end=end, text=text, completion=completion)


async def test_what_is_on_show_stays_while_it_is_typed_through():
    backend = Backend("other")
    decision = await decide("x = va|", backend, scorer=Scorer(0.0, 0.0), standing=on_show("value", 6))
    assert (decision.stage, decision.decision_id) == (Stage.SHOWN, "before")
    assert (decision.suggestion.start, decision.suggestion.end, decision.suggestion.text) == (6, 6, "lue")
    assert backend.requests == []


async def test_what_is_on_show_leaves_out_the_bracket_that_the_editor_has_closed():
    decision = await decide("x = f(|)", Backend(), standing=on_show("f(a)", 6))
    assert decision.suggestion.text == "a"


async def test_asking_by_hand_or_nothing_left_asks_the_engine_anew():
    by_hand = await decide("x = va|", Backend("lues"), standing=on_show("value", 6), automatic=False)
    assert by_hand.suggestion.text == "lues"
    nothing = await decide("x = f(|)", Backend("other"), standing=on_show("f()", 6))
    assert nothing.suggestion is None or nothing.suggestion.text == "other"
