"""How long a verdict takes, and what a repair that is going on costs a keystroke; with a real server and a real client.

    python bench/verify.py [--runs N] [--keys N]

Needs nothing but this repository and pytest beside it: the project is generated, a function with twenty fast tests, and
all of Tactful's folders are temporary. Cold means a server that has just started and a workspace that was never
verified, warm a further verification of the same function with other text. Keystrokes are timed with the embedded
engine answering each, at rest and while "verify and fix" looks for a repair that it cannot find; rounds of both
alternate.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from rpc import Connection, command_of, initialize

_SETTLE_S = 3.0
_TYPED = "    total = price"
_SOURCE = '''\
def price(items, percent=0):
    """Return the price of all items, less the percentage."""
    total = 0
    for item in items:
        if item < 0:
            raise ValueError(item)
        total = total + item
    if percent > 0 and len(items) >= 3:
        total = total - total * percent // 100
    return total


def typed_into():
    pass
'''
_TESTS = "import pytest\nfrom shop import price\n" + "".join(
    f"\n\ndef test_price_{number}():\n    assert price([{number}, {number + 1}]) == {2 * number + 1}\n"
    for number in range(20)
)
_IMPOSSIBLE = "\n\ndef test_impossible():\n    assert price([1, 2, 3]) == 'a long way from here'\n"


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7, help="verdicts of each kind")
    parser.add_argument("--keys", type=int, default=60, help="keystrokes of a round")
    parser.add_argument("--rounds", type=int, default=4, help="rounds of keystrokes, at rest and during a repair")
    options = parser.parse_args()
    table = Table()
    for column in ("", "median", "least to most"):
        table.add_column(column, justify="left" if not column else "right")
    for title, values in [*_verdicts(options.runs), *_keystrokes(options.keys, options.rounds)]:
        table.add_row(title, f"{statistics.median(values):.2f}", f"{min(values):.2f}-{max(values):.2f}")
    Console(width=110).print(table)
    print(f"made by: python bench/verify.py {' '.join(sys.argv[1:])}")


def _verdicts(runs: int) -> Iterator[tuple[str, list[float]]]:
    cold, warm = [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            server = _start(folder, _TESTS)
            time.sleep(_SETTLE_S)
            cold.append(_verdict(server, folder, 0))
            time.sleep(_SETTLE_S)  # in which the next test bed is made
            warm.append(_verdict(server, folder, 1))
            server.close()
    yield "verdict with 20 tests, cold, s", cold
    yield "verdict with 20 tests, warm, s", warm


def _verdict(server: Connection, folder: Path, number: int) -> float:
    """Change the function and verify it; return the seconds from the command to its answer."""
    _change(server, folder, number + 2, 2, 0, 1000, f"    total = {number} - {number}")
    begun = time.perf_counter()
    answer, _ = server.call("workspace/executeCommand", _command(folder, "tactful.verify"))
    elapsed = time.perf_counter() - begun
    if answer["status"] != "verified" or len(answer["evidence"]["tests_before"]["passed"]) != 20:
        raise SystemExit(f"not the verdict that was to be timed: {answer['message']}")
    return elapsed


def _keystrokes(keys: int, rounds: int) -> Iterator[tuple[str, list[float]]]:
    rest: list[list[float]] = []
    busy: list[list[float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = _start(folder, _TESTS + _IMPOSSIBLE)
        _wait_for_index(server)
        time.sleep(_SETTLE_S)
        _type(server, folder, keys)
        for _ in range(rounds):
            rest.append(_type(server, folder, keys))
            repair = server.ask("workspace/executeCommand", _command(folder, "tactful.verifyAndFix"))
            _wait_for_candidates(server)
            busy.append(_type(server, folder, keys, other_than=repair))
            server.notify("$/cancelRequest", {"id": repair})
            server.answer()
            time.sleep(_SETTLE_S)
        server.close()
    yield "key + request at rest, p50 of a round, ms", [_percentile(each, 50) for each in rest]
    yield "the same during a repair", [_percentile(each, 50) for each in busy]
    yield "key + request at rest, p95 of a round, ms", [_percentile(each, 95) for each in rest]
    yield "the same during a repair", [_percentile(each, 95) for each in busy]
    yield (
        "ratio of the p50 of a round to that at rest",
        [_percentile(b, 50) / _percentile(a, 50) for a, b in zip(rest, busy, strict=True)],
    )


def _start(folder: Path, tests: str) -> Connection:
    root = folder / "project"
    root.mkdir()
    (root / "shop.py").write_text(_SOURCE, encoding="utf-8")
    (root / "test_shop.py").write_text(tests, encoding="utf-8")
    env = {**os.environ, **{f"XDG_{name}_HOME": f"{folder}/{name}" for name in ("CACHE", "DATA", "STATE")}}
    options = {"trusted": True, "gate": {"mode": "off"}, "verify": {"python": sys.executable, "background": False}}
    server, _ = initialize(command_of("tactful"), str(root), env, options)
    item = {"uri": _uri(folder), "languageId": "python", "version": 1, "text": _SOURCE}
    server.notify("textDocument/didOpen", {"textDocument": item})
    return server


def _type(server: Connection, folder: Path, keys: int, other_than: int | None = None) -> list[float]:
    """Type into the last function, again and again; return the round trips in milliseconds."""
    line = _SOURCE.count("\n") - 1
    column, times = 0, []
    _change(server, folder, 10, line, 0, 1000, "")
    for key in range(keys):
        if column == len(_TYPED):
            _change(server, folder, key + 11, line, 0, column, "")
            column = 0
        begun = time.perf_counter()
        _change(server, folder, key + 11, line, column, column, _TYPED[column])
        column += 1
        asked = server.ask(
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": _uri(folder)},
                "position": {"line": line, "character": column},
                "context": {"triggerKind": 2},
            },
        )
        answer = server.answer()
        times.append(1000 * (time.perf_counter() - begun))
        if answer["id"] == other_than or answer["id"] != asked:
            raise SystemExit(f"the repair ended while keys were typed; its time is to outlast them: {answer}")
        time.sleep(0.02)
    return times


def _wait_for_candidates(server: Connection) -> None:
    """Wait until the repair has begun to try candidates."""
    server.heard.clear()
    _wait(server, lambda value: str(value.get("message", "")).startswith("Tried"), "the repair did not begin")


def _wait_for_index(server: Connection) -> None:
    _wait(server, lambda value: value["kind"] == "end", "the index was not ready")


def _wait(server: Connection, condition: Any, complaint: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        values = [message["params"]["value"] for message in list(server.heard) if message["method"] == "$/progress"]
        if any(condition(value) for value in values):
            return
        time.sleep(0.05)
    raise SystemExit(f"{complaint} within a minute")


def _change(server: Connection, folder: Path, version: int, line: int, start: int, end: int, text: str) -> None:
    covered = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
    changes = [{"range": covered, "text": text}]
    document = {"uri": _uri(folder), "version": version}
    server.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})


def _command(folder: Path, name: str) -> dict[str, Any]:
    return {"command": name, "arguments": [_uri(folder), 3]}


def _uri(folder: Path) -> str:
    return (folder / "project" / "shop.py").as_uri()


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[int(percent / 100 * (len(values) - 1))]


if __name__ == "__main__":
    main()
