"""The egress log: one line a request, private, bounded, whole with several writers, never in the way."""

import json
import logging
import stat
from pathlib import Path

import pytest

from tactful.core.types import EgressEntry
from tactful.privacy import egress
from tactful.privacy.egress import EgressLog, read_egress


def entry(number: int = 0) -> EgressEntry:
    return EgressEntry(
        at=1_000.0 + number,
        host="models.example:443",
        bytes_sent=1234,
        files=("a.py", "b/ü.py"),
        redactions=2,
        outcome="answered",
    )


def write(path: Path, count: int) -> None:
    log = EgressLog(path)
    for number in range(count):
        log.record(entry(number))
    log.close()


def test_what_is_recorded_is_read_again(tmp_path: Path) -> None:
    write(tmp_path / "state" / "egress.jsonl", 2)
    assert read_egress(tmp_path / "state" / "egress.jsonl") == [entry(0), entry(1)]


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "state" / "egress.jsonl"
    write(path, 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_it_holds_nothing_but_what_it_promises(tmp_path: Path) -> None:
    write(tmp_path / "egress.jsonl", 1)
    told = json.loads((tmp_path / "egress.jsonl").read_text())
    assert set(told) == {"at", "host", "bytes", "files", "redactions", "outcome"}


def test_it_is_bounded_and_keeps_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(egress, "_BYTES", 2_000)
    write(tmp_path / "egress.jsonl", 200)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 4_000
    assert stat.S_IMODE((tmp_path / "egress.jsonl").stat().st_mode) == 0o600
    kept = read_egress(tmp_path / "egress.jsonl")
    assert len(kept) > 10
    assert kept == [entry(number) for number in range(200 - len(kept), 200)]


def test_a_damaged_line_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "egress.jsonl"
    write(path, 1)
    path.write_bytes(b'{"at": 1}\n\xff\n[]\n' + path.read_bytes() + b'{"at": 2, "host"')
    assert read_egress(path) == [entry()]


def test_a_log_that_cannot_be_written_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    with caplog.at_level(logging.WARNING):
        write(tmp_path / "file" / "egress.jsonl", 3)
    assert caplog.text.count("cannot be written") == 1


def test_no_log_is_an_empty_one(tmp_path: Path) -> None:
    assert read_egress(tmp_path / "none.jsonl") == []
