"""The model backend: time added to the endpoint's own, typing along an answer, tokens in a burst, closing on cancel.

    python bench/backend.py [--requests N] [--cancels N]

Needs nothing but this repository: the endpoint is the tests' own server, in a process of its own on loopback.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from rpc import Connection, command_of, initialize

ROOT = Path(__file__).parents[1]
LINE = "    return compute_total(width, height) * scale_factor + one"
WRONG = "raise NotImplementedError('this part of the program has to be written yet, and nobody knows by whom')"
SOURCE = "import math\n\nwidth = height = scale_factor = one = compute_total = 1\n\n\ndef total():\n"
PADDING = "".join(f"value_{n} = compute_total(width, height) + {n}\n" for n in range(120))
KEYS_PER_S = 15
_URI = (ROOT / "server" / "bench_backend.py").as_uri()


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=200, help="requests for the time added, and typed keys")
    parser.add_argument("--cancels", type=int, default=100, help="requests that are cancelled")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, **{f"XDG_{name}_HOME": f"{folder}/{name}" for name in ("CACHE", "DATA", "STATE")}}
        rows = [
            *_added(options.requests, folder, env),
            *_typed_along(options.requests, folder, env),
            *_bursts(folder, env),
            _cancelled(options.cancels, folder, env),
        ]
    table = Table(title=f"python bench/backend.py --requests {options.requests} --cancels {options.cancels}")
    for column in ("", "beside", "Tactful", "limit"):
        table.add_column(column, justify="left" if not column else "right")
    for row in rows:
        table.add_row(*row)
    Console(width=120).print(table)


def _added(count: int, root: str, env: dict[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """Ask for `count` lines at new places, in turn without and with Tactful between."""
    with _endpoint("--text", "width + height\n") as port, _editor(port, root, env) as editor:
        raw, ours = [], []
        plain = HTTPConnection("127.0.0.1", port)
        cpu_ms = 0.0
        for number in range(count + 5):
            cpu_ms = editor.connection.cpu_ms() if number == 5 else cpu_ms
            editor.write(f"x{number} = ")
            begun = time.perf_counter()
            found = editor.suggest()
            elapsed = 1000 * (time.perf_counter() - begun)
            if not found:
                raise SystemExit("Tactful suggested nothing")
            editor.write("1\n")
            if number >= 5:  # the first ones open the connection
                ours.append(elapsed)
                raw.append(_raw_ms(plain, PADDING[:5000] + f"x{number} = "))
        plain.close()
        cpu_ms = (editor.connection.cpu_ms() - cpu_ms) / count
    added = [one - other for one, other in zip(sorted(ours), sorted(raw), strict=True)]
    yield "answer of a 0 ms endpoint, p50 ms", _ms(raw, 50), _ms(ours, 50), ""
    yield "the same, p99 ms", _ms(raw, 99), _ms(ours, 99), ""
    yield "added by Tactful, p50 ms", "", f"{_percentile(ours, 50) - _percentile(raw, 50):.1f}", "5 ms"
    yield "added by Tactful, p99 ms", "", f"{max(added[int(len(added) * 0.99)], 0):.1f}", "20 ms"
    yield "processor's time of the server for an answer and two edits, mean ms", "", f"{cpu_ms:.1f}", ""


def _typed_along(count: int, root: str, env: dict[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """Type what was suggested; each key asks, and is answered from memory."""
    with _endpoint("--line", LINE) as port, _editor(port, root, env) as editor, _empty(root, env) as empty:
        times: dict[str, list[float]] = {"empty": [], "tactful": []}
        for each in (editor, empty):
            each.write(LINE[:11])
            each.suggest()
        while len(times["tactful"]) < count:
            for key in LINE[11:-1]:
                for name, each in (("empty", empty), ("tactful", editor)):
                    begun = time.perf_counter()
                    each.write(key)
                    found = each.suggest()
                    times[name].append(1000 * (time.perf_counter() - begun))
                    if name == "tactful" and not found:
                        raise SystemExit("what is typed along was not answered")
            for each in (editor, empty):
                each.write("\n" + LINE[:11])
                each.suggest()
        requests = _stats(port)["requests"] - 1  # one to warm up
    ratio = statistics.median(times["tactful"]) / statistics.median(times["empty"])
    title = f"key typed along the answer, p50 ms ({len(times['tactful'])} keys, {requests} requests)"
    yield title, _ms(times["empty"], 50), f"{_ms(times['tactful'], 50)} (x{ratio:.2f})", "x2"
    yield "the same, p99 ms", _ms(times["empty"], 99), _ms(times["tactful"], 99), ""


def _bursts(root: str, env: dict[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """Type a line at 15 keys a second against 300 ms to the first token and 10 ms for each."""
    for what, answer in (("right", ("--line", LINE)), ("wrong", ("--text", WRONG + "\n"))):
        with _endpoint("--first-ms", "300", "--token-ms", "10", *answer) as port:
            plain_useful = _plain_burst(port)
            plain = _stats(port)
        with _endpoint("--first-ms", "300", "--token-ms", "10", *answer) as port, _editor(port, root, env) as editor:
            before = _stats(port)
            useful = _burst(editor)
            time.sleep(1.5)
            ours = {name: _stats(port)[name] - before[name] for name in ("requests", "tokens")}
        title = f"{len(LINE)} keys at {KEYS_PER_S} a second, the model is {what}: "
        yield title + "requests", str(plain["requests"]), str(ours["requests"]), ""
        share = ours["tokens"] / plain["tokens"]
        yield "tokens generated", str(plain["tokens"]), f"{ours['tokens']} (x{share:.2f})", "x0.25"
        thrown = (max(plain["tokens"] - plain_useful, 0), max(ours["tokens"] - useful, 0))
        yield "tokens thrown away", str(thrown[0]), str(thrown[1]), ""


def _cancelled(count: int, root: str, env: dict[str, str]) -> tuple[str, str, str, str]:
    """Cancel requests while the endpoint thinks; the endpoint says when the connection was closed."""
    with _endpoint("--first-ms", "60000", "--quick", "1") as port, _editor(port, root, env) as editor:
        waits = []
        for number in range(count):
            editor.write(f"y{number} = ")
            asked = editor.ask()
            _until(lambda wanted=number + 2: _stats(port)["requests"] >= wanted)
            cancelled = time.perf_counter()
            editor.connection.notify("$/cancelRequest", {"id": asked})
            _until(lambda last=number + 1: _stats(port)["closed"][last] is not None)
            waits.append(1000 * (_stats(port)["closed"][number + 1] - cancelled))
            editor.connection.answer()
    return (
        f"cancel to closed connection, p50 and p99 ms ({count} requests)",
        "",
        f"{_ms(waits, 50)}, {_ms(waits, 99)}",
        "p99 50 ms",
    )


class _Editor:
    """A document that grows at its end, and a connection that asks there."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._lines = (SOURCE + PADDING + "\n").split("\n")
        self._version = 1
        item = {"uri": _URI, "languageId": "python", "version": 1, "text": "\n".join(self._lines)}
        connection.notify("textDocument/didOpen", {"textDocument": item})

    def write(self, text: str) -> None:
        at = self._end()
        self._version += 1
        change = {"range": {"start": at, "end": at}, "text": text}
        self.connection.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": _URI, "version": self._version}, "contentChanges": [change]},
        )
        first, *rest = text.split("\n")
        self._lines[-1] += first
        self._lines += rest

    def ask(self) -> int:
        return self.connection.ask("textDocument/inlineCompletion", self._params())

    def suggest(self) -> list[dict[str, Any]]:
        answer, _ = self.connection.call("textDocument/inlineCompletion", self._params())
        return list(answer["items"] if isinstance(answer, dict) else answer)

    def _params(self) -> dict[str, Any]:
        return {"textDocument": {"uri": _URI}, "position": self._end(), "context": {"triggerKind": 2}}

    def _end(self) -> dict[str, int]:
        return {"line": len(self._lines) - 1, "character": len(self._lines[-1])}


