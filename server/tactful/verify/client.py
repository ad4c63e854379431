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
from tactful.verify.asking import Answer, Answering
from tactful.verify.model import Progress, VerifyRequest, VerifyResult
from tactful.verify.processes import kill_family

__all__ = ["Verifier", "run_in_worker"]

_LINE_LIMIT = 64 << 20  # bytes of one result
_KEEP_S = 300.0
_GRACE_S = 5.0  # what a worker gets beyond its budget before it is ended


async def run_in_worker(request: VerifyRequest, on_progress: Progress, answer: Answer | None = None) -> VerifyResult:
    """Verify in a process of its own that ends with the answer; see `Verifier.run`."""
    verifier = Verifier()
    try:
        return await verifier.run(request, on_progress, answer)
    finally:
        await verifier.close()


class Verifier:
    """Verifications in worker processes, of which one is kept ready for a while after each answer."""

    def __init__(self, keep_s: float = _KEEP_S) -> None:
        """`keep_s` are the seconds after which a worker that has nothing to do is ended."""
        self._keep_s = keep_s
        self._idle: _Worker | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._running = 0

    async def run(self, request: VerifyRequest, on_progress: Progress, answer: Answer | None = None) -> VerifyResult:
        """Verify in a worker and return the result; a worker that dies gives status "cannot_run".

        `answer` is what its questions to a model are put to.

        Cancelling the task kills the worker and everything that it started, sandboxed tests included, before
        CancelledError goes on.
        """
        worker = self._take_idle()
        if worker is None:
            try:
                worker = _Worker(Path(tempfile.mkdtemp(prefix="tactful-verify-")))
            except OSError as error:
                return _error(f"No temporary folder can be made for the tests: {error.strerror or error}.")
        fit = False
        self._running += 1
        try:
            process = await asyncio.shield(worker.starting)
            conversation = _converse(process, request, on_progress, answer)
            result = await asyncio.wait_for(conversation, request.budget_s + _GRACE_S)
            fit = process.returncode is None and result.cause != "error"
            return result
        except TimeoutError:
            message = f"Verification took longer than {request.budget_s:g} s."
            return VerifyResult(status="cannot_run", cause="timed_out", message=message)
        except VerifyError as error:
            return _error(str(error))
        except OSError:
            return _crashed(None)
        finally:
            self._running -= 1
            if fit and self._idle is None:
                self._keep(worker)
            else:
                await asyncio.shield(_end(worker))

    async def learn(self, request: VerifyRequest) -> bool:
        """Have the tests near the file of `request` measured in the background, until something else is asked.

        Returns False while something else is being answered.
        """
        if self._running:
            return False
        worker = self._take_idle()
        try:
            worker = worker or _Worker(Path(tempfile.mkdtemp(prefix="tactful-verify-")))
            process = await asyncio.shield(worker.starting)
        except (OSError, VerifyError):  # whoever verifies next is told
            if worker is not None:
                await _end(worker)
            return True
        assert process.stdin is not None
        process.stdin.write(json.dumps({"learn": request.to_json()}).encode() + b"\n")
        if self._idle is None:
            self._keep(worker)
        else:  # another one was kept while this one started
            await _end(worker)
        return True

    async def close(self) -> None:
        """End the worker that is kept."""
        worker = self._take_idle()
        if worker is not None:
            await _end(worker)
        if self._ending:
            await asyncio.wait(self._ending)

    def _take_idle(self) -> "_Worker | None":
        if self._expiry is not None:
            self._expiry.cancel()
        worker, self._idle = self._idle, None
        if worker is not None and worker.is_dead():
            self._spawn_end(worker)
            return None
        return worker

    def _keep(self, worker: "_Worker") -> None:
        self._idle = worker
        self._expiry = asyncio.get_running_loop().call_later(self._keep_s, self._expire)

    def _expire(self) -> None:
        worker = self._take_idle()
        if worker is not None:
            self._spawn_end(worker)

    def _spawn_end(self, worker: "_Worker") -> None:
        ending = asyncio.ensure_future(_end(worker))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


class _Worker:
    """A worker process on its way, and its folder."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        # A task of its own, because asyncio may wait without end when the creation of a process is cancelled.
        self.starting = asyncio.create_task(_start(scratch))

    def is_dead(self) -> bool:
        """Return whether the process has ended."""
        return self.starting.done() and self.starting.result().returncode is not None


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


async def _converse(
    process: Process, request: VerifyRequest, on_progress: Progress, answer: Answer | None
) -> VerifyResult:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(request.to_json()).encode() + b"\n")
    answering = Answering(answer, process.stdin.write)
    try:
        while event := await _event(process.stdout):
            if "result" in event:
                return VerifyResult.from_json(event["result"])
            if not answering.take(event):
                message, fraction = event["progress"]
                on_progress(message, fraction)
        return _crashed(await process.wait())
    finally:
        await answering.close()


async def _event(lines: asyncio.StreamReader) -> dict[str, Any]:
    """Return the next event, an empty one at the end. Raises VerifyError for a line over the limit or not JSON."""
    try:
        event: dict[str, Any] = json.loads(await lines.readline() or b"{}")
    except ValueError as error:
        raise VerifyError("The answer of the process that runs the tests cannot be read; try again.") from error
    return event


async def _end(worker: _Worker) -> None:
    try:
        process = await worker.starting
    except VerifyError:  # told already; there is nothing to end
        pass
    else:
        kill_family(process.pid)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        await process.stdout.read()  # what is left in it would keep the pipe open
        await process.wait()
    await asyncio.to_thread(shutil.rmtree, worker.scratch, True)


def _crashed(code: int | None) -> VerifyResult:
    how = f" (exit code {code})" if code is not None else ""
    return _error(f"The process that runs the tests ended unexpectedly{how}; try again.")


def _error(message: str) -> VerifyResult:
    return VerifyResult(status="cannot_run", cause="error", message=message)
