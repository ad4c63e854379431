"""`tactful report` as people run it: empty, locked, corrupt and unwritable are one clear sentence each."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tactful import paths
from tactful.cli import main
from tactful.core.features import SCHEMA
from tactful.core.types import Completion, Decision, Outcome, Stage, Suggestion
from tactful.feedback.store import SqliteStore


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["report", *map(str, arguments)])


@pytest.fixture
def database() -> Path:
    """Two decisions in the user's own database: one accepted, one hidden before it was generated."""
    path = paths.database()
    store = SqliteStore(path, on_problem=pytest.fail)
    completion = Completion(text="secret = 1", probability=0.5, source="document")
    shown = Decision(
        decision_id="d1",
        uri="file:///a.py",
        language_id="python",
        decided_at=1_800_000_000.0,
        mode="balanced",
        automatic=True,
        stage=Stage.SHOWN,
        reason="",
        suggestion=Suggestion(suggestion_id="d1", start=0, end=0, text=completion.text, completion=completion),
        completion=completion,
    )
    store.record_decision(shown)
    store.record_outcome("d1", Outcome.ACCEPTED, 1_800_000_002.0, 10)
    assert store.flush()
    store.close()
    return path


def test_without_a_database_it_says_so():
    result = run()
    assert result.exit_code == 0
    assert "Nothing has been decided yet" in result.output
    assert not paths.database().exists()


def test_the_short_form_is_printed(database):
    result = run()
    assert result.exit_code == 0
    assert "1 request" in result.output
    assert "kept 100% of 1 judged" in result.output
    assert "python" in result.output
    assert "secret" not in result.output


def test_the_page_is_written(database, tmp_path):
    result = run("--html", tmp_path / "report.html")
    assert (result.exit_code, result.output) == (0, f"The report is in {tmp_path / 'report.html'}.\n")
    assert "<h2>Over time</h2>" in (tmp_path / "report.html").read_text()
    assert "secret" not in (tmp_path / "report.html").read_text()


def test_another_database_can_be_read(database, tmp_path):
    database.rename(tmp_path / "other.sqlite3")
    assert "1 request" in run("--store", tmp_path / "other.sqlite3").output
    assert run("--store", tmp_path / "none.sqlite3").exit_code == 2


def test_a_corrupt_database_is_one_sentence(database):
    database.write_bytes(b"\xff" * 5000)
    result = run()
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert "cannot be read" in result.output
    assert "Move it away" in result.output


def test_a_locked_database_is_one_sentence(database):
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        result = run()
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert "locked" in result.output
    assert "try again" in result.output


def test_a_page_that_cannot_be_written_is_one_sentence(database, tmp_path):
    result = run("--html", tmp_path / "nowhere" / "report.html")
    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert "cannot be written" in result.output


def test_what_another_version_recorded_is_counted_without_words(database):
    with closing(sqlite3.connect(database)) as other:
        other.execute("INSERT INTO feature_sets VALUES (99, ?, ?)", (SCHEMA, '["odd"]'))
        other.execute("UPDATE decisions SET stage = 'gate1', stage1_set = 99, stage1_values = '[1]'")
        other.commit()
    result = run()
    assert result.exit_code == 0
    assert "recorded by another version" in result.output


def test_an_outcome_of_another_version_is_not_judged(database):
    with closing(sqlite3.connect(database)) as other:
        other.execute("UPDATE outcomes SET outcome = 'delighted'")
        other.commit()
    result = run()
    assert result.exit_code == 0
    assert "of 0 judged" in result.output
