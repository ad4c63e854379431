"""Run a verification in a worker process from asyncio, and end it whole when the task is cancelled."""

import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path

from tactful.verify.model import Progress, VerifyRequest, VerifyResult
from tactful.verify.processes import kill_family

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
        kill_family(process.pid)
        await asyncio.shield(_clear(process, scratch))


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


async def _clear(process: asyncio.subprocess.Process, scratch: Path) -> None:
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()
    await asyncio.to_thread(shutil.rmtree, scratch, True)


def _crashed(code: int | None) -> VerifyResult:
    how = f" (exit code {code})" if code is not None else ""
    return VerifyResult(status="error", message=f"The process that runs the tests ended unexpectedly{how}; try again.")
