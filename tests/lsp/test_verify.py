"""Verify and fix end to end: unsaved text, a sandboxed run, diagnostics, a fix that the user confirms."""

import asyncio
import re
import sys

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

TRUSTED = {"trusted": True, "verify": {"python": sys.executable}}
RIGHT, WRONG = "amount <= self.balance", "amount < self.balance"


def open_broken(client, project) -> tuple[str, int]:
    """Open the account module with an unsaved bug; return its uri and the bug's line."""
    path = project / "ledger" / "account.py"
    uri = client.open(path, path.read_text().replace(RIGHT, WRONG))
    return uri, client.documents[uri].line_of(client.documents[uri].text.index(WRONG))


async def actions_at(client, uri, line) -> list[types.CodeAction]:
    place = types.Position(line, 8)
    params = types.CodeActionParams(
        types.TextDocumentIdentifier(uri), types.Range(place, place), types.CodeActionContext(diagnostics=[])
    )
    return list(await client.text_document_code_action_async(params) or [])


def snapshot(folder) -> dict[str, tuple[bytes, int]]:
    return {str(p): (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file()}


async def test_a_function_offers_both_actions_and_other_places_none(connect, project):
    client = await connect(project, options=TRUSTED)
    uri, line = open_broken(client, project)
    actions = await actions_at(client, uri, line)
    assert [action.title for action in actions] == ["Tactful: verify", "Tactful: verify and fix"]
    assert uri in str(actions[0].command)
    assert "tactful.verifyAndFix" in str(actions[1].command)
    assert await actions_at(client, uri, 1) == []


async def test_passing_tests_are_reported_and_leave_no_diagnostics(connect, project):
    client = await connect(project, options=TRUSTED)
    uri = client.open(project / "ledger" / "account.py")
    result = await client.command("tactful.verify", uri, 45)
    assert result["status"] == "verified"
    assert result["evidence"]["tests_before"]["passed"]
    assert client.diagnostics == {}
    assert result["message"] in client.messages
    assert any(value["kind"] == "begin" and value["cancellable"] for value in client.progress_values)


async def test_a_failure_is_shown_where_it_is_and_disappears_when_mended(connect, project):
    client = await connect(project, options=TRUSTED)
    uri, line = open_broken(client, project)
    result = await client.command("tactful.verify", uri, line)
    assert result["status"] == "failing"
    await client.until(lambda: uri in client.diagnostics)
    shown = client.diagnostics[uri][0]
    assert shown.source == "tactful"
    assert "assert account.covers(150)" in shown.message
    test_uri = (project / "tests" / "test_account.py").as_uri()
    assert len(client.diagnostics[test_uri]) == 1
    start = client.documents[uri].text.index(WRONG)
    client.edit(uri, start, start + len(WRONG), RIGHT)
    await client.command("tactful.verify", uri, line)
    await client.until(lambda: not client.diagnostics[uri] and not client.diagnostics[test_uri])


@pytest.mark.parametrize("annotations", [True, False], ids=["editor-confirms", "question-first"])
async def test_a_fix_is_offered_applied_and_never_written(connect, project, annotations):
    client = await connect(project, options=TRUSTED, annotations=annotations, answer="Apply")
    before = snapshot(project)
    uri, line = open_broken(client, project)
    result = await client.command("tactful.verifyAndFix", uri, line)
    assert result["status"] == "fixed"
    assert result["evidence"]["tests_before"]["failed"]
    assert result["edit"]
    assert "-        return amount < self.balance" in result["page"]
    await client.until(lambda: RIGHT in client.documents[uri].text)
    assert WRONG not in client.documents[uri].text
    notes = client.applied[0].change_annotations or {}
    assert [note.needs_confirmation for note in notes.values()] == ([True] if annotations else [])
    assert len(client.questions) == (0 if annotations else 1)
    assert snapshot(project) == before


async def test_the_fix_stays_as_a_code_action_until_the_text_changes(connect, project):
    client = await connect(project, options=TRUSTED, annotations=False, answer="Dismiss")
    uri, line = open_broken(client, project)
    await client.command("tactful.verifyAndFix", uri, line)
    await client.until(lambda: bool(client.questions))
    offered = (await actions_at(client, uri, line))[0]
    assert offered.title.startswith("Tactful: apply fix")
    assert offered.edit is None
    resolved = await client.code_action_resolve_async(offered)
    assert resolved.edit.document_changes
    client.edit(uri, 0, 0, "# changed\n")
    assert all("apply fix" not in action.title for action in await actions_at(client, uri, line + 1))
    with pytest.raises(JsonRpcException, match="changed since"):
        await client.code_action_resolve_async(offered)


async def test_an_editor_that_cannot_resolve_an_action_gets_the_edit_with_it(connect, project):
    client = await connect(project, options=TRUSTED, annotations=False, resolves=False, answer="Dismiss")
    uri, line = open_broken(client, project)
    await client.command("tactful.verifyAndFix", uri, line)
    await client.until(lambda: bool(client.questions))
    offered = (await actions_at(client, uri, line))[0]
    assert offered.title.startswith("Tactful: apply fix")
    assert offered.edit.document_changes


@pytest.mark.parametrize(("answer", "runs"), [("Trust this folder", True), ("Do not run", False), (None, False)])
async def test_code_runs_only_where_the_user_trusts_the_folder(connect, project, answer, runs):
    client = await connect(project, options={"verify": {"python": sys.executable}}, answer=answer)
    uri = client.open(project / "ledger" / "account.py")
    result = await client.command("tactful.verify", uri, 45)
    assert (result["status"] == "verified") is runs
    assert len(client.questions) == 1
    if runs:
        await client.command("tactful.verify", uri, 45)
        assert len(client.questions) == 1  # the answer is remembered


async def test_a_run_can_be_cancelled_and_leaves_no_process(connect, project):
    slow = (
        "import time\nfrom ledger import Account\n\ndef test_covers():\n    Account('').covers(1)\n    time.sleep(99)\n"
    )
    (project / "tests" / "test_slow.py").write_text(slow)
    client = await connect(project, options=TRUSTED)
    uri = client.open(project / "ledger" / "account.py")
    running = asyncio.ensure_future(client.command("tactful.verify", uri, 45))
    await client.until(lambda: any(value["kind"] == "begin" for value in client.progress_values))
    token = client.progress_tokens[-1]
    client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
    with pytest.raises(JsonRpcException) as caught:
        async with asyncio.timeout(10):
            await running
    assert caught.value.code == -32800
    processes = await asyncio.create_subprocess_exec("ps", "-eo", "args", stdout=asyncio.subprocess.PIPE)
    listed, _ = await processes.communicate()
    assert str(project) not in listed.decode()


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda p: p.unlink(), "cannot be read"),
        (lambda p: p.write_bytes(b"\xff\xfe\x00"), "not UTF-8"),
    ],
)
async def test_a_file_that_cannot_be_read_gets_one_clear_message(connect, project, prepare, words):
    client = await connect(project, options=TRUSTED)
    path = project / "ledger" / "report.py"
    prepare(path)
    result = await client.command("tactful.verify", path.as_uri(), 3)
    assert words in result["message"]
    assert client.messages == [result["message"]]


