"""The report's view of the database agrees with what the store was given."""

from dataclasses import replace
from pathlib import Path

import pytest
from test_store import HIDDEN, NOW, SHOWN

from tactful.core.types import Outcome, Stage
from tactful.feedback.store import SqliteStore
from tactful.feedback.totals import BLOCKS_A_DAY, Log, opened


def written(path: Path) -> None:
    store = SqliteStore(path, pytest.fail, now=lambda: NOW)
    store.record_decision(SHOWN)
    store.record_outcome("d1", Outcome.ACCEPTED, NOW + 2, 22)
    store.record_survival("d1", 30, 1.0)
    store.record_survival("d1", 300, 0.5)
    store.record_decision(replace(SHOWN, decision_id="d3", decided_at=NOW + 86_400))
    for number in range(3):
        store.record_decision(replace(HIDDEN, decision_id=f"h{number}", propensity=0.0))
    store.record_decision(replace(HIDDEN, decision_id="h9", stage=Stage.BACKEND, reason="nothing fits here"))
    assert store.flush()
    store.close()


def test_counts_rows_and_samples(tmp_path):
    written(tmp_path / "feedback.sqlite3")
    with opened(tmp_path / "feedback.sqlite3") as log:
        assert {(kind.stage, kind.reason, kind.had_a_chance): count for kind, count in log.quiet.items()} == {
            ("gate1", "", 0): 3,
            ("backend", "nothing fits here", 1): 1,
        }
        first, second = log.shown
        assert (first.outcome, first.outcome_at, first.accepted_chars) == ("accepted", NOW + 2, 22)
        assert first.kept_fraction == 0.5
        assert (first.score, first.propensity, first.chars, first.source) == (0.625, 0.98, 31, "document")
        assert (second.outcome, second.kept_fraction) == (None, None)
        assert second.block - first.block == BLOCKS_A_DAY
        assert list(log.ms_by_stage) == [{"gate1": 0.25}] * 6
        stages = [(stage, list(features.values)) for stage, features in log.hidden]
        assert stages == [(1, ["depth", "pause", "share"])] * 3


def test_days_begin_where_the_reader_lives(tmp_path):
    written(tmp_path / "feedback.sqlite3")

    def first_block(offset_s: int) -> int:
        with opened(tmp_path / "feedback.sqlite3", offset_s) as log:
            return next(iter(log.shown)).block

    assert first_block(0) == NOW // 10_800
    assert first_block(10_800) == first_block(0) + 1


def test_without_a_database_all_parts_are_empty(tmp_path):
    with opened(tmp_path / "none.sqlite3") as log:
        assert log == Log(quiet={}, shown=(), ms_by_stage=(), hidden=())
    assert list(tmp_path.iterdir()) == []
