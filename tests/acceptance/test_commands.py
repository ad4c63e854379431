"""`tactful train`, `evaluate` and `replay` as scripts use them: exit codes, messages, what is printed."""

import json
import sys
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result

from tactful.acceptance.artifact import FILE_NAME, load
from tactful.acceptance.promises import SHARES
from tactful.acceptance.scorer import MODEL
from tactful.cli.evaluate import evaluate
from tactful.cli.replay import replay
from tactful.cli.train import train


def run(command: object, *arguments: object) -> Result:
    return CliRunner().invoke(command, list(map(str, arguments)))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def decisions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return 300 decisions of four programmers, who accept what is likely."""
    random, lines = Random(0), []
    for number in range(300):
        logprob = -random.random()
        measurements = {"meanLogProb": logprob, "numTokens": random.randint(1, 9)}
        lines.append(
            json.dumps(
                {
                    "user": f"p{number % 4}",
                    "prefix": "x = 1\n" * random.randint(1, 5) + random.choice(["x = ", "foo(", "# a"]),
                    "suggestion": random.choice(["foo(1)", "bar", "a\n    b"]),
                    "measurements": measurements,
                    "accepted": random.random() < 1 + logprob,
                }
            )
        )
    path = tmp_path_factory.mktemp("data") / "decisions.jsonl"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project") / "shop"
    folder.mkdir()
    for number in range(6):
        lines = [f"def price_{n}(item, count):\n    return item.price * count + {n}\n\n" for n in range(15)]
        (folder / f"m{number}.py").write_text(f"import m{number}\n\n\n" + "\n".join(lines))
    return folder


@pytest.fixture(scope="module")
def trained(decisions: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models") / "gate"
    shown = run(train, "--decisions", decisions, "--out", out)
    assert shown.exit_code == 0, shown.output
    assert str(out / FILE_NAME) in shown.stdout
    assert "model: 300 suggestions at 300 moments of 4 groups" in shown.stdout
    return out


def test_training_writes_a_gate_that_loads(trained: Path) -> None:
    assert load(trained).cascades[MODEL].promises.shares == SHARES


def test_evaluate_prints_one_object(trained: Path, decisions: Path) -> None:
    shown = run(evaluate, "--model", trained, "--decisions", decisions, "--json")
    found = json.loads(shown.stdout)
    assert shown.exit_code == 0
    assert (found["n"], found["users"]) == (300, 4)
    assert found["auroc"] > 0.6
    for key in ("auprc", "ece", "brier", "hidden", "hidden_precision", "rejects_hidden_at_5pct_lost_accepts"):
        assert key in found
        assert key in found["stage1"]
    assert 0 <= found["stage1"]["auroc"] <= 1


def test_evaluate_prints_a_table_for_people(trained: Path, decisions: Path) -> None:
    shown = run(evaluate, "--model", trained, "--decisions", decisions)
    assert "300 suggestions at 300 moments of 4 projects or programmers" in shown.stdout
    assert "balanced" in shown.stdout


def test_evaluate_types_through_projects(trained: Path, project: Path) -> None:
    found = json.loads(run(evaluate, "--model", trained, "--replay", project, "--stops", 60, "--json").stdout)
    assert found["moments"] == 60
    assert 0 < found["n"] <= 60


def test_replay_counts_what_is_shown(trained: Path, project: Path) -> None:
    shown = run(replay, project, "--model", trained, "--lines", 40, "--fit", project, "--json")
    assert shown.exit_code == 0, shown.output
    found = json.loads(shown.stdout)
    policies = found["policies"]
    assert found["lines"] >= 40
    assert set(policies["never"].values()) == {0.0, policies["never"]["asked"], policies["never"]["generations_saved"]}
    assert policies["always"]["generations_saved"] == 0
    assert policies["always"]["kept"] > 0
    assert {"filter 2022", "CDHF, a quarter", "CDHF, 95% right", "quiet"} < set(policies)
    again = run(replay, project, "--model", trained, "--lines", 40, "--fit", project)
    assert f"{found['lines']} lines in {found['files']} files" in again.stdout
    assert f"{policies['balanced']['seconds_saved']:.1f} ±" in again.stdout


def test_too_little_to_train_on_exits_with_1(project: Path, tmp_path: Path) -> None:
    shown = run(train, "--replay", project, "--stops", 10, "--out", tmp_path / "gate")
    assert shown.exit_code == 1
    assert "too few to train on" in shown.stderr
    assert not (tmp_path / "gate").exists()


def test_a_folder_without_python_exits_with_1(trained: Path, tmp_path: Path) -> None:
    for shown in (run(replay, tmp_path, "--model", trained), run(evaluate, "--replay", tmp_path, "--model", trained)):
        assert shown.exit_code == 1
        assert "Python file" in shown.stderr or "nothing to judge by" in shown.stderr


def test_no_source_to_judge_by_is_a_usage_error() -> None:
    shown = run(evaluate)
    assert shown.exit_code == 2
    assert "--replay FOLDER or --decisions FILE" in shown.stderr


def test_training_without_a_source_types_through_the_standard_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tactful.cli.train.library_projects", lambda: (tmp_path / "package",))
    (tmp_path / "package").mkdir()
    shown = run(train, "--out", tmp_path / "gate")
    assert shown.exit_code == 1  # that package is empty, and there is nothing else to learn from
    assert not (tmp_path / "gate" / "model.json").exists()


def test_a_file_that_is_no_recording_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_text('{"accepted": true}\nnonsense\n')
    shown = run(train, "--decisions", tmp_path / "d.jsonl", "--out", tmp_path / "gate")
    assert shown.exit_code == 2
    assert "line 2 is not valid JSON" in shown.stderr


def test_an_unusable_gate_exits_with_1(decisions: Path, tmp_path: Path) -> None:
    shown = run(evaluate, "--model", tmp_path, "--decisions", decisions)
    assert shown.exit_code == 1
    assert "cannot be used" in shown.stderr


def test_a_folder_that_cannot_be_written_is_named(decisions: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    shown = run(train, "--decisions", decisions, "--out", tmp_path / "file" / "gate")
    assert shown.exit_code == 1
    assert "cannot be written" in shown.stderr


def test_without_scikit_learn_it_says_what_to_install(
    decisions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith(("sklearn", "tactful.acceptance."))]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("sklearn", "sklearn.ensemble", "sklearn.metrics", "sklearn.linear_model", "sklearn.isotonic"):
        monkeypatch.setitem(sys.modules, name, None)
    shown = run(train, "--decisions", decisions, "--out", tmp_path / "gate")
    assert shown.exit_code == 1
    assert "tactful[train]" in shown.stderr
