"""`tactful train --own`, `--rollback` and `--store`, on a database of one who takes what the engine is sure of."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.acceptance.experienced import sure_or_not

from tactful import paths
from tactful.acceptance.artifact import describe, load
from tactful.cli.train import train
from tactful.core.types import Decision, Stage
from tactful.feedback.store import SqliteStore


def run(*arguments: object) -> Result:
    return CliRunner().invoke(train, list(map(str, arguments)))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("os.nice", lambda _: 0)  # of this process, which goes on with other tests
    return tmp_path


def fill(count: int) -> None:
    problems: list[str] = []
    store = SqliteStore(paths.database(), problems.append, now=lambda: 60.0 * count)
    for number, each in enumerate(sure_or_not(count)):
        decision = Decision(
            decision_id=str(number),
            uri="file:///a.py",
            language_id="python",
            decided_at=each.decided_at,
            mode="balanced",
            automatic=True,
            stage=Stage.SHOWN,
            reason="",
            suggestion=None,
            stage1_features=each.stage1_features,
            stage2_features=each.stage2_features,
        )
        assert each.outcome is not None
        assert each.outcome_at is not None
        store.record_decision(decision)
        store.record_outcome(str(number), each.outcome, each.outcome_at, 3)
    assert store.flush(30)
    store.close()
    assert problems == []


@pytest.mark.usefixtures("home")
def test_a_gate_that_does_better_takes_over_and_can_be_rolled_back() -> None:
    fill(500)
    shown = run("--own")
    assert shown.exit_code == 0, shown.output
    assert "gate is in use" in shown.stdout
    about = describe(paths.own_gate())
    assert about["log_loss"] < about["log_loss_before"]
    assert about["learned_from"] == 500
    assert load(paths.own_gate())
    assert "The gate that ships is in use again" in run("--rollback").stdout
    assert "none to go back to" in run("--rollback").stdout


@pytest.mark.usefixtures("home")
def test_too_few_outcomes_change_nothing() -> None:
    fill(20)
    shown = run("--own")
    assert (shown.exit_code, "too few" in shown.stdout) == (0, True)
    assert not paths.own_gate().exists()


def test_a_gate_can_be_trained_from_the_store_alone(home: Path) -> None:
    fill(300)
    shown = run("--store", "--out", home / "new")
    assert shown.exit_code == 0, shown.output
    assert "embedded: 300 suggestions" in shown.stdout
    assert sorted(path.name for path in (home / "new").iterdir()) == ["calibration.svg", "hiding.svg", "model.json"]


@pytest.mark.parametrize("arguments", [("--own", "--rollback"), ("--own", "--out", "x"), ("--store",)])
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2