async def test_wrong_arguments_get_one_clear_message(connect, project):
    client = await connect(project, options=TRUSTED)
    assert "needs the uri" in (await client.command("tactful.verify", 3))["message"]


async def test_a_syntax_error_is_named_and_nothing_is_run(connect, project):
    client = await connect(project, options=TRUSTED)
    uri = client.open(project / "ledger" / "report.py", "def broken(:\n    pass\n")
    result = await client.command("tactful.verify", uri, 0)
    assert (result["status"], result["cause"]) == ("cannot_run", "syntax_error")
    assert not result["evidence"]["tests_before"]["failed"]


async def test_an_applied_fix_takes_its_diagnostics_away(connect, project):
    client = await connect(project, options=TRUSTED)
    uri, line = open_broken(client, project)
    await client.command("tactful.verifyAndFix", uri, line)
    await client.until(lambda: bool(client.applied))
    await client.until(lambda: not any(client.diagnostics.values()))


async def test_a_closed_document_takes_its_diagnostics_along(connect, project):
    client = await connect(project, options=TRUSTED)
    uri, line = open_broken(client, project)
    await client.command("tactful.verify", uri, line)
    await client.until(lambda: bool(client.diagnostics.get(uri)))
    client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
    await client.until(lambda: not any(client.diagnostics.values()))


