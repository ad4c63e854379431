"""What is left behind when a server ends, in whatever way, and what it does with files that somebody broke."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from tactful.lsp.client import EditorClient

pytestmark = pytest.mark.e2e

OPEN_GATE = {"gate": {"mode": "off"}}
TEXT = "first_name = 1\nlast_name = 2\nprint(first_na"


def family(pid: int) -> dict[int, str]:
    """Return the processes below `pid` and itself, with their start times, which tell a reused number."""
    found = {}
    waiting = [pid]
    while waiting:
        each = waiting.pop()
        try:
            found[each] = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[19]
            for task in Path(f"/proc/{each}/task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def alive(members: dict[int, str]) -> list[int]:
    return [pid for pid, started in members.items() if family(pid).get(pid) == started]


async def all_gone(members: dict[int, str], timeout_s: float = 10.0) -> bool:
    try:
        async with asyncio.timeout(timeout_s):
            while alive(members):
                await asyncio.sleep(0.05)
    except TimeoutError:
        return False
    return True


async def suggested(client: EditorClient, uri: str) -> list[str]:
    items = await client.suggest(uri, len(client.documents[uri].text))
    return [item.insert_text for item in items]


async def at_work(connect, project) -> tuple[EditorClient, dict[int, str]]:
    """Return a client whose server has its worker and builder running, and all their processes."""
    client = await connect(project, options=OPEN_GATE)
    uri = client.open(project / "names.py", TEXT)
    assert await suggested(client, uri)
    members = family(client._server.pid)
    assert len(members) >= 2
    return client, members


async def test_nothing_runs_before_a_document_is_open(connect, project):
    client = await connect(project)
    assert list(family(client._server.pid)) == [client._server.pid]


async def test_shutdown_ends_every_process(connect, project):
    client, members = await at_work(connect, project)
    await client.stop()
    assert client.exit_code == 0
    assert await all_gone(members)


async def test_an_editor_that_dies_leaves_no_process_behind(connect, project):
    client, members = await at_work(connect, project)
    client._server.stdin.close()
    assert await all_gone(members)


async def test_a_server_that_is_killed_leaves_no_process_behind(connect, project):
    client, members = await at_work(connect, project)
    client._server.kill()
    assert await all_gone(members)


@pytest.mark.parametrize("delay_s", [0.0, 0.1, 0.5])
async def test_an_editor_that_dies_while_the_engine_starts_leaves_no_process_behind(connect, project, delay_s):
    client = await connect(project, options=OPEN_GATE)
    client.open(project / "names.py", TEXT)
    await asyncio.sleep(delay_s)
    members = family(client._server.pid)
    client._server.stdin.close()
    assert await all_gone(members)


async def test_the_engine_is_started_again_when_it_dies(connect, project):
    client, members = await at_work(connect, project)
    uri = (project / "names.py").as_uri()
    (worker,) = [pid for pid in members if "backends.local.worker" in Path(f"/proc/{pid}/cmdline").read_text()]
    process = await asyncio.create_subprocess_exec("kill", "-KILL", str(worker))
    await process.wait()
    async with asyncio.timeout(20):
        while not await suggested(client, uri):
            await asyncio.sleep(0.1)


async def test_a_corrupt_database_is_put_aside_with_one_message(connect, project, home):
    database = home / "data" / "tactful" / "feedback.sqlite3"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"this is no database" * 1000)
    client = await connect(project, options=OPEN_GATE)
    uri = client.open(project / "names.py", TEXT)
    assert await suggested(client, uri)
    await client.until(lambda: any("database" in message for message in client.messages))
    await client.stop()
    assert [path.name for path in database.parent.glob("*.corrupt-*")]
    assert sqlite3.connect(database).execute("SELECT count(*) FROM decisions").fetchone()[0] >= 1


async def test_a_corrupt_index_is_built_again(connect, project, home):
    first = await connect(project, options=OPEN_GATE)
    first.open(project / "ledger" / "account.py")
    await first.until(lambda: first.is_indexed, 60)
    await first.stop()
    files = [path for path in (home / "cache").rglob("*") if path.is_file() and path.stat().st_size > 1000]
    assert files
    for path in files:
        path.write_bytes(path.read_bytes()[:500])
    again = await connect(project, options=OPEN_GATE)
    uri = again.open(project / "new.py", "from ledger.account import InsufficientF")
    async with asyncio.timeout(60):
        while not any(text.startswith("unds") for text in await suggested(again, uri)):
            await asyncio.sleep(0.2)
