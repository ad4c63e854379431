"""The worker process as the server uses it."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from workbench import Project

from tactful.verify import VerifyRequest, client, run_in_worker
from tactful.verify.client import Verifier
from tactful.verify.processes import descendants, kill_family

SOURCE = "def f():\n    return 1\n"


def request(root: Path, **options: object) -> VerifyRequest:
    chosen = {"python": Path(sys.executable), "budget_s": 20.0, **options}
    return VerifyRequest(root=root, path=root / "a.py", text=SOURCE, **chosen)  # type: ignore[arg-type]


async def test_answers_with_progress(project: Project) -> None:
    root = project({"a.py": SOURCE, "test_a.py": "import a\ndef test_f(): assert a.f() == 1\n"})
    messages: list[str] = []
    result = await run_in_worker(request(root), lambda message, fraction: messages.append(message))
    assert (result.status, len(result.evidence.tests_before.passed)) == ("verified", 1)
    assert any(each.startswith("Starting pytest") for each in messages)


@pytest.fixture
async def verifier() -> AsyncIterator[Verifier]:
    made = Verifier()
    yield made
    await made.close()


def workers() -> list[int]:
    """Return the worker processes, without what they fork: that looks like them until it becomes something else."""
    found = [each for each in descendants(os.getpid()) if b"tactful.verify.worker" in command_of(each)]
    forked = {below for each in found for below in descendants(each)}
    return [each for each in found if each not in forked]


@pytest.mark.parametrize("sandbox", ["auto", "landlock", "off"])
async def test_worker_is_kept_and_sees_what_changed(project: Project, verifier: Verifier, sandbox: str) -> None:
    root = project(
        {"a.py": SOURCE, "b.py": "ONE = 1\n", "test_a.py": "import a, b\ndef test_f(): assert a.f() == b.ONE\n"}
    )
    statuses, kept = [], []
    for text in ("ONE = 1\n", "ONE = 2\n", "ONE = 1\n"):
        (root / "b.py").write_text(text)
        result = await verifier.run(request(root, sandbox=sandbox), lambda message, fraction: None)
        statuses.append(result.status)
        kept.append(workers())
    assert statuses == ["verified", "failing", "verified"]
    assert len(kept[0]) == 1
    assert kept == [kept[0]] * 3


async def test_tests_find_nothing_that_an_earlier_run_left_behind(project: Project, verifier: Verifier) -> None:
    tests = (
        "import a, os\ndef test_f():\n    a.f()\n    assert not os.path.exists('left')\n    open('left', 'w').close()\n"
    )
    root = project({"a.py": SOURCE, "test_a.py": tests})
    for _ in range(3):
        assert (await verifier.run(request(root), lambda message, fraction: None)).status == "verified"


async def test_two_requests_at_once_have_a_worker_each(project: Project, verifier: Verifier) -> None:
    root = project({"a.py": SOURCE, "test_a.py": "import a\ndef test_f(): assert a.f() == 1\n"})
    asked = [verifier.run(request(root), lambda message, fraction: None) for _ in range(2)]
    assert [each.status for each in await asyncio.gather(*asked)] == ["verified", "verified"]
    assert len(workers()) == 1


async def test_worker_that_waits_too_long_is_ended(project: Project, temporary: Path) -> None:
    verifier = Verifier(keep_s=0.05)
    root = project({"a.py": SOURCE, "test_a.py": "import a\ndef test_f(): assert a.f() == 1\n"})
    await verifier.run(request(root), lambda message, fraction: None)
    started = time.monotonic()
    while workers() or list(temporary.iterdir()):
        assert time.monotonic() - started < 10
        await asyncio.sleep(0.02)
    await verifier.close()


async def test_kept_worker_that_died_is_replaced(project: Project, verifier: Verifier) -> None:
    root = project({"a.py": SOURCE, "test_a.py": "import a\ndef test_f(): assert a.f() == 1\n"})
    await verifier.run(request(root), lambda message, fraction: None)
    os.kill(workers()[0], signal.SIGKILL)
    await asyncio.sleep(0.2)
    assert (await verifier.run(request(root), lambda message, fraction: None)).status == "verified"


@pytest.mark.parametrize("sandbox", ["auto", "landlock", "off"])
async def test_cancelling_ends_everything_within_a_second(project: Project, sandbox: str) -> None:
    tests = (
        "import a, subprocess\ndef test_f():\n    a.f()\n    subprocess.run(['sleep', '60'], start_new_session=True)\n"
    )
    root = project({"a.py": SOURCE, "test_a.py": tests})
    task = asyncio.create_task(run_in_worker(request(root, sandbox=sandbox), lambda message, fraction: None))
    while not (family := descendants(os.getpid())) or b"sleep" not in b"".join(map(command_of, family)):
        await asyncio.sleep(0.02)
        assert not task.done()
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    while any(command_of(each) for each in family):
        assert time.monotonic() - started < 1.0
        await asyncio.sleep(0.01)


def command_of(pid: int) -> bytes:
    """Return the command line of a living process, nothing for one that ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


