"""Policies as the replay asks them."""

from dataclasses import dataclass, field

import pytest

from tactful.acceptance.policies import Always, Cascade, Remembering, Shown, gate_policies
from tactful.core.types import Features


@dataclass
class Counting:
    score: float
    calls: list[Features] = field(default_factory=list)

    def score_stage1(self, features: Features) -> float:
        self.calls.append(features)
        return self.score

    def score_stage2(self, features: Features) -> float:
        self.calls.append(features)
        return self.score / 2

    def threshold(self, stage: int, max_lost: float, features: Features) -> float:
        return 0.1


def features(length: float = 2.4) -> Features:
    return Features(schema=1, values={"length": length})


def test_never_and_always() -> None:
    assert Always().generates(features())
    assert Always().shows(features()) == Shown()
    assert not Always(share=0).generates(features())
    assert Always(share=0).shows(features()) is None


@pytest.mark.parametrize(("score", "generates", "shows"), [(0.9, True, True), (0.5, True, False), (0.2, False, False)])
def test_a_cascade_has_a_threshold_for_each_stage(score: float, generates: bool, shows: bool) -> None:
    policy = Cascade(scorer=Counting(score), threshold1=0.4, threshold2=0.4)
    assert policy.generates(features()) is generates
    assert (policy.shows(features()) is not None) is shows


def test_the_gate_lets_uncertain_suggestions_wait_and_sure_ones_not() -> None:
    uncertain = gate_policies(Counting(0.3), max_lost=0.05, max_delay_ms=400)
    waits = [uncertain[mode].shows(features()) for mode in ("eager", "balanced", "quiet", "no delay")]
    assert [wait is not None and wait.wait_s > 0 for wait in waits] == [True, True, True, False]
    sure = gate_policies(Counting(1.8), max_lost=0.05, max_delay_ms=400)
    assert sure["balanced"].shows(features()) == Shown()


def test_a_moment_is_scored_once_for_all_policies() -> None:
    counting = Counting(0.3)
    scorer = Remembering(scorer=counting)
    one, other = features(), features()
    assert [scorer.score_stage1(one), scorer.score_stage1(one), scorer.score_stage2(one)] == [0.3, 0.3, 0.15]
    assert len(counting.calls) == 2
    scorer.score_stage1(other)
    assert len(counting.calls) == 3
