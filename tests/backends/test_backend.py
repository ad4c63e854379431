"""The backend with a real worker process: answers, edits, saves, crashes, and an orderly end."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

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