@contextmanager
def _endpoint(*arguments: str) -> Iterator[int]:
    command = [sys.executable, str(ROOT / "tests" / "model_server.py"), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


@contextmanager
def _editor(port: int, root: str, env: dict[str, str]) -> Iterator[_Editor]:
    backend = {
        "mode": "model",
        "baseUrl": f"http://127.0.0.1:{port}/v1",
        "model": "qwen2.5-coder",
        "timeoutMs": 60_000,
    }
    connection, _ = initialize(command_of("tactful"), root, env, {"gate": {"mode": "off"}, "backend": backend})
    editor = _Editor(connection)
    editor.write("warm = ")
    editor.suggest()  # the libraries are loaded and a connection is open
    editor.write("1\n")
    time.sleep(2)
    yield editor
    connection.close()


@contextmanager
def _empty(root: str, env: dict[str, str]) -> Iterator[_Editor]:
    connection, _ = initialize(command_of("empty"), root, env)
    yield _Editor(connection)
    connection.close()


def _burst(editor: _Editor) -> int:
    """Type the line without waiting for answers; return how many tokens of answers reached the editor."""
    asked = 0
    for key in LINE:
        begun = time.perf_counter()
        editor.write(key)
        editor.ask()
        asked += 1
        time.sleep(max(0.0, 1 / KEYS_PER_S - (time.perf_counter() - begun)))
    answers = [editor.connection.answer() for _ in range(asked)]
    shown = {item["insertText"] for answer in answers for item in _items(answer)}
    whole = [text for text in shown if not any(other != text and other.endswith(text) for other in shown)]
    return sum(_tokens(text) for text in whole)


def _items(answer: dict[str, Any]) -> list[dict[str, Any]]:
    result = answer.get("result") or []
    return list(result["items"] if isinstance(result, dict) else result)


def _plain_burst(port: int) -> int:
    """Ask at each key and read each answer to its end; return the tokens of the last one, the only one shown."""
    threads = []
    last: list[str] = [""]

    def ask(typed: str, *, is_last: bool) -> None:
        connection = HTTPConnection("127.0.0.1", port)
        text = _answer(connection, SOURCE + PADDING + typed)
        connection.close()
        if is_last:
            last[0] = text

    for number in range(1, len(LINE) + 1):
        thread = threading.Thread(target=ask, args=(LINE[:number],), kwargs={"is_last": number == len(LINE)})
        thread.start()
        threads.append(thread)
        time.sleep(1 / KEYS_PER_S)
    for thread in threads:
        thread.join()
    return _tokens(last[0])


def _raw_ms(connection: HTTPConnection, prompt: str) -> float:
    begun = time.perf_counter()
    _answer(connection, prompt)
    return 1000 * (time.perf_counter() - begun)


def _answer(connection: HTTPConnection, prompt: str) -> str:
    """Ask as Tactful does and return the text."""
    body = {
        "model": "qwen2.5-coder",
        "prompt": f"<|fim_prefix|>{prompt}<|fim_suffix|><|fim_middle|>",
        "max_tokens": 64,
        "temperature": 0.0,
        "stop": ["\n"],
        "stream": True,
        "logprobs": 1,
    }
    connection.request("POST", "/v1/completions", json.dumps(body), {"content-type": "application/json"})
    lines = connection.getresponse().read().decode().splitlines()
    events = [line[len("data: ") :] for line in lines if line.startswith("data: {")]
    return "".join(json.loads(event)["choices"][0]["text"] for event in events)


def _tokens(text: str) -> int:
    sys.path.insert(0, str(ROOT / "tests"))
    from model_server import tokens_of

    return len(tokens_of(text))


def _stats(port: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/stats", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def _until(condition: Any) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit("waited in vain")
        time.sleep(0.005)


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[int(percent / 100 * (len(values) - 1))]


def _ms(values: list[float], percent: int) -> str:
    return f"{_percentile(values, percent):.1f}"


if __name__ == "__main__":
    main()
