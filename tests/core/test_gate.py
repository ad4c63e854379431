"""When the gate shows and hides, and the words it finds for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log1p
from typing import Any

import pytest

from tactful.core.features import STAGE2_NAMES
from tactful.core.gate import _PHRASES, GatePolicy, GateVerdict, spoken_against, stage1, stage2
from tactful.core.ports import Scorer
from tactful.core.types import Features
from tactful.core.utility import Pace

THRESHOLDS = {0.01: 0.1, 0.05: 0.3, 0.15: 0.6}
TEN = log1p(10)  # the length, as the features have it, of the suggestion that others are compared with


@dataclass(frozen=True)
class PlainScorer:
    score: float

    def score_stage1(self, features: Features) -> float:
        return self.score

    def score_stage2(self, features: Features) -> float:
        return self.score / 2

    def threshold(self, stage: int, max_lost: float, features: Features) -> float:
        return THRESHOLDS[round(max_lost, 6)]


@dataclass(frozen=True)
class TalkingScorer(PlainScorer):
    moved: Mapping[str, float] = field(default_factory=dict)

    def contributions(self, stage: int, features: Features) -> Sequence[tuple[str, float]]:
        return tuple(self.moved.items())


def decide(scorer: PlainScorer | None, mode: str = "balanced", draw: float = 1.0, **values: float) -> GateVerdict:
    return stage1(Features(schema=1, values=values), scorer, GatePolicy(mode=mode, exploration=0.02), draw)


@pytest.mark.parametrize(
    ("score", "mode", "show"),
    [
        (0.2, "eager", True),
        (0.2, "balanced", False),
        (0.3, "balanced", True),
        (0.5, "quiet", False),
        (0.0, "off", True),
    ],
)
def test_the_mode_sets_the_bar(score: float, mode: str, show: bool) -> None:
    assert decide(PlainScorer(score), mode).show is show


def test_stage_2_uses_its_own_score() -> None:
    verdict = stage2(Features(schema=1, values={"length": TEN}), PlainScorer(0.5), GatePolicy())
    assert (verdict.show, verdict.score) == (False, 0.25)


def second(score: float, chars: int, **policy: Any) -> GateVerdict:
    features = Features(schema=1, values={"length": log1p(chars)})
    return stage2(features, PlainScorer(2 * score), GatePolicy(**policy))


def test_what_saves_time_is_shown_even_below_the_promise() -> None:
    # Half of such suggestions are wanted, and 60 characters take 14 s to write and 2 s to read.
    assert not second(0.25, 10).show
    assert second(0.25, 60, mode="quiet", max_lost=0.05).show


def test_what_costs_time_is_shown_where_nothing_can_be_promised() -> None:
    class Silent(PlainScorer):
        def threshold(self, stage: int, max_lost: float, features: Features) -> float:
            return 0.0

    assert stage2(Features(schema=1, values={"length": log1p(2)}), Silent(0.001), GatePolicy()).show


def test_a_slow_typist_is_shown_more() -> None:
    slow = Pace(write_s_per_char=2.0)
    assert not second(0.2, 10).show
    assert second(0.2, 10, pace=slow).show


def test_what_may_be_lost_grows_from_eager_to_quiet_with_the_setting() -> None:
    shares = [GatePolicy(mode=mode, max_lost=0.04).promise for mode in ("off", "eager", "balanced", "quiet")]
    assert shares == pytest.approx([0, 0.008, 0.04, 0.12])


def test_without_a_model_the_gate_is_open() -> None:
    verdict = decide(None)
    assert (verdict.show, verdict.score, verdict.propensity) == (True, None, 1.0)
    assert verdict.reason == "the gate has no model"


def test_off_asks_no_model() -> None:
    verdict = decide(PlainScorer(0.0), "off")
    assert (verdict.show, verdict.score, verdict.reason) == (True, None, "the gate is off")


def test_a_low_draw_explores() -> None:
    verdict = decide(PlainScorer(0.1), draw=0.01)
    assert verdict.show
    assert verdict.propensity == 0.02
    assert verdict.reason.startswith("shown to learn from it; score 0.10 below 0.30")


def test_hiding_says_how_likely_it_was_to_explore() -> None:
    assert decide(PlainScorer(0.1), draw=0.02).propensity == 0.02


def test_showing_is_certain() -> None:
    assert decide(PlainScorer(0.9), draw=0.01).propensity == 1.0


def against(scorer: Scorer, **values: float) -> str:
    return spoken_against(1, Features(schema=1, values=values), scorer)


def test_the_strongest_contributions_come_first() -> None:
    scorer = TalkingScorer(0.07, {"in_comment": -0.5, "engine_probability": -2.0, "in_string": -0.1, "depth": -9.0})
    values = {"in_comment": 1.0, "engine_probability": 0.1, "in_string": 1.0, "depth": 1.0}
    assert decide(scorer, **values).reason == "score 0.07 below 0.30"
    assert against(scorer, **values) == "low engine confidence, inside a comment"


def test_a_phrase_that_is_not_true_is_not_said() -> None:
    scorer = TalkingScorer(0.07, {"in_comment": -2.0, "engine_probability": -1.0})
    assert against(scorer, in_comment=0.0, engine_probability=0.9) == "nothing speaks for it"


def test_one_phrase_is_said_once() -> None:
    scorer = TalkingScorer(0.07, {"engine_probability": -2.0, "total_logprob": -1.0})
    assert against(scorer, engine_probability=0.1, total_logprob=-3.0) == "low engine confidence"


def test_what_spoke_for_it_is_not_held_against_it() -> None:
    assert "comment" not in against(TalkingScorer(0.07, {"in_comment": 2.0}), in_comment=1.0)


def test_unknown_values_are_not_named() -> None:
    assert "engine" not in against(PlainScorer(0.07), engine_probability=float("nan"))


def test_every_phrase_is_for_a_feature() -> None:
    assert set(_PHRASES) <= set(STAGE2_NAMES)
