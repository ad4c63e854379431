"""`tactful egress` and the doctor tell what left the machine."""

import json

from click.testing import CliRunner

from tactful import paths
from tactful.cli.doctor import _egress
from tactful.cli.egress import egress
from tactful.core.types import EgressEntry
from tactful.privacy.egress import EgressLog


def record(count: int, size: int = 500_000) -> None:
    log = EgressLog(paths.egress_log())
    for number in range(count):
        entry = EgressEntry(
            at=1_790_000_000.0 + number,
            host=f"host{number % 2}:443",
            bytes_sent=size,
            files=("ledger/account.py",),
            redactions=number,
            outcome="answered",
        )
        log.record(entry)
    log.close()


def shown(*arguments: str) -> list[str]:
    result = CliRunner().invoke(egress, arguments)
    assert result.exit_code == 0
    return result.output.splitlines()


def test_nothing_left() -> None:
    assert shown() == ["nothing has left this machine"]
    assert _egress().detail == "nothing has left this machine"


def test_each_request_is_a_line_the_newest_last() -> None:
    record(3)
    *lines, total = shown("--last", "2")
    assert [line.split("  ")[1] for line in lines] == ["host1:443", "host0:443"]
    assert lines[-1].endswith("500,000 bytes  answered  2 redacted  ledger/account.py")
    assert total.endswith("to host0:443, host1:443: 1.5 MB sent, 3 secrets replaced")
    assert total.startswith("3 requests since ")
    assert total in _egress().detail


def test_little_is_not_called_nothing() -> None:
    record(1, size=617)
    assert shown()[-1].startswith("1 request since ")
    assert shown()[-1].endswith("to host0:443: 0.6 kB sent, 0 secrets replaced")


def test_scripts_get_one_object_a_line() -> None:
    record(2)
    first, second = (json.loads(line) for line in shown("--json"))
    assert (first["host"], second["bytes_sent"], second["redactions"]) == ("host0:443", 500_000, 1)
