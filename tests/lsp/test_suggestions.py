"""Suggestions end to end: a real server process, a real client."""

import asyncio
import sqlite3
import sys

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcRequestCancelled

pytestmark = pytest.mark.e2e

OPEN_GATE = {"gate": {"mode": "off"}}
REPEATED = (
    "def area(width, height):\n    return width * height\n\n\ndef volume(width, height, depth):\n    return width * hei"
)


async def suggested(client, uri) -> list[str]:
    items = await client.suggest(uri, len(client.documents[uri].text))
    return [item.insert_text for item in items]


async def test_the_rest_of_the_line_comes_from_the_open_document(connect, project):
    client = await connect(project, options=OPEN_GATE)
    uri = client.open(project / "shapes.py", REPEATED)
    assert await suggested(client, uri) == ["ght"]


async def test_capabilities_are_advertised(connect, project):
    client = await connect(project)
    capabilities = client.server_result.capabilities
    assert capabilities.inline_completion_provider is not None
    assert capabilities.code_action_provider.resolve_provider
    assert "tactful.explain" in capabilities.execute_command_provider.commands
    assert capabilities.text_document_sync.change == types.TextDocumentSyncKind.Incremental


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_acceptance_is_right_behind_astral_characters(connect, project, encoding, end):
    client = await connect(project, options=OPEN_GATE, encoding=encoding)
    text = f"emoji = '\U0001f600\U0001f600'; value = first_name{end}\f{end}other = '\U0001f600é'; value = first_na"
    uri = client.open(project / "names.py", text)
    items = await client.suggest(uri, len(text))
    await client.accept(uri, items[0])
    assert client.documents[uri].text == text + "me"
    client.edit(uri, 0, 0, "x")  # the server's text still agrees: the same suggestion comes at the new place
    end_of_text = len(client.documents[uri].text)
    client.edit(uri, end_of_text - 2, end_of_text, "")
    assert await suggested(client, uri) == ["me"]


async def test_the_selected_entry_of_the_list_is_extended(connect, project):
    client = await connect(project, options=OPEN_GATE)
    text = "result = compute(alpha, beta)\nresult = com"
    uri = client.open(project / "calls.py", text)
    selected = types.SelectedCompletionInfo(
        range=types.Range(types.Position(1, 9), types.Position(1, 12)), text="compute"
    )
    answer = await client.text_document_inline_completion_async(
        types.InlineCompletionParams(
            context=types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic, selected),
            text_document=types.TextDocumentIdentifier(uri),
            position=types.Position(1, 12),
        )
    )
    item = answer[0]
    assert item.range == selected.range
    assert item.insert_text == "compute(alpha, beta)"


async def test_nothing_to_show_is_an_empty_list(connect, project):
    client = await connect(project, options=OPEN_GATE)
    uri = client.open(project / "new.txt", "zxqv", language_id="plaintext")
    assert await suggested(client, uri) == []
    params = types.InlineCompletionParams(
        context=types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic),
        text_document=types.TextDocumentIdentifier("file:///never/opened.py"),
        position=types.Position(0, 0),
    )
    assert await client.text_document_inline_completion_async(params) == []


async def test_a_newer_request_cancels_the_older_one(connect, project):
    client = await connect(project, options=OPEN_GATE)
    uri = client.open(project / "shapes.py", REPEATED)
    requests = [client.suggest(uri, len(REPEATED)) for _ in range(5)]
    answers = await asyncio.gather(*requests, return_exceptions=True)
    cancelled = [answer for answer in answers if isinstance(answer, JsonRpcException)]
    assert all(answer.code == JsonRpcRequestCancelled.CODE for answer in cancelled)
    assert cancelled
    assert [item.insert_text for item in answers[-1]] == ["ght"]


async def test_acceptance_is_remembered(connect, project, home):
    client = await connect(project, options=OPEN_GATE)
    uri = client.open(project / "shapes.py", REPEATED)
    items = await client.suggest(uri, len(REPEATED))
    await client.accept(uri, items[0])
    await client.stop()
    rows = sqlite3.connect(next(home.rglob("feedback.sqlite3"))).execute("SELECT suggestion_id, outcome FROM outcomes")
    assert rows.fetchall() == [(items[0].command.arguments[0], "accepted")]


async def test_explain_says_why(connect, project):
    client = await connect(project, options=OPEN_GATE)
    assert "not been asked" in (await client.command("tactful.explain"))["text"]
    uri = client.open(project / "shapes.py", REPEATED)
    await suggested(client, uri)
    answer = await client.command("tactful.explain", uri)
    assert answer["shown"]
    assert answer["reason"] == "the gate is off"
    assert answer["text"] in client.messages
    said = len(client.messages)
    silent = await client.command("tactful.explain", uri, True)
    assert silent["markdown"].startswith(answer["text"])
    assert len(client.messages) == said


