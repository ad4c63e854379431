"""Tests that do harm, in each sandbox, by way of the worker: what they do is named, and the worker answers on."""

import os
import re
import socket
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from workbench import Project

from tactful.verify import VerifyRequest, VerifyResult, run
from tactful.verify.client import Verifier
from tactful.verify.processes import descendants

SOURCE = "def f():\n    return 1\n"
FORKS = (
    "for _ in range(10): os.fork()\ntime.sleep(60)"  # a thousand processes, lest a failure of this test be one of all
)
EATS = "held = [bytearray(1 << 20)]\nwhile True: held.append(bytearray(4 * len(held[-1])))"


@pytest.fixture(params=["bubblewrap", "landlock"])
def sandbox(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def verifier() -> AsyncIterator[Verifier]:
    made = Verifier()
    yield made
    await made.close()


class Harm:
    """A project with a harmful test and a harmless one, each for a file of its own."""

    def __init__(self, project: Project, verifier: Verifier, sandbox: str, body: str) -> None:
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        harmful = f"import os, socket, sys, threading, time, pathlib\nimport a\ndef test_harm():\n    a.f()\n{lines}"
        harmless = "import b\ndef test_good(): assert b.f() == 1\n"
        self.root = project({"a.py": SOURCE, "b.py": SOURCE, "test_a.py": harmful, "test_b.py": harmless})
        self.verifier = verifier
        self.sandbox = sandbox
        self.budget_s = 30.0 if body == EATS else 10.0  # filling memory takes a busy machine its time

    async def verify(self, name: str) -> VerifyResult:
        request = VerifyRequest(
            root=self.root,
            path=self.root / name,
            text=SOURCE,
            python=Path(sys.executable),
            sandbox=self.sandbox,  # type: ignore[arg-type]
            budget_s=self.budget_s,
        )
        result = await self.verifier.run(request, lambda message, fraction: None)
        if result.cause == "no_sandbox":
            pytest.skip(result.message)
        return result

    async def told(self) -> str:
        """Return what is said of the harmful test."""
        result = await self.verify("a.py")
        return " ".join([result.message, *(each.message for each in result.failures)])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("while True: pass", "had not ended"),
        ("time.sleep(60)", "had not ended"),
        ("for _ in range(200): print('x' * 50_000)\nassert 0", "assert 0"),
        ("os.write(1, b'x' * 9_000_000)\nos.write(2, b'y' * 9_000_000)\nassert 0", "assert 0"),
        # Whichever limit is reached first: on a busy machine the time is over before there are too many.
        (FORKS, "more than 256 processes|BlockingIOError|had not ended"),
        (EATS, "MemoryError"),
        ("os.kill(os.getppid(), 9)\ntime.sleep(5)", "ended the process that ran the tests"),
        ("os.killpg(os.getpgid(os.getppid()), 9)\ntime.sleep(5)", "ended the process that ran the tests"),
        ("socket.create_connection(('192.0.2.1', 80), timeout=3)", "Error"),
        ("socket.create_connection(('localhost', 631), timeout=3)", "Error"),
        ("import a_package_that_is_not_there", "No module named 'a_package_that_is_not_there'"),
        ("input()", "reading from stdin"),
        ("os.kill(os.getpid(), 11)", "the test ended the Python process that ran it"),
        ("threading.Thread(target=time.sleep, args=(60,)).start()\nassert 0", "assert 0"),
        ("def dive(n): return dive(n + 1)\ndive(0)", "RecursionError"),
    ],
    ids=[
        *("hangs", "sleeps", "prints", "writes to descriptors", "forks", "eats memory", "kills its parent"),
        *("kills its parent's group", "calls out", "calls this machine", "needs a package", "asks", "crashes"),
        *("leaves a thread", "recurses"),
    ],
)
async def test_harm_is_named_and_the_next_answer_comes(
    project: Project, verifier: Verifier, sandbox: str, body: str, message: str
) -> None:
    harm = Harm(project, verifier, sandbox, body)
    assert re.search(message, await harm.told())
    assert (await harm.verify("b.py")).status == "verified"


async def test_nothing_is_written_at_home(
    project: Project, verifier: Verifier, sandbox: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = f"tactful-was-here-{os.getpid()}"
    real = Path.home() / mark
    body = f"(pathlib.Path.home() / '{mark}').write_text('x')\npathlib.Path('{real}').write_text('x')"
    harm = Harm(project, verifier, sandbox, body)
    assert "Read-only" in (told := await harm.told()) or "Permission denied" in told
    assert not real.exists()
    assert (await harm.verify("b.py")).status == "verified"


async def test_keys_in_the_environment_are_not_there(
    project: Project, verifier: Verifier, sandbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE_API_KEY", "secret-value")
    harm = Harm(project, verifier, sandbox, "os.environ['SERVICE_API_KEY']")
    assert "KeyError: 'SERVICE_API_KEY'" in await harm.told()


async def test_no_connection_arrives(project: Project, verifier: Verifier, sandbox: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        body = f"socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), timeout=2)"
        await Harm(project, verifier, sandbox, body).told()
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("body", [FORKS, "os.setsid()\nos.fork()\ntime.sleep(60)", "os.fork()\nwhile True: pass"])
async def test_no_process_is_left(project: Project, verifier: Verifier, sandbox: str, body: str) -> None:
    harm = Harm(project, verifier, sandbox, body)
    await harm.told()
    await verifier.close()
    deadline = time.monotonic() + 5.0
    while left := [each for each in descendants(os.getpid()) if str(harm.root) in command_of(each)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def test_a_syntax_error_is_told_in_a_tenth_of_a_second(project: Project) -> None:
    text = "".join(f"def f{number}(a, b):\n    return a + b * {number}\n\n" for number in range(500)) + "def broken(:\n"
    root = project({"a.py": text, "test_a.py": "import a\n"})
    request = VerifyRequest(root=root, path=root / "a.py", text=text, python=Path(sys.executable))
    times = []
    for _ in range(3):
        started = time.perf_counter()
        result = run(request, lambda message, fraction: None)
        times.append(time.perf_counter() - started)
    assert (result.cause, result.message.split(":")[0]) == ("syntax_error", "a.py has a syntax error at line 1501")
    assert min(times) < 0.1
