"""Run a verification in a worker process from asyncio, and end it whole when the task is cancelled."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tactful.verify.model import Progress, VerifyRequest, VerifyResult

__all__ = ["run_in_worker"]

_LINE_LIMIT = 64 << 20  # bytes of one result
_GRACE_S = 5.0  # what a worker gets beyond its budget before it is ended


async def run_in_worker(request: VerifyRequest, on_progress: Progress) -> VerifyResult:
    """Verify in a process of its own and return the result; a worker that dies gives status "error".

    Cancelling the task kills the worker and everything that it started, sandboxed tests included, before
    CancelledError goes on.
    """
    scratch = Path(tempfile.mkdtemp(prefix="tactful-verify-"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tactful.verify.worker", str(scratch),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True, limit=_LINE_LIMIT,
    )  # fmt: skip
    try:
        return await asyncio.wait_for(_converse(process, request, on_progress), request.budget_s + _GRACE_S)
    except TimeoutError:
        return VerifyResult(status="timed_out", message=f"Verification took longer than {request.budget_s:g} s.")
    except OSError:
        return _crashed(None)
    finally:
        _kill_tree(process.pid)
        # Not awaited when this task is cancelled: the folder may be large and the editor waits for the answer.
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, scratch, True))


async def _converse(process: asyncio.subprocess.Process, request: VerifyRequest, on_progress: Progress) -> VerifyResult:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(request.to_json()).encode() + b"\n")
    async for line in process.stdout:
        event = json.loads(line)
        if "result" in event:
            return VerifyResult.from_json(event["result"])
        message, fraction = event["progress"]
        on_progress(message, fraction)
    return _crashed(await process.wait())


def _crashed(code: int | None) -> VerifyResult:
    how = f" (exit code {code})" if code is not None else ""
    return VerifyResult(status="error", message=f"The process that runs the tests ended unexpectedly{how}; try again.")


def _kill_tree(pid: int) -> None:
    """Kill the worker's session, and what its tests started in sessions of their own."""
    family = [pid, *_descendants(pid)]
    for each in family:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(each, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(each, signal.SIGKILL)


def _descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else ():  # noqa: PTH112, PTH208 - read on the event loop
        if entry.isdigit():
            with contextlib.suppress(OSError):
                with open(f"/proc/{entry}/stat", "rb") as file:  # noqa: PTH123
                    parent = int(file.read().rpartition(b")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry))
    found, waiting = [], [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found
