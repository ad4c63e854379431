"""Run a verification in a worker process from asyncio, and end it whole when the task is cancelled."""

import asyncio
import json
import shutil
import sys
import tempfile
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any

from tactful.core.errors import VerifyError
from tactful.verify.model import Progress, VerifyRequest, VerifyResult
from tactful.verify.processes import kill_family

__all__ = ["run_in_worker"]

_LINE_LIMIT = 64 << 20  # bytes of one result
_GRACE_S = 5.0  # what a worker gets beyond its budget before it is ended


async def run_in_worker(request: VerifyRequest, on_progress: Progress) -> VerifyResult:
    """Verify in a process of its own and return the result; a worker that dies gives status "cannot_run".

    Cancelling the task kills the worker and everything that it started, sandboxed tests included, before
    CancelledError goes on.
    """
    try:
        scratch = Path(tempfile.mkdtemp(prefix="tactful-verify-"))
    except OSError as error:
        return _error(f"No temporary folder can be made for the tests: {error.strerror or error}.")
    # A task of its own, because asyncio may wait without end when the creation of a process is cancelled.
    starting = asyncio.create_task(_start(scratch))
    try:
        process = await asyncio.shield(starting)
        return await asyncio.wait_for(_converse(process, request, on_progress), request.budget_s + _GRACE_S)
    except TimeoutError:
        return VerifyResult(
            status="cannot_run", cause="timed_out", message=f"Verification took longer than {request.budget_s:g} s."
        )
    except VerifyError as error:
        return _error(str(error))
    except OSError:
        return _crashed(None)
    finally:
        await asyncio.shield(_end(starting, scratch))


async def _start(scratch: Path) -> Process:
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tactful.verify.worker", str(scratch),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True, limit=_LINE_LIMIT,
        )  # fmt: skip
    except OSError as error:
        why = error.strerror or error
        raise VerifyError(f"The process that runs the tests could not be started: {why}.") from error


async def _converse(process: Process, request: VerifyRequest, on_progress: Progress) -> VerifyResult:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(request.to_json()).encode() + b"\n")
    while event := await _event(process.stdout):
        if "result" in event:
            return VerifyResult.from_json(event["result"])
        message, fraction = event["progress"]
        on_progress(message, fraction)
    return _crashed(await process.wait())


async def _event(lines: asyncio.StreamReader) -> dict[str, Any]:
    """Return the next event, an empty one at the end. Raises VerifyError for a line over the limit or not JSON."""
    try:
        event: dict[str, Any] = json.loads(await lines.readline() or b"{}")
    except ValueError as error:
        raise VerifyError("The answer of the process that runs the tests cannot be read; try again.") from error
    return event


async def _end(starting: "asyncio.Task[Process]", scratch: Path) -> None:
    try:
        process = await starting
    except VerifyError:  # told already; there is nothing to end
        pass
    else:
        kill_family(process.pid)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        await process.stdout.read()  # what is left in it would keep the pipe open
        await process.wait()
    await asyncio.to_thread(shutil.rmtree, scratch, True)


def _crashed(code: int | None) -> VerifyResult:
    how = f" (exit code {code})" if code is not None else ""
    return _error(f"The process that runs the tests ended unexpectedly{how}; try again.")


def _error(message: str) -> VerifyResult:
    return VerifyResult(status="cannot_run", cause="error", message=message)