async def test_a_workspace_behind_a_link_shows_failures_at_their_own_lines(connect, project, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(project)
    client = await connect(link, options=TRUSTED)
    path = link / "ledger" / "account.py"
    text = path.read_text().replace("if not self.covers(amount)", "if self.covers(amount)")
    uri = client.open(path, text)
    raising = text[: text.index("raise InsufficientFunds")].count("\n")
    await client.command("tactful.verify", uri, raising - 3)
    await client.until(lambda: bool(client.diagnostics.get(uri)))
    assert raising in {shown.range.start.line for shown in client.diagnostics[uri]}


async def test_a_buffer_without_a_file_is_refused_with_a_reason(connect, project):
    client = await connect(project, options=TRUSTED)
    result = await client.command("tactful.verify", "untitled:Untitled-1", 0)
    assert "Save the file first" in result["message"]


async def test_a_file_that_is_not_open_can_be_mended_too(connect, project):
    client = await connect(project, options=TRUSTED)
    path = project / "ledger" / "account.py"
    path.write_text(path.read_text().replace(RIGHT, WRONG))
    line = path.read_text()[: path.read_text().index(WRONG)].count("\n")
    result = await client.command("tactful.verifyAndFix", path.as_uri(), line)
    assert result["status"] == "fixed"
    await client.until(lambda: bool(client.applied))
    assert client.applied[0].document_changes[0].text_document.version is None


async def lenses(client, uri) -> list[str]:
    params = types.CodeLensParams(types.TextDocumentIdentifier(uri))
    return [lens.command.title for lens in await client.text_document_code_lens_async(params)]


async def test_the_verdict_stands_above_the_function_while_its_text_stays(connect, project):
    client = await connect(project, options=TRUSTED)
    uri, line = open_broken(client, project)
    assert await lenses(client, uri) == []
    await client.command("tactful.verify", uri, line)
    assert await lenses(client, uri) == ["1 of 6 near tests fails"]
    client.edit(uri, 0, 0, "# a line above\n")
    assert await lenses(client, uri) == ["1 of 6 near tests fails"]
    start = client.documents[uri].text.index(WRONG)
    client.edit(uri, start, start + len(WRONG), RIGHT)
    assert await lenses(client, uri) == []
    await client.command("tactful.verify", uri, line + 1)
    (shown,) = await lenses(client, uri)
    # By reading six tests were near; running them has told which three of them run the function.
    assert re.fullmatch(r"3 near tests pass, \d\.\d s", shown)


async def test_a_failing_test_offers_the_repair_as_its_quick_fix(connect, project):
    client = await connect(project, options=TRUSTED)
    uri, line = open_broken(client, project)
    await client.command("tactful.verify", uri, line)
    test_uri = client.open(project / "tests" / "test_account.py")
    await client.until(lambda: bool(client.diagnostics.get(test_uri)))
    (shown,) = client.diagnostics[test_uri]
    context = types.CodeActionContext(diagnostics=[shown], only=[types.CodeActionKind.QuickFix])
    params = types.CodeActionParams(types.TextDocumentIdentifier(test_uri), shown.range, context)
    (action,) = await client.text_document_code_action_async(params)
    assert action.title == "Tactful: verify and fix"
    assert str([uri, line]) in str(action.command)


@pytest.mark.parametrize(("trusted", "asked"), [(True, 1), ("ask", 0)])
async def test_a_failure_after_an_acceptance_offers_the_repair(connect, project, trusted, asked):
    options = {**TRUSTED, "trusted": trusted, "gate": {"mode": "off"}}
    options["verify"] = {**TRUSTED["verify"], "onAccept": True}
    client = await connect(project, options=options, annotations=False, answer="Dismiss")
    uri, _ = open_broken(client, project)
    at = client.documents[uri].text.index(WRONG) - len("return ")
    client.edit(uri, at, at, "\n        retur")
    client.edit(uri, at, at + len("\n        retur"), "")
    item = None
    for offset in range(at, at + 12):
        items = await client.suggest(uri, offset, automatic=False)
        if items:
            item = items[0]
            break
    assert item is not None
    await client.command(item.command.command, *item.command.arguments)
    if asked:
        await client.until(lambda: bool(client.questions))
        assert client.questions[0].startswith("After the accepted suggestion: 1 of")
    else:
        await asyncio.sleep(1.5)
    assert len(client.questions) == asked
