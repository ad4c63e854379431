"""How plain trees and weights score, explain and treat what is unknown."""

import subprocess
import sys
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.acceptance.promises import Promises
from tactful.acceptance.scorer import (
    EMBEDDED,
    MODEL,
    Cascade,
    Linear,
    StageModel,
    Trees,
    TreeScorer,
    interpolate,
    kind_of,
    logit,
    rank,
    sigmoid,
)
from tactful.core.ports import ExplainingScorer
from tactful.core.types import Features

# Two trees: `a <= 1 ? -2 : 3`, and `b <= 0 ? -1 : (the first tree)`; unknown a goes left, unknown b right.
TREES = Trees(
    baseline=0.25,
    roots=(0, 3),
    feature=(0, -1, -1, 1, -1, 0, -1, -1),
    threshold=(1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0),
    missing_left=(1, 0, 0, 0, 0, 1, 0, 0),
    right=(2, 0, 0, 5, 0, 7, 0, 0),
    value=(0.5, -2.0, 3.0, 0.125, -1.0, 0.5, -2.0, 3.0),
)
LINEAR = Linear(intercept=0.1, weights=(2.0, 1.0), missing=(-0.3, 0.0), knots=((0.0, 1.0, 2.0), ()))


def stage(*members: tuple[float, Trees | Linear]) -> StageModel:
    return StageModel(
        names=("a", "b"),
        members=members,
        calibration_x=(-1.0, 1.0),
        calibration_y=(-2.0, 2.0),
    )


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ((1.0, -1.0), 0.25 - 2 - 1),  # at the threshold goes left
        ((1.5, -1.0), 0.25 + 3 - 1),
        ((1.5, 1.0), 0.25 + 3 + 3),
        ((nan, -1.0), 0.25 - 2 - 1),
        ((nan, nan), 0.25 - 2 - 2),  # unknown goes where training sent it: right in the second tree
        ((inf, -inf), 0.25 + 3 - 1),
    ],
)
def test_trees_walk_to_a_leaf(row: tuple[float, float], expected: float) -> None:
    assert TREES.log_odds(row) == pytest.approx(expected)


@given(st.floats(), st.floats())
def test_contributions_of_trees_sum_to_the_log_odds(a: float, b: float) -> None:
    moved = TREES.contributions((a, b))
    roots = sum(TREES.value[root] for root in TREES.roots)
    assert TREES.baseline + roots + sum(moved.values()) == pytest.approx(TREES.log_odds((a, b)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0, 0.1 - 1), (1.0, 0.1), (0.5, 0.1 - 0.5), (2.0, 0.1 + 1), (9.0, 0.1 + 1), (-9.0, 0.1 - 1), (nan, 0.1 - 0.3)],
)
def test_linear_weighs_ranks(value: float, expected: float) -> None:
    assert LINEAR.log_odds((value, 5.0)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0, -0.3), (1.0, 0.3), (0.5, 0.0), (-1.0, -0.5), (2.0, 0.5)],
)
def test_rank_of_a_flag_is_the_middle_of_its_run(value: float, expected: float) -> None:
    assert rank(value, (0.0, 0.0, 0.0, 1.0, 1.0, 1.0)) == pytest.approx(expected)


def test_rank_of_what_never_differs_is_the_middle() -> None:
    assert rank(3.0, (3.0, 3.0, 3.0)) == 0


@given(st.lists(st.integers(-5, 5), min_size=2, max_size=12), st.floats(-9, 9), st.floats(-9, 9))
def test_rank_ascends(knots: list[int], one: float, other: float) -> None:
    ascending = tuple(map(float, sorted(knots)))
    low, high = sorted((one, other))
    assert -0.5 <= rank(low, ascending) <= rank(high, ascending) + 1e-12 <= 0.5 + 2e-12


@pytest.mark.parametrize(("x", "expected"), [(0.0, 0.0), (0.5, 1.0), (1.5, 2.5), (3.0, 4.0), (-1.0, -2.0)])
def test_interpolates_and_goes_on_at_both_ends(x: float, expected: float) -> None:
    assert interpolate(x, (0.0, 1.0, 2.0), (0.0, 2.0, 3.0)) == pytest.approx(expected)


@given(st.floats(-700, 700))
def test_sigmoid_stays_a_probability(log_odds: float) -> None:
    assert 0 <= sigmoid(log_odds) <= 1


@given(st.floats(1e-6, 1 - 1e-6))
def test_logit_undoes_sigmoid(probability: float) -> None:
    assert sigmoid(logit(probability)) == pytest.approx(probability)


def test_a_stage_averages_members_and_calibrates() -> None:
    model = stage((0.5, TREES), (0.5, LINEAR))
    raw = (TREES.log_odds((1.5, 1.0)) + LINEAR.log_odds((1.5, 1.0))) / 2
    assert model.score({"b": 1.0, "a": 1.5, "unused": 7.0}) == pytest.approx(sigmoid(2 * raw))


def test_the_cascade_scores_each_stage_by_its_own_model() -> None:
    promises = Promises(shares=(0.05,), stage1=(0.4,), stage2=(0.5,))
    scorer = TreeScorer(
        cascades={EMBEDDED: Cascade(stage1=stage((1.0, LINEAR)), stage2=stage((1.0, TREES)), promises=promises)}
    )
    features = Features(schema=1, values={"a": 1.5, "b": 1.0})
    assert scorer.score_stage1(features) == pytest.approx(sigmoid(2 * LINEAR.log_odds((1.5, 1.0))))
    assert scorer.score_stage2(features) == pytest.approx(sigmoid(2 * TREES.log_odds((1.5, 1.0))))
    assert (scorer.threshold(1, 0.05, features), scorer.threshold(2, 0.05, features)) == (0.4, 0.5)
    assert isinstance(scorer, ExplainingScorer)
    assert dict(scorer.contributions(1, features)) == {"a": pytest.approx(0.5)}


def test_scoring_needs_neither_numpy_nor_scikit_learn() -> None:
    code = "import sys, tactful.acceptance.artifact; print({'numpy', 'sklearn', 'scipy'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"asks_model": 1.0}, MODEL),
        ({"asks_model": 0.0}, EMBEDDED),
        ({"asks_model": 1.0, "source_is_model": 0.0}, EMBEDDED),  # both were asked, and the engine was first
        ({"asks_model": nan}, EMBEDDED),
        ({}, EMBEDDED),
    ],
)
def test_the_kind_is_where_the_suggestion_comes_from(values: dict[str, float], kind: str) -> None:
    assert kind_of(Features(schema=1, values=values)) == kind


def test_each_kind_has_its_own_cascade_and_stands_in_for_the_other() -> None:
    one, other = (Cascade(stage1=stage((1.0, member)), stage2=stage((1.0, member))) for member in (LINEAR, TREES))
    both, alone = TreeScorer(cascades={EMBEDDED: one, MODEL: other}), TreeScorer(cascades={MODEL: other})
    embedded, model = (Features(schema=1, values={"asks_model": asked}) for asked in (0.0, 1.0))
    assert (both.cascade(embedded), both.cascade(model)) == (one, other)
    assert alone.cascade(embedded) == other
