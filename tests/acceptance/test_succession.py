"""A new gate takes over only if it would have done better on what came later."""

from pathlib import Path

import pytest
from tests.acceptance.experienced import sure_or_not

from tactful.acceptance.artifact import FILE_NAME, save
from tactful.acceptance.experience import rows_of_experience
from tactful.acceptance.own import load_in_use, roll_back, take_over
from tactful.acceptance.promises import Promises
from tactful.acceptance.rows import Row
from tactful.acceptance.scorer import EMBEDDED, Cascade, Linear, StageModel, TreeScorer
from tactful.acceptance.succession import contest, recalibrated
from tactful.acceptance.train import fit


def gate(slope: float = 1.0, intercept: float = 0.0) -> TreeScorer:
    """Return a gate whose log-odds are a line through the rank of the mean log-probability."""
    linear = Linear(intercept=0.0, weights=(6.0,), missing=(0.0,), knots=((-3.0, 0.0),))
    stage = StageModel(
        names=("mean_logprob",),
        members=((1.0, linear),),
        calibration_x=(-1.0, 1.0),
        calibration_y=(intercept - slope, intercept + slope),
        lost_5pct=0.2,
    )
    first = StageModel(
        names=("depth",),
        members=((1.0, Linear(intercept=0.0, weights=(0.0,), missing=(0.0,), knots=((0.0, 1.0),))),),
        calibration_x=(-1.0, 1.0),
        calibration_y=(-1.0, 1.0),
    )
    promises = Promises(shares=(0.05,), stage1=(0.0,), stage2=(0.3,))
    return TreeScorer(cascades={EMBEDDED: Cascade(stage1=first, stage2=stage, promises=promises)})


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(rows_of_experience(sure_or_not(500)))


def test_a_far_better_gate_wins(rows: list[Row]) -> None:
    found = contest(rows, gate(slope=-0.5), lambda _: gate(slope=1.0))
    assert found is not None
    assert found.wins
    assert found.new < found.old - 0.1
    assert found.rows == 250  # the later half


@pytest.mark.parametrize("slope", [1.0, -0.5])
def test_the_same_or_a_worse_gate_does_not(rows: list[Row], slope: float) -> None:
    found = contest(rows, gate(slope=1.0), lambda _: gate(slope=slope))
    assert found is not None
    assert not found.wins


def test_the_candidate_sees_only_what_came_before(rows: list[Row]) -> None:
    seen: list[int] = []

    def candidate(part: list[Row] | object) -> TreeScorer:
        assert isinstance(part, list)
        seen.append(len(part))
        assert part == rows[: len(part)]
        return gate()

    contest(rows, gate(), candidate)
    assert seen == [250, 300, 350, 400, 450]


def test_a_way_of_learning_that_has_nothing_to_offer_is_no_contest(rows: list[Row]) -> None:
    assert contest(rows, gate(), lambda _: None) is None
    assert contest([], gate(), lambda _: gate()) is None


def test_recalibration_makes_scores_fit_and_hides_the_same(rows: list[Row]) -> None:
    base = gate(slope=4.0, intercept=-5.0)  # far too sure, and far too low
    better = recalibrated(base, rows)
    assert better is not None
    mean = sum(better.score_stage2(row.stage2) for row in rows if row.stage2) / len(rows)
    assert mean == pytest.approx(sum(row.wanted for row in rows) / len(rows), abs=0.02)
    for row in rows[:50]:
        assert row.stage2 is not None
        below = [gate_.score_stage2(row.stage2) < gate_.threshold(2, 0.05, row.stage2) for gate_ in (base, better)]
        assert below[0] == below[1]
    assert better.threshold(1, 0.05, rows[0].stage1) == 0  # nothing is promised of stage 1 still
    result = contest(rows, base, lambda part: recalibrated(base, part))
    assert result is not None
    assert result.wins


def test_too_few_rows_change_nothing(rows: list[Row]) -> None:
    assert recalibrated(gate(), rows[:30]) is None


def test_retraining_wins_where_recalibrating_cannot(rows: list[Row]) -> None:
    base = gate(slope=-1.0)  # ranks the wrong way round
    result = contest(rows, base, lambda part: fit(part).scorer)
    assert result is not None
    assert result.wins


def test_the_way_back_ends_at_the_gate_that_ships(tmp_path: Path) -> None:
    own = tmp_path / "gate"
    assert load_in_use(own)[1] is None
    assert "none to go back to" in roll_back(own)
    take_over(own, gate(slope=1.0), {})
    take_over(own, gate(slope=2.0), {})
    assert load_in_use(own)[0] == gate(slope=2.0)
    assert "learned before" in roll_back(own)
    assert load_in_use(own)[0] == gate(slope=1.0)
    assert "ships" in roll_back(own)
    assert not (own / FILE_NAME).exists()


def test_an_own_gate_that_cannot_be_used_makes_room_for_the_one_that_ships(tmp_path: Path) -> None:
    save(tmp_path, gate(), {})
    (tmp_path / FILE_NAME).write_text("{}")
    scorer, problem = load_in_use(tmp_path)
    assert problem is not None
    assert "cannot be used" in problem
    assert "ships" in problem
    assert scorer.cascades.keys() >= {EMBEDDED}
