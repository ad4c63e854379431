"""The figures that a gate is judged by."""

import numpy as np
import pytest

from tactful.acceptance.metrics import expected_calibration_error, hidden_at_lost, score_metrics, within_groups


def test_perfect_scores() -> None:
    found = score_metrics(np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, 0, 1, 1]))
    assert (found["auroc"], found["auprc"], found["ece"], found["brier"]) == (1, 1, 0, 0)
    assert found["unwanted_hidden_at_5pct_lost"] == 1


def test_one_kind_alone_cannot_be_ranked() -> None:
    found = score_metrics(np.array([0.5, 0.5]), np.array([0.0, 0]))
    assert found["auroc"] is None
    assert found["auprc"] is None
    assert found["ece"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("scores", "wanted", "expected"),
    [([0.5, 0.5], [0, 1], 0), ([0.9, 0.9], [0, 0], 0.9), ([0.25, 0.75], [0, 1], 0.25), ([1.0, 1.0], [1, 0], 0.5)],
)
def test_calibration_error(scores: list[float], wanted: list[float], expected: float) -> None:
    assert expected_calibration_error(np.array(scores), np.array(wanted, float)) == pytest.approx(expected)


def test_hidden_share_keeps_the_wanted() -> None:
    scores = np.array([0.1] * 50 + [0.6] * 50 + [0.5] * 20)
    wanted = np.array([0.0] * 100 + [1] * 20)
    assert hidden_at_lost(scores, wanted, 0.05) == 0.5


def test_ranking_within_groups_ignores_what_sets_groups_apart() -> None:
    scores = np.array([0.1, 0.2, 0.8, 0.9])
    wanted = np.array([1.0, 0, 1, 0])
    assert within_groups(scores, wanted, np.array(["a", "a", "b", "b"])) == 0
    assert within_groups(scores, np.array([0.0, 0, 1, 1]), np.array(["a", "a", "b", "b"])) is None
