"""Start-up, memory and keystroke latency, beside an empty pygls server in the same run.

    python bench/latency.py [--starts N] [--keys N]

Needs nothing but this repository: the document is generated, the workspace is this project's own source, and all of
Tactful's folders are temporary. Runs of both servers alternate.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from rpc import Connection, command_of, initialize

LINES = 2000
_SETTLE_S = 3.0
COMMENT, CODE = "    # and then the ", "    total = helper_1"


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=9, help="start-ups of each server")
    parser.add_argument("--keys", type=int, default=300, help="keystrokes of each kind")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, **{f"XDG_{name}_HOME": f"{folder}/{name}" for name in ("CACHE", "DATA", "STATE")}}
        rows = [*_start_ups(options.starts, folder, env), *_keystrokes(options.keys, env)]
    table = Table(title=f"python bench/latency.py --starts {options.starts} --keys {options.keys}")
    for column in ("", "empty pygls", "Tactful", "ratio"):
        table.add_column(column, justify="left" if not column else "right")
    for row in rows:
        table.add_row(*row)
    Console(width=110).print(table)


def _start_ups(runs: int, root: str, env: dict[str, str]) -> Iterator[tuple[str, str, str, str]]:
    times: dict[str, list[float]] = {"empty": [], "tactful": []}
    memory: dict[str, list[float]] = {"empty": [], "tactful": []}
    for _ in range(runs):
        for name in times:
            connection, elapsed = initialize(command_of(name), root, env)
            time.sleep(1.0)
            times[name].append(elapsed)
            memory[name].append(connection.memory_mb())
            connection.close()
    yield _row("start to initialize answer, ms (median, least to most)", times["empty"], times["tactful"])
    yield _row("memory 1 s after initialize, MB", memory["empty"], memory["tactful"])


def _keystrokes(keys: int, env: dict[str, str]) -> Iterator[tuple[str, str, str, str]]:
    root = str(Path(__file__).parents[1] / "server")
    empty, _ = initialize(command_of("empty"), root, env)
    gated, _ = initialize(command_of("tactful"), root, env, {"gate": {"mode": "quiet"}})
    engine, _ = initialize(command_of("tactful"), root, env, {"gate": {"mode": "off"}})
    for connection in (empty, gated):
        _open(connection)
    _wait_for_index(gated)
    _open(engine)  # finds the index that the other server has built
    time.sleep(_SETTLE_S)
    closed = _type(gated, COMMENT, keys, only_stage="gate1")
    baseline = _type(empty, COMMENT, keys)
    answered = _type(engine, CODE, keys)
    baseline_code = _type(empty, CODE, keys)
    yield _row(f"key + request, gate closed, {LINES} lines, p50 ms ({len(closed)} keys)", baseline, closed)
    yield _row("the same, p99 ms", baseline, closed, percent=99)
    yield _row(f"key + request, embedded engine, p50 ms ({len(answered)} keys)", baseline_code, answered)
    yield _row("the same, p99 ms", baseline_code, answered, percent=99)
    yield ("memory with the engine at work, MB", f"{empty.memory_mb():.0f}", f"{engine.memory_mb():.0f}", "")
    for connection in (empty, gated, engine):
        connection.close()


def _open(connection: Connection) -> None:
    item = {"uri": _uri(), "languageId": "python", "version": 1, "text": _source()}
    connection.notify("textDocument/didOpen", {"textDocument": item})


def _type(connection: Connection, text: str, keys: int, only_stage: str = "") -> list[float]:
    """Type `text` again and again in the middle of the document; return the round trips in milliseconds."""
    line, column, times = LINES // 2, 0, []
    for key in range(keys):
        if column == len(text):
            _change(connection, key, line, 0, column, "")
            column = 0
        begun = time.perf_counter()
        _change(connection, key, line, column, column, text[column])
        column += 1
        position = {"line": line, "character": column}
        connection.call(
            "textDocument/inlineCompletion",
            {"textDocument": {"uri": _uri()}, "position": position, "context": {"triggerKind": 2}},
        )
        elapsed = 1000 * (time.perf_counter() - begun)
        if not only_stage or _stage(connection) == only_stage:
            times.append(elapsed)
    return times


def _stage(connection: Connection) -> str:
    answer, _ = connection.call("workspace/executeCommand", {"command": "tactful.explain", "arguments": [_uri()]})
    return str(answer["stage"])


def _change(connection: Connection, version: int, line: int, start: int, end: int, text: str) -> None:
    covered = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
    connection.notify(
        "textDocument/didChange",
        {"textDocument": {"uri": _uri(), "version": version + 2}, "contentChanges": [{"range": covered, "text": text}]},
    )


def _wait_for_index(connection: Connection) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        values: list[Any] = [m["params"]["value"] for m in connection.heard if m["method"] == "$/progress"]
        if any(value["kind"] == "end" for value in values):
            return
        time.sleep(0.1)
    raise SystemExit("the index was not ready within two minutes")


def _uri() -> str:
    return (Path(__file__).parents[1] / "server" / "tactful" / "bench_document.py").as_uri()


def _source() -> str:
    block = (
        "\n\nclass Thing{0}:\n    name: str = 'thing{0}'\n    size: int = {0}\n\n"
        "    def scale(self, factor: float) -> float:\n        return math.sqrt(self.size) * factor + {0}\n\n"
        "def helper_{0}(a, b):\n    total = a + b + {0}\n    return os.path.join(str(total), str(a))"
    )
    lines = ("import math\nimport os" + "".join(block.format(i) for i in range(LINES // 10))).split("\n")[: LINES - 1]
    lines.insert(LINES // 2, "")
    return "\n".join(lines) + "\n"


def _row(title: str, base: list[float], ours: list[float], percent: int = 50) -> tuple[str, str, str, str]:
    if percent == 50:
        shown = [f"{statistics.median(each):.1f} ({min(each):.1f}-{max(each):.1f})" for each in (base, ours)]
        ratio = statistics.median(ours) / statistics.median(base)
    else:
        values = [sorted(each)[int(percent / 100 * (len(each) - 1))] for each in (base, ours)]
        shown, ratio = [f"{value:.1f}" for value in values], values[1] / values[0]
    return title, shown[0], shown[1], f"{ratio:.2f}"


if __name__ == "__main__":
    main()
