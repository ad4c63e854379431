"""The feedback database: what is written is read again, and trouble costs one message and no record."""

import math
import os
import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tactful.core.errors import StoreError
from tactful.core.types import Completion, Decision, Features, Outcome, Stage, Suggestion
from tactful.feedback import reading
from tactful.feedback.schema import VERSION
from tactful.feedback.store import SqliteStore

NOW = 1_800_000_000.0
SECRET = "secret_source_text = 1"

SHOWN = Decision(
    decision_id="d1",
    uri="file:///home/someone/project/private.py",
    language_id="python",
    decided_at=NOW,
    mode="balanced",
    automatic=True,
    stage=Stage.SHOWN,
    reason="wanted",
    suggestion=Suggestion(
        suggestion_id="d1",
        start=3,
        end=3,
        text=SECRET + "\n    pass",
        completion=Completion(text=SECRET, probability=0.75, source="document"),
    ),
    stage1_features=Features(schema=2, values={"depth": 3.0, "pause": math.nan, "share": 0.1}),
    stage1_score=0.5,
    stage2_features=Features(schema=2, values={"length": 31.0}),
    stage2_score=0.625,
    propensity=0.98,
    ms_by_stage={"gate1": 0.25},
)
HIDDEN = replace(
    SHOWN, decision_id="d2", stage=Stage.GATE1, reason="in a comment", suggestion=None, stage2_features=None
)

MakeStore = Callable[..., SqliteStore]


@pytest.fixture
def problems() -> list[str]:
    return []


@pytest.fixture
def told() -> threading.Event:
    return threading.Event()


@pytest.fixture
def make_store(tmp_path: Path, problems: list[str], told: threading.Event) -> Iterator[MakeStore]:
    stores: list[SqliteStore] = []

    def on_problem(message: str) -> None:
        problems.append(message)
        told.set()

    def make(path: Path = tmp_path / "data" / "feedback.db", **options: float) -> SqliteStore:
        options = {"retry_s": 0.01, "busy_timeout_s": 0.01, **options}
        stores.append(SqliteStore(path, on_problem, now=lambda: NOW, **options))  # type: ignore[arg-type]
        return stores[-1]

    yield make
    for store in stores:
        store.close()


def test_reads_again_what_was_written(make_store: MakeStore, problems: list[str]) -> None:
    store = make_store()
    store.record_decision(SHOWN)
    store.record_decision(HIDDEN)
    store.record_outcome("d1", Outcome.PARTLY_ACCEPTED, NOW + 1, 4)
    store.record_outcome("d1", Outcome.ACCEPTED, NOW + 2, 22)
    store.record_survival("d1", 30, 1.0)
    store.record_survival("d1", 300, 0.5)
    shown, hidden = store.decisions_with_outcomes()
    assert (shown.decision_id, shown.stage, shown.language_id, shown.automatic) == ("d1", Stage.SHOWN, "python", True)
    assert shown.stage1_features is not None
    assert shown.stage1_features.schema == 2
    assert list(shown.stage1_features.values) == ["depth", "pause", "share"]
    assert shown.stage1_features.values["share"] == 0.1
    assert math.isnan(shown.stage1_features.values["pause"])
    assert (shown.stage1_score, shown.stage2_score, shown.propensity) == (0.5, 0.625, 0.98)
    assert (shown.suggestion_chars, shown.suggestion_lines) == (31, 2)
    assert (shown.source, shown.probability, shown.ms_by_stage) == ("document", 0.75, {"gate1": 0.25})
    assert (shown.outcome, shown.outcome_at, shown.accepted_chars) == (Outcome.ACCEPTED, NOW + 2, 22)
    assert (shown.kept_30_s, shown.kept_5_min) == (1.0, 0.5)
    assert (hidden.stage, hidden.reason, hidden.suggestion_chars, hidden.outcome) == (
        Stage.GATE1,
        "in a comment",
        None,
        None,
    )
    assert hidden.stage2_features is None
    assert hidden.uri_hash == shown.uri_hash
    assert problems == []


