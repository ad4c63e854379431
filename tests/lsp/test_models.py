"""A model behind the server, end to end: a real server process, a real client, a model server on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from model_server import ModelServer
from tactful.feedback.outcomes import UNSEEN_S

pytestmark = pytest.mark.e2e

SOURCE = "def area(width, height):\n    return "


@pytest_asyncio.fixture
async def server() -> AsyncIterator[ModelServer]:
    server = ModelServer("width * height\n")
    await server.start()
    yield server
    await server.stop()


def options(server: ModelServer, mode: str = "model", **more):
    backend = {"mode": mode, "baseUrl": server.url, "model": "qwen2.5-coder:1.5b", "timeoutMs": 20_000, **more}
    return {"gate": {"mode": "off"}, "backend": backend}


async def suggested(client, uri: str) -> list[str]:
    """Ask by hand, so that what is on show already does not stay."""
    items = await client.suggest(uri, len(client.documents[uri].text), automatic=False)
    return [item.insert_text for item in items]


async def test_the_models_line_is_suggested_and_written_down(connect, project, server, home):
    client = await connect(project, options=options(server))
    uri = client.open(project / "area.py", SOURCE)
    assert await suggested(client, uri) == ["width * height"]
    await client.stop()
    (log,) = home.rglob("egress.jsonl")
    assert json.loads(log.read_text())["host"] == f"127.0.0.1:{server.port}"
    assert "width" not in log.read_text()


async def test_what_the_model_does_not_say_of_its_sureness_is_unknown(connect, project, server):
    server.logprob = None
    client = await connect(project, options=options(server))
    uri = client.open(project / "area.py", SOURCE)
    assert await suggested(client, uri) == ["width * height"]
    answer = await client.command("tactful.explain", uri)
    assert answer["completion"] == "width * height"
    assert answer["probability"] is None


async def test_never_makes_no_connection_and_loads_no_library(connect, project, server):
    client = await connect(project, options={**options(server), "network": "never"})
    uri = client.open(project / "area.py", SOURCE + "width * height\n\n\ndef volume(width, height):\n    return wid")
    assert (await suggested(client, uri))[0] == "th * height"  # the embedded engine's
    assert server.connections == 0
    assert any("`network` is `never`" in message for message in client.messages)


async def test_what_comes_next_is_asked_for_at_acceptance(connect, project, server):
    client = await connect(project, options=options(server))
    uri = client.open(project / "area.py", SOURCE)
    (item,) = await client.suggest(uri, len(SOURCE))
    server.answer = "\n\n\ndef volume(width, height):\n    pass\n"
    await client.accept(uri, item)
    async with asyncio.timeout(5):
        while len(server.seen) < 2:
            await asyncio.sleep(0.01)
    assert server.seen[1].body["prompt"].endswith("return width * height<|fim_suffix|><|fim_middle|>")


async def test_the_engine_steps_in_while_the_model_is_away_and_the_model_comes_back(connect, project, server):
    port = server.port
    await server.stop()
    client = await connect(project, options=options(server), status=True)
    text = SOURCE + "width * height\n\n\ndef volume(width, height):\n    return wid"
    uri = client.open(project / "area.py", text)
    for _ in range(3):
        assert (await suggested(client, uri))[0] == "th * height"
    (said,) = [message for message in client.messages if "Nothing answers" in message]
    assert f"127.0.0.1:{port}" in said
    assert any(status.state == "offline" for status in client.statuses)
    server.answer = "th / height\n"
    await server.start(port=port)
    async with asyncio.timeout(10):
        while (await suggested(client, uri))[:1] != ["th / height"]:
            await asyncio.sleep(0.2)
    assert client.statuses[-1].state != "offline"


@pytest.mark.parametrize(
    ("trouble", "words", "state"),
    [
        ("401", "does not accept the key", "modelError"),
        ("404", "does not know the model", "modelError"),
        ("429", "left in peace", "modelError"),
        ("malformed", "not an answer of the OpenAI kind", "modelError"),
        ("hang", "backend.timeoutMs", "offline"),
    ],
)
async def test_each_trouble_is_said_once_and_the_engine_goes_on(connect, project, server, trouble, words, state):
    server.trouble = trouble
    client = await connect(project, options=options(server, timeoutMs=1000), status=True)
    text = SOURCE + "width * height\n\n\ndef volume(width, height):\n    return wid"
    uri = client.open(project / "area.py", text)
    for _ in range(3):
        assert (await suggested(client, uri))[0] == "th * height"
    (said,) = [message for message in client.messages if f"127.0.0.1:{server.port}" in message]
    assert words in said
    assert "volume" not in said
    await client.until(lambda: any(status.state == state for status in client.statuses))


async def test_what_a_model_wrote_is_not_offered_again_once_it_was_turned_down(connect, project, server):
    client = await connect(project, options=options(server))
    uri = client.open(project / "area.py", SOURCE)
    (item,) = await client.suggest(uri, len(SOURCE))
    assert item.insert_text == "width * height"
    await asyncio.sleep(UNSEEN_S + 0.1)  # it is looked at
    client.edit(uri, len(SOURCE), len(SOURCE), "q")
    client.edit(uri, len(SOURCE), len(SOURCE) + 1, "")
    assert await client.suggest(uri, len(SOURCE)) == []
    assert "turned down here before" in (await client.command("tactful.explain", uri))["reason"]
    assert len(server.seen) == 1


async def test_hybrid_asks_the_model_only_where_the_engine_is_not_sure(connect, project, server):
    server.answer = "th + height\n"
    client = await connect(project, options=options(server, mode="hybrid"))
    lines = "".join(f"area_{n} = width * height\n" for n in range(20))
    sure = client.open(project / "sure.py", "width = height = 1\n" + lines + "area_20 = wid")
    assert (await suggested(client, sure))[0].startswith("th * height")
    assert not server.seen
    unsure = client.open(project / "unsure.py", "def fresh(width, height):\n    return wid")
    assert (await suggested(client, unsure))[0] == "th + height"


async def test_settings_that_change_take_the_model_away(connect, project, server):
    client = await connect(project, options=options(server), settings=None)
    uri = client.open(project / "area.py", SOURCE)
    assert await suggested(client, uri) == ["width * height"]
    client.settings = {"network": "never"}
    from lsprotocol import types

    client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=None))
    await client.until(lambda: any("never" in message for message in client.messages))
    requests = len(server.seen)
    client.edit(uri, 0, 0, "x = 1\n")
    await suggested(client, uri)
    assert len(server.seen) == requests


async def test_the_workspace_is_in_the_prompt_and_its_secrets_are_not(connect, project, server):
    token = "ghp_" + "a1B2c3D4e5" * 4
    (project / "ledger" / "secret.py").write_text(f"def open_vault():\n    return '{token}'\n")
    (project / ".tactfulignore").write_text("hidden.py\n")
    (project / "hidden.py").write_text("def open_hidden_vault():\n    return 1\n")
    client = await connect(project, options=options(server))
    uri = client.open(project / "new.py", "from ledger.secret import open_vault\nvault = open_")
    async with asyncio.timeout(30):
        while not server.seen or "def open_vault" not in str(server.seen[-1].body):
            client.edit(uri, 0, 0, "\n")  # another text, so that it is asked for anew
            await suggested(client, uri)
    sent = "".join(str(seen.body) for seen in server.seen)
    assert "TACTFUL_REDACTED_1" in sent
    assert token not in sent
    assert "hidden_vault" not in sent
    assert str(project) not in sent


async def test_an_ignored_document_is_never_sent(connect, project, server):
    client = await connect(project, options=options(server))
    uri = client.open(project / ".env", "PASSWORD=x\nPASS")
    await suggested(client, uri)
    assert server.connections == 0


async def test_a_suggestion_with_a_placeholder_is_not_shown(connect, project, server):
    server.answer = '"TACTFUL_REDACTED_1"\n'
    client = await connect(project, options=options(server))
    uri = client.open(project / "area.py", SOURCE)
    assert await suggested(client, uri) == []
    assert server.seen
