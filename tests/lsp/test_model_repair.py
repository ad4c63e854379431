"""Verify and fix with a model behind the server, end to end."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types

from model_server import ModelServer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

WRONG = "def initials(name):\n    return name[0]\n"
CODE = 'def initials(name):\n    return "".join(w[0].upper() for w in name.split())'
RIGHT = f"BUG: one word\nSURE: 9\n```python\n{CODE}\n```"
TESTS = """\
from names import initials

def test_two(): assert initials("ada lovelace") == "AL"
def test_three(): assert initials("alan m turing") == "AMT"
"""


@pytest_asyncio.fixture
async def server() -> AsyncIterator[ModelServer]:
    server = ModelServer(lambda body: RIGHT if "BUG:" in str(body) else "")
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def names(tmp_path: Path) -> Path:
    folder = tmp_path / "names"
    folder.mkdir()
    (folder / "names.py").write_text(WRONG)
    (folder / "test_names.py").write_text(TESTS)
    return folder


def options(server: ModelServer, verify: dict[str, object] | None = None, **backend: object) -> dict[str, object]:
    chosen = {"mode": "hybrid", "baseUrl": server.url, "model": "some-chat", "template": "chat", **backend}
    return {"trusted": True, "verify": {"python": sys.executable, **(verify or {})}, "backend": chosen}


async def test_the_model_takes_part_and_the_log_names_the_files(connect, names, server, home):
    client = await connect(names, options=options(server), answer="Dismiss")
    uri = client.open(names / "names.py")
    result = await client.command("tactful.verifyAndFix", uri, 1)
    assert result["status"] == "fixed", result["message"]
    assert result["evidence"]["model"] == "3 of 10 samples of some-chat (3 could be tried, 3 pass)"
    assert "- model: 3 of 10 samples of some-chat" in result["page"]
    assert "the model named the bug: one word" in result["page"]
    await client.stop()
    (log,) = home.rglob("egress.jsonl")
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    assert ["names.py", "test_names.py"] in [each["files"] for each in entries]


async def test_a_file_that_is_not_open_is_repaired_too(connect, names, server):
    client = await connect(names, options=options(server), answer="Dismiss")
    result = await client.command("tactful.verifyAndFix", (names / "names.py").as_uri(), 1)
    assert result["status"] == "fixed", result["message"]


@pytest.mark.parametrize(
    "chosen",
    [{"verify": {"model": "off"}}, {"mode": "local"}, {"network": "never"}],
    ids=["verify.model off", "mode local", "network never"],
)
async def test_nobody_is_asked_where_that_is_not_wanted(connect, names, server, chosen):
    given = options(server, chosen.get("verify"), **({"mode": "local"} if "mode" in chosen else {}))
    client = await connect(names, options={**given, **({"network": "never"} if "network" in chosen else {})})
    uri = client.open(names / "names.py")
    result = await client.command("tactful.verifyAndFix", uri, 1)
    assert (result["status"], result["evidence"]["model"]) == ("failing", "")
    assert server.connections == 0


async def test_verify_alone_asks_nobody(connect, names, server):
    client = await connect(names, options=options(server))
    uri = client.open(names / "names.py")
    result = await client.command("tactful.verify", uri, 1)
    assert result["status"] == "failing"
    assert server.connections == 0


async def test_the_hours_budget_is_shared(connect, names, server):
    client = await connect(names, options=options(server, requestsPerHour=1))
    uri = client.open(names / "names.py")
    result = await client.command("tactful.verifyAndFix", uri, 1)
    assert "budget of 1 requests an hour" in result["evidence"]["model"] or result["status"] == "fixed"
    assert len(server.seen) == 1


async def test_cancelling_closes_what_is_asked(connect, names, server):
    server.trouble = "hang"
    client = await connect(names, options=options(server))
    uri = client.open(names / "names.py")
    running = asyncio.ensure_future(client.command("tactful.verifyAndFix", uri, 1))
    async with asyncio.timeout(30):
        while len(server.seen) < 3:
            await asyncio.sleep(0.02)
        told = zip(client.progress_values, client.progress_tokens, strict=True)
        token = next(token for value, token in told if value.get("title") == "Tactful: verify and fix")
        client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
        await asyncio.gather(running, return_exceptions=True)
        for seen in server.seen:
            await seen.closed.wait()