async def test_explain_names_what_counted_most_and_what_to_change(connect, project):
    client = await connect(project, options={"gate": {"mode": "eager", "exploration": 0}})
    uri = client.open(project / "shapes.py", REPEATED)
    scored = None
    async with asyncio.timeout(30):
        while not scored:  # until the gate's model has been loaded
            await suggested(client, uri)
            answer = await client.command("tactful.explain", uri)
            scored = answer["weights"]
    assert 1 <= len(scored) <= 5
    assert all(set(each) == {"feature", "words", "value", "effect"} for each in scored)
    assert "`gate.mode`" in answer["markdown"]
    assert "area" not in answer["markdown"]  # no source text


async def test_pause_and_languages_switch_suggestions_off(connect, project):
    client = await connect(project, options={"gate": {"mode": "off"}, "languages": {"markdown": False}})
    uri = client.open(project / "shapes.py", REPEATED)
    await client.command("tactful.pause", 5)
    assert await suggested(client, uri) == []
    assert "paused" in (await client.command("tactful.explain", uri))["reason"]
    await client.command("tactful.pause", 0)
    assert await suggested(client, uri) == ["ght"]
    page = client.open(project / "page.md", REPEATED, language_id="markdown")
    assert await suggested(client, page) == []
    assert "switched off" in (await client.command("tactful.explain", page))["reason"]


async def test_settings_come_from_the_editor_and_may_change(connect, project):
    client = await connect(project, options=OPEN_GATE, settings={"gate": {"mode": "loud"}, "colour": 1})
    await client.until(lambda: len(client.messages) >= 2)
    assert any("gate.mode" in message and "loud" in message for message in client.messages)
    assert any("colour" in message for message in client.messages)
    client.settings = {"languages": {"python": False}}
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings={}))
    await client.until(lambda: client.heard.count("workspace/configuration") == 2)
    await client.command("tactful.explain")  # a round trip: the answer to the question before it has been read
    uri = client.open(project / "shapes.py", REPEATED)
    assert await suggested(client, uri) == []


async def test_a_huge_line_gets_an_empty_answer_quickly(connect, project):
    client = await connect(project, options=OPEN_GATE)
    uri = client.open(project / "data.json", "[" + "1," * 2_500_000, language_id="json")
    async with asyncio.timeout(10):
        assert await suggested(client, uri) == []
    assert "larger" in (await client.command("tactful.explain", uri))["reason"]


async def test_broken_messages_get_an_error_without_text(connect, project):
    client = await connect(project, options=OPEN_GATE)
    answer = asyncio.get_running_loop().create_future()
    client.protocol._request_futures["broken"] = answer
    params = {"textDocument": "hunter2"}
    client.protocol._send_data(
        {"jsonrpc": "2.0", "id": "broken", "method": "textDocument/inlineCompletion", "params": params}
    )
    with pytest.raises(JsonRpcException) as caught:
        await answer
    assert caught.value.code == -32602
    assert "hunter2" not in str(caught.value)
    with pytest.raises(JsonRpcException) as caught:
        await client.command("tactful.nonsense")
    assert "Traceback" not in str(caught.value)
    uri = client.open(project / "shapes.py", REPEATED)
    assert await suggested(client, uri) == ["ght"]  # the server is still there


async def test_no_source_text_reaches_the_log(connect, project, home):
    client = await connect(project, options={**OPEN_GATE, "log": {"level": "debug"}})
    secret = "password = 'correct-horse-battery'\npassword = 'correct-hor"
    uri = client.open(project / "secrets.py", secret)
    await suggested(client, uri)
    await client.stop()
    log = next(home.rglob("tactful.log")).read_text()
    assert "suggestion" in log
    assert "correct" not in log
    assert b"correct" not in next(home.rglob("feedback.sqlite3")).read_bytes()


async def test_an_unusable_cache_folder_costs_one_message(connect, project, home, monkeypatch):
    blocked = home / "file"
    home.mkdir(parents=True, exist_ok=True)
    blocked.write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    client = await connect(project, options=OPEN_GATE)
    uri = client.open(project / "shapes.py", REPEATED)
    await client.until(lambda: bool(client.messages))
    assert await suggested(client, uri) == ["ght"]
    assert len(client.messages) == 1
    assert str(blocked) in client.messages[0]


async def test_another_interpreter_or_folder_restarts_the_engine_and_suggestions_go_on(connect, project):
    client = await connect(project, options=OPEN_GATE)
    uri = client.open(project / "shapes.py", REPEATED)
    assert await suggested(client, uri) == ["ght"]
    event = types.WorkspaceFoldersChangeEvent(added=[types.WorkspaceFolder(project.parent.as_uri(), "all")], removed=[])
    client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
    assert await suggested(client, uri) == ["ght"]
    client.settings = {"verify": {"python": sys.executable}}
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings={}))
    await client.until(lambda: client.heard.count("workspace/configuration") == 2)
    assert await suggested(client, uri) == ["ght"]
