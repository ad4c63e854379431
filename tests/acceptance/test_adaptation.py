"""A gate that goes along with its user: it learns from what is past, and from nothing else."""

from math import log1p, nan
from random import Random

import pytest

from tactful.acceptance.adaptation import AdaptiveScorer, adapted, offset
from tactful.acceptance.promises import Promises
from tactful.acceptance.rows import Row
from tactful.acceptance.scorer import EMBEDDED, MODEL, Cascade, Linear, StageModel, TreeScorer, sigmoid
from tactful.core.types import Features
from tactful.core.utility import least_score

NOTHING = Features(schema=2, values={})


def row(at: float, wanted: bool, *, group: str = "a", tells: bool = True, known_at: float | None = None) -> Row:
    known = at + 1 if known_at is None else known_at
    return Row(group=group, stage1=NOTHING, stage2=NOTHING, wanted=wanted, at=at, known_at=known, tells=tells)


def test_nothing_known_is_no_offset() -> None:
    assert offset([]) == 0


@pytest.mark.parametrize(("rate", "low", "high"), [(0.1, -2.3, -0.8), (0.5, -0.3, 0.3), (0.9, 0.8, 2.3)])
def test_the_offset_goes_to_the_programmers_own_rate(rate: float, low: float, high: float) -> None:
    random = Random(0)
    assert low < offset([(0.0, random.random() < rate) for _ in range(200)]) < high


def test_one_outcome_moves_little() -> None:
    assert 0 < offset([(0.0, True)]) < 0.2


def test_later_outcomes_count_more() -> None:
    early, late = [(0.0, True)] * 60 + [(0.0, False)] * 60, [(0.0, False)] * 60 + [(0.0, True)] * 60
    assert offset(early) < -0.3 < 0.3 < offset(late)


def test_outcomes_that_the_model_foresaw_teach_nothing() -> None:
    assert abs(offset([(8.0, True), (-8.0, False)] * 50)) < 0.01


def test_a_row_is_predicted_before_it_is_learned() -> None:
    rows = [row(float(number), True) for number in range(0, 40, 2)]
    found = adapted([0.0] * len(rows), rows)
    assert found[0] == 0
    assert found == sorted(found)
    assert found[-1] > 0.5
    assert adapted([0.0], [row(0.0, False)]) == adapted([0.0], [row(0.0, True)])


def test_no_score_changes_with_later_outcomes() -> None:
    rows = [row(float(number), number % 3 == 0) for number in range(30)]
    later = [*rows[:20], *(row(float(number), True) for number in range(20, 30))]
    assert adapted([0.1] * 30, rows)[:21] == adapted([0.1] * 30, later)[:21]


def test_an_outcome_that_is_not_known_yet_teaches_nothing() -> None:
    assert adapted([0.0] * 2, [row(0.0, True, known_at=9.0), row(5.0, True)]) == [0.0, 0.0]


def test_other_programmers_and_untold_outcomes_teach_nothing() -> None:
    rows = [row(0.0, False, group="b"), row(1.0, False, tells=False), row(9.0, True)]
    assert adapted([0.0] * 3, rows) == [0.0] * 3


def test_rows_without_times_are_left_alone() -> None:
    rows = [Row(group="a", stage1=NOTHING, stage2=NOTHING, wanted=True) for _ in range(9)]
    assert adapted([0.3] * 9, rows) == [0.3] * 9


def stage() -> StageModel:
    linear = Linear(intercept=-0.5, weights=(1.0,), missing=(0.0,), knots=((0.0, 1.0),))
    return StageModel(names=("depth",), members=((1.0, linear),), calibration_x=(-1.0, 1.0), calibration_y=(-1.0, 1.0))


def features(model: float = 0.0) -> Features:
    return Features(schema=2, values={"depth": 0.5, "asks_model": model, "source_is_model": model, "length": nan})


def test_the_server_adapts_as_evaluation_does() -> None:
    cascade = Cascade(stage1=stage(), stage2=stage(), promises=Promises(shares=(0.05,), stage1=(0.1,), stage2=(0.2,)))
    scorer = AdaptiveScorer(TreeScorer(cascades={EMBEDDED: cascade, MODEL: cascade}))
    rows = [row(float(2 * number), number % 4 != 0) for number in range(30)]
    plain = scorer.base.log_odds(2, features())
    expected = adapted([plain] * 30, rows)
    for number, each in enumerate(rows):
        assert scorer.score_stage2(features()) == pytest.approx(sigmoid(expected[number]))
        scorer.learn(str(number), features(), features(), each.wanted)
    assert scorer.score_stage1(features()) > scorer.base.score_stage1(features())
    assert scorer.score_stage2(features(1.0)) == scorer.base.score_stage2(features(1.0))  # the other kind
    assert scorer.contributions(2, features()) == scorer.base.contributions(2, features())


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("chars", [3, 10, 40])
def test_the_promise_hides_the_same_whoever_uses_the_gate(wanted: bool, chars: int) -> None:
    cascade = Cascade(stage1=stage(), stage2=stage(), promises=Promises(shares=(0.05,), stage1=(0.3,), stage2=(0.4,)))
    base = TreeScorer(cascades={EMBEDDED: cascade})
    scorer = AdaptiveScorer(base)
    for number in range(60):
        scorer.learn(str(number), features(), features(), wanted)
    for depth in [number / 50 for number in range(51)]:
        asked = Features(schema=2, values={**features().values, "depth": depth, "length": log1p(chars)})
        assert hidden(scorer, asked, chars) == hidden(base, asked, chars)


def hidden(scorer: TreeScorer | AdaptiveScorer, asked: Features, chars: float) -> list[bool]:
    """Return for both stages whether the promise lets a suggestion of so many characters be hidden."""
    first = scorer.score_stage1(asked) < scorer.threshold(1, 0.05, asked)
    return [first, scorer.score_stage2(asked) < least_score(scorer.threshold(2, 0.05, asked), chars)]


def test_a_later_word_on_the_same_suggestion_counts() -> None:
    cascade = Cascade(stage1=stage(), stage2=stage())
    changed, straight = (AdaptiveScorer(TreeScorer(cascades={EMBEDDED: cascade})) for _ in range(2))
    changed.learn("s", features(), features(), True)
    changed.learn("s", features(), features(), False)
    straight.learn("s", features(), features(), False)
    assert changed.score_stage2(features()) == straight.score_stage2(features())
