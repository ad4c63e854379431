"""Training: exported models equal scikit-learn's own, groups stay apart, too little data is refused."""

from itertools import pairwise
from math import nan
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from tactful.acceptance.artifact import load, save
from tactful.acceptance.calibrate import calibration_points
from tactful.acceptance.evaluate import evaluate
from tactful.acceptance.members import Matrix, Vector, export_trees, fit_linear
from tactful.acceptance.rows import Row
from tactful.acceptance.scorer import interpolate, rank, sigmoid
from tactful.acceptance.train import NotEnoughData, Trained, fit
from tactful.core.features import STAGE1_NAMES, STAGE2_NAMES
from tactful.core.types import Features


def table(count: int, seed: int = 0) -> tuple[Matrix, Vector]:
    """Return features of many kinds (numbers, flags, a third unknown, one constant) and labels that follow them."""
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(count, 5))
    matrix[:, 1] = matrix[:, 1] > 0
    matrix[:, 3] = 7.0
    matrix[random.random(count) < 0.3, 2] = nan
    signal = matrix[:, 0] + matrix[:, 1] + np.isnan(matrix[:, 2])
    return matrix, (signal + random.normal(size=count) > 1).astype(float)


def test_exported_trees_equal_scikit_learn() -> None:
    matrix, wanted = table(800)
    model = HistGradientBoostingClassifier(max_iter=40, random_state=0).fit(matrix, wanted)
    other, _ = table(500, seed=1)
    other[:5] = [[nan] * 5, [1e300] * 5, [-1e300] * 5, [0.0] * 5, [np.inf] * 5]
    trees = export_trees(model)
    ours = [sigmoid(trees.log_odds(row)) for row in other.tolist()]
    assert ours == pytest.approx(model.predict_proba(other)[:, 1].tolist(), abs=1e-9)


def test_exported_weights_equal_scikit_learn() -> None:
    matrix, wanted = table(400)
    linear = fit_linear(matrix, wanted, np.ones(400), [f"f{n}" for n in range(5)], 0)
    design = np.array(
        [[0 if v != v else rank(v, k) for v, k in zip(row, linear.knots, strict=True)] for row in matrix.tolist()]
    )
    design = np.hstack([design, np.isnan(matrix)])
    model = LogisticRegression(C=0.1, max_iter=2_000, random_state=0).fit(design, wanted)
    ours = [sigmoid(linear.log_odds(row)) for row in matrix.tolist()]
    assert ours == pytest.approx(model.predict_proba(design)[:, 1].tolist(), abs=1e-9)


@pytest.mark.parametrize("count", [500, 6_000])
def test_calibration_makes_scores_honest(count: int) -> None:
    random = np.random.default_rng(0)
    truth = random.random(count)
    wanted = (random.random(count) < truth).astype(float)
    raw = 3 * np.log(truth / (1 - truth)) + 2  # far too sure, and shifted
    xs, ys = calibration_points(raw, wanted)
    found = np.array([sigmoid(interpolate(value, xs, ys)) for value in raw])
    assert float(np.abs(found - truth).mean()) < 0.04
    assert all(a <= b for a, b in pairwise(ys))


def rows(count: int = 600, groups: int = 6, seed: int = 0) -> list[Row]:
    random = np.random.default_rng(seed)
    found = []
    for number in range(count):
        probability, dot, noise = random.random(), float(random.random() < 0.5), random.normal()
        values = dict.fromkeys(STAGE2_NAMES, 0.0)
        values.update(engine_probability=probability, after_dot=dot, indent=noise, in_string=nan)
        wanted = bool(random.random() < 0.6 * probability + 0.3 * dot)
        generated = random.random() < 0.9
        found.append(
            Row(
                group=f"g{number % groups}",
                stage1=Features(schema=1, values={name: values[name] for name in STAGE1_NAMES}),
                stage2=Features(schema=1, values=values) if generated else None,
                wanted=wanted and generated,
            )
        )
    return found


@pytest.fixture(scope="module")
def trained() -> Trained:
    return fit(rows(1_500), seed=0)


def test_learns_what_matters(trained: Trained) -> None:
    assert trained.about["cascades"]["embedded"]["stage1"]["auroc"] > 0.6
    assert trained.about["cascades"]["embedded"]["stage2"]["auroc"] > 0.7
    assert trained.about["cascades"]["embedded"]["stage2"]["ece"] < 0.08


def test_survives_the_disk_to_the_last_bit(trained: Trained, tmp_path: Path) -> None:
    save(tmp_path, trained.scorer, trained.about)
    again = load(tmp_path)
    for row in rows(50, seed=5):
        assert again.score_stage1(row.stage1) == trained.scorer.score_stage1(row.stage1)
        if row.stage2 is not None:
            assert again.score_stage2(row.stage2) == trained.scorer.score_stage2(row.stage2)


def test_same_seed_same_gate(trained: Trained) -> None:
    assert fit(rows(1_500), seed=0).scorer == trained.scorer


def test_quieter_modes_hide_more_and_keep_their_promise(trained: Trained) -> None:
    found = evaluate(trained.scorer, rows(3_000, seed=9))["modes"]
    hidden = [found[mode]["hidden"] for mode in ("eager", "balanced", "quiet")]
    assert hidden == sorted(hidden)
    assert found["balanced"]["wanted_lost"] < 0.07
    assert found["quiet"]["unwanted_hidden"] > found["quiet"]["wanted_lost"] + 0.1


def test_the_trained_gate_ranks_rows_that_it_has_not_seen(trained: Trained) -> None:
    found = evaluate(trained.scorer, rows(1_000, seed=9))
    assert found["auroc"] > 0.7
    assert found["users"] == 6
    assert found["n"] == found["moments"] - sum(row.stage2 is None for row in rows(1_000, seed=9))


def test_an_unknown_probability_can_still_be_scored(trained: Trained) -> None:
    unknown = Features(schema=1, values=dict.fromkeys(STAGE2_NAMES, nan))
    assert 0 < trained.scorer.score_stage2(unknown) < 1


def test_one_group_alone_is_split_by_order() -> None:
    assert fit(rows(400, groups=1)).about["cascades"]["embedded"]["stage2"]["auroc"] > 0.6


@pytest.mark.parametrize("count", [0, 40])
def test_too_few_rows_are_refused(count: int) -> None:
    with pytest.raises(NotEnoughData, match="are too few"):
        fit(rows(count))


def test_rows_of_one_kind_are_refused() -> None:
    with pytest.raises(NotEnoughData, match="0 of them wanted"):
        fit([Row(group=row.group, stage1=row.stage1, stage2=row.stage2, wanted=False) for row in rows(300)])


def test_tells_its_progress() -> None:
    heard: list[tuple[int, int]] = []
    fit(rows(200), progress=lambda what, done, total: heard.append((done, total)))
    assert heard == [(step, heard[0][1]) for step in range(heard[0][1])]


def test_nothing_shown_cannot_be_judged(trained: Trained) -> None:
    with pytest.raises(ValueError, match="no suggestion"):
        evaluate(trained.scorer, [row for row in rows(50) if row.stage2 is None])
