"""A bare JSON-RPC client over pipes, so that a benchmark times the server and not its own client library."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from queue import Queue
from typing import Any


class Connection:
    """One server process; its own requests are answered with null."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self.stderr = tempfile.TemporaryFile()  # noqa: SIM115 lives as long as the server
        self.begun = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.stderr, env=env
        )
        self._answers: Queue[tuple[float, dict[str, Any]]] = Queue()
        self.heard: list[dict[str, Any]] = []
        self._next_id = 0
        threading.Thread(target=self._read, daemon=True).start()

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def call(self, method: str, params: Any) -> tuple[Any, float]:
        """Return the result and the round trip in milliseconds."""
        self._next_id += 1
        begun = time.perf_counter()
        self._send({"id": self._next_id, "method": method, "params": params})
        ended, message = self._answers.get(timeout=60)
        if "error" in message:
            raise SystemExit(f"{method} failed: {message['error']}")
        return message["result"], 1000 * (ended - begun)

    def ask(self, method: str, params: Any) -> int:
        """Send a request without waiting; return its id."""
        self._next_id += 1
        self._send({"id": self._next_id, "method": method, "params": params})
        return self._next_id

    def answer(self) -> dict[str, Any]:
        """Return the next answer, a result or an error, to what was asked with `ask`."""
        return self._answers.get(timeout=60)[1]

    def close(self) -> None:
        self.call("shutdown", None)
        self.notify("exit", None)
        self.process.wait(timeout=10)

    def memory_mb(self) -> float:
        """Return the resident memory of the server and its children."""
        return sum(map(_resident_mb, _tree(self.process.pid)))

    def cpu_ms(self) -> float:
        """Return the processor's time that the server itself has had, without its children."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while header := stream.readline():
            length = int(header.split(b":")[1])
            while stream.readline() not in (b"\r\n", b""):
                continue
            message = json.loads(stream.read(length))
            if "method" not in message:
                self._answers.put((time.perf_counter(), message))
                continue
            self.heard.append(message)
            if "id" in message:
                self._send({"id": message["id"], "result": None})


def initialize(command: list[str], root: str, env: dict[str, str], options: Any = None) -> tuple[Connection, float]:
    """Start a server; return it with the milliseconds until its answer to `initialize`."""
    connection = Connection(command, env)
    connection.call(
        "initialize",
        {
            "processId": os.getpid(),
            "rootUri": f"file://{root}",
            "workspaceFolders": [{"uri": f"file://{root}", "name": "bench"}],
            "capabilities": {
                "window": {"workDoneProgress": True},
                "textDocument": {"inlineCompletion": {}},
            },
            "initializationOptions": options,
        },
    )
    elapsed = 1000 * (time.perf_counter() - connection.begun)
    connection.notify("initialized", {})
    return connection, elapsed


def command_of(name: str) -> list[str]:
    """Return the command line of `tactful` or of the empty server beside this file."""
    empty = [sys.executable, str(Path(__file__).with_name("empty_server.py"))]
    return empty if name == "empty" else [sys.executable, "-m", "tactful", "serve"]


def _tree(pid: int) -> list[int]:
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        children += [int(child) for child in (task / "children").read_text().split()]
    return [pid, *(grandchild for child in children for grandchild in _tree(child))]


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