async def test_crash_of_the_worker_is_a_result(project: Project) -> None:
    root = project({"a.py": SOURCE, "test_a.py": "import a, time\ndef test_f(): a.f(); time.sleep(60)\n"})

    def kill_worker(message: str, fraction: float | None) -> None:
        for pid in descendants(os.getpid()):
            if b"tactful.verify.worker" in command_of(pid):
                os.kill(pid, signal.SIGKILL)

    result = await run_in_worker(request(root), kill_worker)
    assert (result.status, result.cause) == ("cannot_run", "error")
    assert result.message.startswith("The process that runs the tests ended unexpectedly")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder that temporary folders are made in."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


async def test_no_temporary_folder_is_a_result(project: Project, temporary: Path) -> None:
    temporary.rmdir()
    result = await run_in_worker(request(project({"a.py": SOURCE})), lambda message, fraction: None)
    assert (result.status, result.cause) == ("cannot_run", "error")
    assert result.message == "No temporary folder can be made for the tests: No such file or directory."


async def test_process_that_cannot_be_started_is_a_result(
    project: Project, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    result = await run_in_worker(request(project({"a.py": SOURCE})), lambda message, fraction: None)
    assert (result.status, result.cause) == ("cannot_run", "error")
    assert result.message == "The process that runs the tests could not be started: No such file or directory."
    assert not list(temporary.iterdir())


async def test_answer_over_the_limit_is_a_result(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_LINE_LIMIT", 16)
    result = await run_in_worker(request(project({"a.py": SOURCE})), lambda message, fraction: None)
    assert (result.status, result.cause) == ("cannot_run", "error")
    assert "cannot be read" in result.message


@pytest.mark.parametrize("steps", range(6))
async def test_cancelling_while_the_worker_starts_leaves_nothing(project: Project, temporary: Path, steps: int) -> None:
    task = asyncio.create_task(run_in_worker(request(project({"a.py": SOURCE})), lambda message, fraction: None))
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=10)
    assert done
    assert task.cancelled()
    assert not list(temporary.iterdir())
    assert not any(b"tactful.verify.worker" in command_of(each) for each in descendants(os.getpid()))


SERVER = """
import asyncio, sys
from pathlib import Path
from tactful.verify import VerifyRequest, run_in_worker
root = Path(sys.argv[1])
request = VerifyRequest(
    root=root, path=root / "a.py", text=(root / "a.py").read_text(), python=Path(sys.executable), sandbox="off"
)
asyncio.run(run_in_worker(request, lambda message, fraction: None))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_worker_and_tests_end_with_the_server(project: Project, number: int) -> None:
    tests = "import a, subprocess\ndef test_f():\n    a.f()\n    subprocess.run(['sleep', '60'])\n"
    root = project({"a.py": SOURCE, "test_a.py": tests})
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(root)])
    started = time.monotonic()
    while b"sleep" not in b"".join(map(command_of, family := descendants(server.pid))):
        assert time.monotonic() - started < 20
        time.sleep(0.02)
    server.send_signal(number)
    server.wait()
    ended = time.monotonic()
    while any(command_of(each) for each in family):
        assert time.monotonic() - ended < 5.0
        time.sleep(0.01)


@pytest.mark.skipif(not shutil.which("ps"), reason="ps is not installed")
def test_families_are_found_without_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "isdir", lambda path: False)
    parent = subprocess.Popen(["/bin/sh", "-c", "sleep 60 & echo; wait"], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    parent.stdout.readline()
    (child,) = descendants(parent.pid)
    kill_family(parent.pid)
    parent.wait()
    assert parent.stdout.read() == b""  # the child, which held it open too, has ended
    parent.stdout.close()
    assert b"sleep" not in command_of(child)