def test_what_was_generated_but_hidden_counts_by_length(make_store: MakeStore) -> None:
    store = make_store()
    store.record_decision(replace(HIDDEN, completion=Completion(text="abc", probability=0.1, source="workspace")))
    (row,) = store.decisions_with_outcomes()
    assert (row.suggestion_chars, row.source, row.probability) == (3, "workspace", 0.1)


def test_holds_neither_source_text_nor_paths(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store()
    store.record_decision(SHOWN)
    store.record_decision(replace(HIDDEN, completion=Completion(text=SECRET, probability=0.1)))
    store.close()
    content = b"".join(part.read_bytes() for part in (tmp_path / "data").iterdir())
    assert b"in a comment" in content
    assert b"secret" not in content
    assert b"private" not in content
    assert b"someone" not in content


def test_only_its_owner_can_read_it(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store()
    store.record_decision(SHOWN)
    assert store.flush()
    assert {stat.S_IMODE(part.stat().st_mode) for part in (tmp_path / "data").iterdir()} == {0o600}


def test_document_hashes_differ_between_databases(make_store: MakeStore, tmp_path: Path) -> None:
    hashes = set()
    for name in ("a.db", "b.db"):
        store = make_store(tmp_path / name)
        store.record_decision(SHOWN)
        hashes.update(row.uri_hash for row in store.decisions_with_outcomes())
    assert len(hashes) == 2


def test_counts_and_recent_history(make_store: MakeStore) -> None:
    store = make_store()
    store.record_decision(SHOWN)
    store.record_decision(HIDDEN)
    for number, outcome in enumerate([Outcome.REJECTED, Outcome.UNSEEN, Outcome.ACCEPTED]):
        store.record_outcome(f"d{number}", outcome, NOW + number, 0)
    counts = store.counts()
    assert (counts.decisions, counts.shown, counts.first_at) == (2, 1, NOW)
    assert counts.by_outcome[Outcome.REJECTED] == 1
    assert counts.bytes_on_disk > 0
    assert store.recent_history(10) == (Outcome.REJECTED, Outcome.ACCEPTED)
    assert store.recent_history(1) == (Outcome.ACCEPTED,)


def test_nothing_is_created_before_the_first_record(make_store: MakeStore, tmp_path: Path) -> None:
    store = make_store()
    assert list(store.decisions_with_outcomes()) == []
    assert store.recent_history() == ()
    assert store.counts().decisions == 0
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_goes_on_in_an_existing_database(make_store: MakeStore) -> None:
    first = make_store()
    first.record_decision(SHOWN)
    first.close()
    second = make_store()
    second.record_decision(HIDDEN)
    assert [row.decision_id for row in second.decisions_with_outcomes()] == ["d1", "d2"]


def test_two_servers_write_to_one_database(make_store: MakeStore, problems: list[str]) -> None:
    stores = [make_store(busy_timeout_s=5.0), make_store(busy_timeout_s=5.0)]
    for number in range(100):
        stores[number % 2].record_decision(replace(SHOWN, decision_id=f"d{number}"))
    assert all(store.flush(20) for store in stores)
    assert stores[0].counts().decisions == 100
    assert problems == []


def test_old_records_and_too_many_are_deleted(make_store: MakeStore) -> None:
    first = make_store()
    first.record_decision(replace(SHOWN, decision_id="old", decided_at=NOW - 91 * 86400))
    first.record_outcome("old", Outcome.REJECTED, NOW, 0)
    for number in range(5):
        first.record_decision(replace(SHOWN, decision_id=f"d{number}"))
        first.record_outcome(f"d{number}", Outcome.REJECTED, NOW, 0)
    first.close()
    second = make_store(max_rows=3)
    second.record_decision(replace(SHOWN, decision_id="last"))
    assert [row.decision_id for row in second.decisions_with_outcomes()] == ["d2", "d3", "d4", "last"]
    assert sum(second.counts().by_outcome.values()) == 3


def test_records_wait_for_a_locked_database(
    make_store: MakeStore, tmp_path: Path, problems: list[str], told: threading.Event
) -> None:
    first = make_store()
    first.record_decision(SHOWN)
    first.close()
    with closing(sqlite3.connect(tmp_path / "data" / "feedback.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        store = make_store()
        store.record_decision(HIDDEN)
        assert told.wait(20)
        store.record_outcome("d1", Outcome.REJECTED, NOW, 0)
        assert not store.flush(0.05)
        other.execute("ROLLBACK")
    assert store.flush(20)
    assert [(row.decision_id, row.outcome) for row in store.decisions_with_outcomes()] == [
        ("d1", Outcome.REJECTED),
        ("d2", None),
    ]
    assert len(problems) == 1
    assert "locked" in problems[0]


def test_what_waits_is_written_at_the_end_when_the_database_is_free_again(
    make_store: MakeStore, tmp_path: Path, told: threading.Event
) -> None:
    first = make_store()
    first.record_decision(SHOWN)
    first.close()
    with closing(sqlite3.connect(tmp_path / "data" / "feedback.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        store = make_store(retry_s=60.0)
        store.record_decision(HIDDEN)
        assert told.wait(20)
        other.execute("ROLLBACK")
    store.close()
    assert reading.count(tmp_path / "data" / "feedback.db").decisions == 2


@pytest.mark.parametrize("content", [b"this is no database at all" * 100, None])
def test_a_corrupt_database_is_moved_aside(
    make_store: MakeStore, tmp_path: Path, problems: list[str], content: bytes | None
) -> None:
    path = tmp_path / "data" / "feedback.db"
    if content is None:  # a database whose pages were overwritten
        store = make_store()
        for number in range(500):
            store.record_decision(replace(SHOWN, decision_id=f"d{number}"))
        store.close()
        whole = path.read_bytes()
        content = whole[:4096] + b"\xff" * (len(whole) - 4096)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    store = make_store()
    store.record_decision(HIDDEN)
    assert store.flush(20)
    assert [row.decision_id for row in store.decisions_with_outcomes()] == ["d2"]
    (aside,) = path.parent.glob("feedback.db.corrupt-20270115-*")
    assert aside.read_bytes() == content
    assert len(problems) == 1
    assert str(aside) in problems[0]


def test_a_database_that_turns_corrupt_while_open_is_replaced(
    make_store: MakeStore, tmp_path: Path, problems: list[str]
) -> None:
    path = tmp_path / "data" / "feedback.db"
    store = make_store()
    store.record_decision(SHOWN)
    assert store.flush()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path.write_bytes(b"\xff" * path.stat().st_size)
    store.record_decision(HIDDEN)
    assert store.flush(20)
    assert [row.decision_id for row in store.decisions_with_outcomes()] == ["d2"]
    assert len(problems) == 1


def test_a_full_disk_keeps_earlier_records_and_tells_once(
    make_store: MakeStore, problems: list[str], told: threading.Event
) -> None:
    store = make_store()
    store.record_decision(SHOWN)
    store.record_outcome("d1", Outcome.REJECTED, NOW, 0)
    assert store.flush()
    full = iter(["PRAGMA max_page_count = 1"])  # this connection may not grow the file: a full disk, to SQLite
    store._record(lambda connection, _: [connection.execute(limit) for limit in full] and None)
    for number in range(1000):
        store.record_decision(replace(SHOWN, decision_id=f"x{number}"))
    assert told.wait(20)
    assert store.flush(20)  # the next connection has room
    rows = list(store.decisions_with_outcomes())
    assert (len(rows), rows[0].outcome) == (1001, Outcome.REJECTED)
    assert len(problems) == 1
    assert "full" in problems[0]


def test_a_folder_that_cannot_be_made_costs_one_message(
    make_store: MakeStore, tmp_path: Path, problems: list[str], told: threading.Event
) -> None:
    (tmp_path / "file").write_text("")
    store = make_store(tmp_path / "file" / "feedback.db")
    for _ in range(3):
        store.record_decision(SHOWN)
    assert told.wait(20)
    store.close()
    assert len(problems) == 1
    assert "cannot be written" in problems[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_costs_one_message(
    make_store: MakeStore, tmp_path: Path, problems: list[str], told: threading.Event
) -> None:
    tmp_path.chmod(0o500)
    make_store().record_decision(SHOWN)
    assert told.wait(20)
    tmp_path.chmod(0o700)
    assert len(problems) == 1


def test_records_are_written_once_the_folder_is_there(
    make_store: MakeStore, tmp_path: Path, told: threading.Event
) -> None:
    (tmp_path / "data").write_text("in the way")
    store = make_store()
    store.record_decision(SHOWN)
    assert told.wait(20)
    (tmp_path / "data").unlink()
    assert store.flush(20)
    assert store.counts().decisions == 1


def test_a_database_of_a_newer_tactful_is_left_alone(
    make_store: MakeStore, tmp_path: Path, problems: list[str], told: threading.Event
) -> None:
    first = make_store()
    first.record_decision(SHOWN)
    first.close()
    with closing(sqlite3.connect(tmp_path / "data" / "feedback.db")) as other:
        other.execute(f"PRAGMA user_version = {VERSION + 1}")
    store = make_store()
    store.record_decision(HIDDEN)
    assert told.wait(20)
    assert not store.flush(20)
    store.record_decision(HIDDEN)
    assert "newer Tactful" in problems[0]
    assert reading.count(tmp_path / "data" / "feedback.db").decisions == 1


def test_too_many_waiting_records_are_dropped_with_a_message(
    make_store: MakeStore, tmp_path: Path, problems: list[str], told: threading.Event
) -> None:
    (tmp_path / "data").write_text("in the way")
    store = make_store(max_waiting=2, retry_s=60.0)
    store.record_decision(SHOWN)
    assert told.wait(20)
    for _ in range(5):
        store.record_decision(HIDDEN)
    assert ["records wait" in message for message in problems] == [False, True]


def test_a_record_that_cannot_be_stored_does_not_cost_the_others(make_store: MakeStore, problems: list[str]) -> None:
    store = make_store()
    store.record_decision(SHOWN)
    store.record_decision(replace(HIDDEN, reason="\ud800"))
    store.record_decision(replace(HIDDEN, propensity=math.nan))
    store.record_decision(replace(HIDDEN, uri="file:///\ud800.py"))
    assert [row.decision_id for row in store.decisions_with_outcomes()] == ["d1", "d2"]
    assert len(problems) == 1
    assert SECRET not in problems[0]


def test_records_after_the_end_are_dropped(make_store: MakeStore, problems: list[str]) -> None:
    store = make_store()
    store.record_decision(SHOWN)
    store.close()
    store.record_decision(HIDDEN)
    assert store.counts().decisions == 1
    assert problems == []


def test_reading_a_corrupt_database_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "feedback.db"
    path.write_bytes(b"nothing" * 1000)
    for read in (
        reading.count,
        lambda p: list(reading.decisions_with_outcomes(p)),
        lambda p: reading.recent_outcomes(p, 1),
    ):
        with pytest.raises(StoreError, match="Move it away"):
            read(path)


def test_a_database_without_tables_yet_reads_as_empty(tmp_path: Path) -> None:
    path = tmp_path / "feedback.db"
    path.touch()
    assert reading.count(path).decisions == 0
    assert list(reading.decisions_with_outcomes(path)) == []
    assert reading.recent_outcomes(path, 5) == ()


def test_a_database_moved_away_by_hand_begins_anew(make_store: MakeStore, tmp_path: Path) -> None:
    first = make_store()
    first.record_decision(SHOWN)
    first.close()
    shutil.move(tmp_path / "data", tmp_path / "away")
    second = make_store()
    second.record_decision(HIDDEN)
    assert [row.decision_id for row in second.decisions_with_outcomes()] == ["d2"]
