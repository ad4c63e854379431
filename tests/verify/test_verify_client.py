"""The worker process as the server uses it."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest
from workbench import Project

from tactful.verify import VerifyRequest, run_in_worker
from tactful.verify.processes import descendants

SOURCE = "def f():\n    return 1\n"


def request(root: Path, **options: object) -> VerifyRequest:
    chosen = {"python": Path(sys.executable), "budget_s": 20.0, **options}
    return VerifyRequest(root=root, path=root / "a.py", text=SOURCE, **chosen)  # type: ignore[arg-type]


async def test_answers_with_progress(project: Project) -> None:
    root = project({"a.py": SOURCE, "test_a.py": "import a\ndef test_f(): assert a.f() == 1\n"})
    messages: list[str] = []
    result = await run_in_worker(request(root), lambda message, fraction: messages.append(message))
    assert (result.status, result.tests_passed) == ("passed", 1)
    assert "Starting pytest" in messages


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
    assert result.status == "error"
    assert result.message.startswith("The process that runs the tests ended unexpectedly")
