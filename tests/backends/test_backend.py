"""The backend with a real worker process: answers, edits, saves, crashes, and an orderly end."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tactful.backends.local import EngineStatus, LocalBackend
from tactful.core.errors import BackendError
from tactful.core.types import CompletionRequest

TEXT = "connection = connect(host, port)\n" * 3 + "connection = "
URI = "file:///a.py"


def request(text: str = TEXT) -> CompletionRequest:
    return CompletionRequest(uri=URI, path=None, language_id="python", text=text, offset=len(text))


class Statuses:
    """Collects statuses and lets a test wait for one."""

    def __init__(self) -> None:
        self.seen: list[EngineStatus] = []
        self._changed = asyncio.Event()

    def __call__(self, status: EngineStatus) -> None:
        self.seen.append(status)
        self._changed.set()

    async def wait_for(self, wanted: Callable[[EngineStatus], bool]) -> EngineStatus:
        async with asyncio.timeout(30):
            while True:
                for status in self.seen:
                    if wanted(status):
                        return status
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
async def statuses() -> Statuses:
    return Statuses()


@pytest.fixture
async def backend(tmp_path: Path, statuses: Statuses) -> AsyncIterator[LocalBackend]:
    (tmp_path / "root").mkdir()
    backend = LocalBackend(cache_dir=tmp_path / "cache", on_status=statuses)
    await backend.start(roots=[tmp_path / "root"], python=None)
    yield backend
    await backend.close()


async def test_answers_and_follows_edits(backend: LocalBackend) -> None:
    backend.open_document(URI, None, "python", TEXT)
    assert (await backend.complete(request()))[0].text == "connect(host, port)"
    longer = request(TEXT.replace("port", "door") + "conn")
    backend.change_document(URI, longer.text)
    assert (await backend.complete(longer))[0].text == "ect(host, door)"


async def test_unannounced_document_is_answered(backend: LocalBackend) -> None:
    assert await backend.complete(request())


async def test_ready_when_the_index_is_built(backend: LocalBackend, statuses: Statuses) -> None:
    await statuses.wait_for(lambda status: status.phase == "ready")


async def test_saved_file_is_read_again(backend: LocalBackend, statuses: Statuses, tmp_path: Path) -> None:
    await statuses.wait_for(lambda status: status.phase == "ready")
    path = tmp_path / "root" / "new.py"
    path.write_text("gadget = make_gadget(size)\n")
    backend.saved(str(path))
    assert (await backend.complete(request("gadget = ")))[0].text == "make_gadget(size)"


async def test_cancelled_request_leaves_the_next_unharmed(backend: LocalBackend) -> None:
    first = asyncio.create_task(backend.complete(request()))
    second = asyncio.create_task(backend.complete(request()))
    await asyncio.sleep(0)
    first.cancel()
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await backend.complete(request())


async def test_not_started_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="not been started"):
        await LocalBackend(cache_dir=tmp_path).complete(request())


async def test_killed_worker_is_started_once_more(backend: LocalBackend, statuses: Statuses) -> None:
    assert await backend.complete(request())
    process = backend._process
    assert process is not None
    process.kill()
    with pytest.raises(BackendError):
        await backend.complete(request("x"))
    assert (await backend.complete(request()))[0].text == "connect(host, port)"
    assert backend._process is not None
    backend._process.kill()
    await statuses.wait_for(lambda status: status.phase == "failed")
    with pytest.raises(BackendError, match="stopped working"):
        await backend.complete(request())


async def test_unusable_cache_degrades_but_answers(tmp_path: Path, statuses: Statuses) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    backend = LocalBackend(cache_dir=blocked, on_status=statuses)
    await backend.start(roots=[tmp_path], python=None)
    status = await statuses.wait_for(lambda status: status.phase == "degraded")
    assert "open documents" in status.message
    assert await backend.complete(request())
    await backend.close()


async def test_close_ends_the_worker(backend: LocalBackend) -> None:
    process = backend._process
    assert process is not None
    await backend.close()
    assert process.returncode == 0
    await backend.close()


@pytest.mark.parametrize("phase", ["starting", "indexing"])
async def test_close_ends_what_is_shown_as_under_way(tmp_path: Path, statuses: Statuses, phase: str) -> None:
    (tmp_path / "one.py").write_text("x = 1\n")
    backend = LocalBackend(cache_dir=tmp_path / "cache", on_status=statuses)
    await backend.start(roots=[tmp_path], python=None)
    await statuses.wait_for(lambda status: status.phase == phase)
    await backend.close()
    assert statuses.seen[-1].phase == "ready"
    assert [status.phase for status in statuses.seen].count("ready") == 1


async def test_close_says_nothing_after_a_failure(tmp_path: Path, statuses: Statuses) -> None:
    (tmp_path / "cache").write_text("")
    backend = LocalBackend(cache_dir=tmp_path / "cache", on_status=statuses)
    await backend.start(roots=[tmp_path], python=None)
    await statuses.wait_for(lambda status: status.phase == "degraded")
    await backend.close()
    assert statuses.seen[-1].phase == "degraded"


class Spawned:
    """Stands for `asyncio.create_subprocess_exec`: says when it was called and keeps the processes."""

    def __init__(self) -> None:
        self.called = asyncio.Event()
        self.processes: list[asyncio.subprocess.Process] = []
        self._create = asyncio.create_subprocess_exec

    async def __call__(self, *command: str, **options: Any) -> asyncio.subprocess.Process:
        self.called.set()
        process = await self._create(*command, **options)
        self.processes.append(process)
        return process


@pytest.mark.parametrize("cancelled", [False, True])
async def test_close_while_starting_leaves_no_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cancelled: bool
) -> None:
    spawned = Spawned()
    monkeypatch.setattr(asyncio, "create_subprocess_exec", spawned)
    backend = LocalBackend(cache_dir=tmp_path)
    starting = asyncio.create_task(backend.start(roots=[tmp_path], python=None))
    await spawned.called.wait()
    assert not spawned.processes
    if cancelled:
        starting.cancel()
    await backend.close()
    await asyncio.wait([starting])
    assert [process.returncode for process in spawned.processes] == [0]


async def test_start_after_close_starts_nothing(tmp_path: Path, statuses: Statuses) -> None:
    backend = LocalBackend(cache_dir=tmp_path, on_status=statuses)
    await backend.close()
    await backend.start(roots=[tmp_path], python=None)
    assert backend._process is None
    assert statuses.seen == []


async def test_request_under_way_is_answered_although_the_engine_closes(backend: LocalBackend) -> None:
    asked = asyncio.create_task(backend.complete(request()))
    await asyncio.sleep(0)
    await backend.close()
    assert (await asked)[0].text == "connect(host, port)"


@pytest.mark.skipif(sys.platform == "win32", reason="stop signals")
async def test_close_answers_all_that_wait(backend: LocalBackend) -> None:
    assert await backend.complete(request())
    assert backend._process is not None
    backend._process.send_signal(signal.SIGSTOP)
    waiting = [asyncio.create_task(backend.complete(request("x" * count))) for count in range(3)]
    await asyncio.sleep(0)
    await backend.close()
    async with asyncio.timeout(1):
        answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [str(answer) for answer in answers] == ["The completion engine has been closed."] * 3
    with pytest.raises(BackendError, match="closed"):
        await backend.complete(request())


@pytest.mark.skipif(sys.platform == "win32", reason="stop signals")
async def test_silent_worker_is_an_error_and_its_late_answer_harmless(backend: LocalBackend) -> None:
    assert await backend.complete(request())
    assert backend._process is not None
    backend._process.send_signal(signal.SIGSTOP)
    backend._answer_timeout_s = 0.05
    with pytest.raises(BackendError, match="in time"):
        await backend.complete(request("x"))
    backend._process.send_signal(signal.SIGCONT)
    backend._answer_timeout_s = 20.0
    assert (await backend.complete(request()))[0].text == "connect(host, port)"


async def test_edits_in_other_documents_are_seen(backend: LocalBackend) -> None:
    backend.open_document(URI, None, "python", "gadget = ")
    backend.open_document("file:///b.py", None, "python", "")
    assert not [c for c in await backend.complete(request("gadget = ")) if "make_gadget" in c.text]
    for name in ("one", "two"):  # The second edit comes when the engine has searched the first.
        backend.change_document("file:///b.py", f"gadget = make_gadget({name})\n")
        assert (await backend.complete(request("gadget = ")))[0].text == f"make_gadget({name})"


async def test_change_that_overtakes_a_waiting_request_is_kept(backend: LocalBackend) -> None:
    backend.open_document(URI, None, "python", "")
    asked = asyncio.create_task(backend.complete(request("gadget = ")))
    await asyncio.sleep(0)
    backend.change_document(URI, "gadget = make_gadget(late)\n")
    await asked
    other = CompletionRequest(uri="file:///b.py", path=None, language_id="python", text="gadget = ", offset=9)
    assert (await backend.complete(other))[0].text == "make_gadget(late)"


PARENT = """
import asyncio, sys
from pathlib import Path
from tactful.backends.local import LocalBackend
async def main():
    backend = LocalBackend(cache_dir=Path(sys.argv[1]))
    await backend.start(roots=[Path(sys.argv[1])], python=None)
    print(backend._process.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill signals")
def test_no_orphan_when_the_server_is_killed(tmp_path: Path) -> None:
    server = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    worker = int(server.stdout.readline())
    descriptor = os.pidfd_open(worker)
    server.send_signal(signal.SIGKILL)
    server.wait()
    server.stdout.close()
    import select

    assert select.select([descriptor], [], [], 10)[0], "the worker is still alive"
    os.close(descriptor)


def test_front_door_does_not_load_numpy() -> None:
    code = "import sys; from tactful.backends.local import LocalBackend; print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
