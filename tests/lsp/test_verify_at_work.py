"""What the editor sees of a verification at work: progress, cancelling, quick fixes, lenses, harm that is contained."""

import ast
import asyncio
import re
import sys
import time
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

TRUSTED = {"trusted": True, "verify": {"python": sys.executable}}
RIGHT, WRONG = "amount <= self.balance", "amount < self.balance"
IMPOSSIBLE = "\n\ndef test_impossible():\n    assert Account('a').covers(1) == 'a long way from here'\n"
TWO_WAYS = "def pick(a, b):\n    return a\n"
TESTS_OF_TWO = "from pick import pick\ndef test_pick(): assert pick(1, 2) == 2\n"


def open_broken(client, project) -> tuple[str, int]:
    """Open the account module with an unsaved bug; return its uri and the bug's line."""
    path = project / "ledger" / "account.py"
    uri = client.open(path, path.read_text().replace(RIGHT, WRONG))
    return uri, client.documents[uri].line_of(client.documents[uri].text.index(WRONG))


async def actions_in(client, uri, first, last, diagnostics=(), only=None) -> list[types.CodeAction]:
    covered = types.Range(types.Position(first, 0), types.Position(last, 0))
    context = types.CodeActionContext(diagnostics=list(diagnostics), only=only)
    params = types.CodeActionParams(types.TextDocumentIdentifier(uri), covered, context)
    return list(await client.text_document_code_action_async(params) or [])


def messages_of(client) -> list[str]:
    return [value.get("message") or "" for value in client.progress_values]


async def run_command(client, command: types.Command | str):
    """Run the command of an action or a lens; pygls's client takes an action for a command, spelt as text."""
    if isinstance(command, str):
        found = ast.literal_eval(command)
        return await client.command(found["command"], *found["arguments"])
    return await client.command(command.command, *(command.arguments or ()))


async def test_progress_counts_tests_and_candidates(connect, project):
    client = await connect(project, options=TRUSTED)
    uri, line = open_broken(client, project)
    await client.command("tactful.verifyAndFix", uri, line)
    told = " ".join(messages_of(client))
    assert re.search(r"Ran \d+ of \d+ near tests", told)
    assert re.search(r"Tried \d+ candidate repairs", told)
    kinds = [value["kind"] for value in client.progress_values if "index" not in str(value.get("title", "")).lower()]
    assert kinds.count("end") >= 1


@pytest.mark.parametrize("moment", ["Starting pytest", "Ran ", "Tried "])
async def test_a_repair_can_be_cancelled_at_any_moment_and_the_next_one_answers(connect, project, moment):
    test = project / "tests" / "test_account.py"
    plain = test.read_text()
    test.write_text(plain + IMPOSSIBLE)
    client = await connect(project, options=TRUSTED)
    uri, line = open_broken(client, project)
    running = asyncio.ensure_future(client.command("tactful.verifyAndFix", uri, line))
    await client.until(lambda: any(each.startswith(moment) for each in messages_of(client)), 30)
    at = next(i for i, each in enumerate(messages_of(client)) if each.startswith(moment))
    client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(client.progress_tokens[at]))
    started = time.monotonic()
    with pytest.raises(JsonRpcException) as caught:
        async with asyncio.timeout(10):
            await running
    assert caught.value.code == -32800
    assert time.monotonic() - started < 2.0
    test.write_text(plain)
    assert (await client.command("tactful.verify", uri, line))["status"] == "failing"


async def test_the_quick_fix_of_a_failing_test_mends_the_function(connect, project):
    client = await connect(project, options=TRUSTED)
    uri, line = open_broken(client, project)
    await client.command("tactful.verify", uri, line)
    test_uri = client.open(project / "tests" / "test_account.py")
    await client.until(lambda: bool(client.diagnostics.get(test_uri)))
    (shown,) = client.diagnostics[test_uri]
    start = shown.range.start.line
    (action,) = await actions_in(client, test_uri, start, start, [shown], [types.CodeActionKind.QuickFix])
    assert (await run_command(client, action.command))["status"] == "fixed"
    await client.until(lambda: RIGHT in client.documents[uri].text)
    await client.until(lambda: not any(client.diagnostics.values()))


async def test_a_click_on_the_lens_looks_for_a_repair(connect, project):
    client = await connect(project, options=TRUSTED)
    uri, line = open_broken(client, project)
    await client.command("tactful.verify", uri, line)
    params = types.CodeLensParams(types.TextDocumentIdentifier(uri))
    (lens,) = await client.text_document_code_lens_async(params)
    result = await run_command(client, lens.command)
    assert result["status"] == "fixed"
    (after,) = await client.text_document_code_lens_async(params) or [lens]
    assert after.command.title.endswith("a repair is on offer") or RIGHT in client.documents[uri].text


async def test_the_evidence_is_one_readable_page(connect, project):
    client = await connect(project, options=TRUSTED)
    uri, line = open_broken(client, project)
    page = (await client.command("tactful.verifyAndFix", uri, line))["page"]
    headings = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    assert headings[0] == "ledger/account.py"
    assert {"Failing before", "What was run", "Why these tests"} <= set(headings)
    assert "every one that is affected ran" in page
    assert re.search(r"- changes tried: \d+", page)
    assert page.count("```") % 2 == 0


async def test_a_selection_is_verified_as_the_functions_that_it_touches(connect, project):
    client = await connect(project, options=TRUSTED)
    uri, line = open_broken(client, project)
    first, second = await actions_in(client, uri, line - 3, line + 8)
    assert [first.title, second.title] == [
        f"Tactful: verify lines {line - 2}-{line + 8}",
        f"Tactful: verify and fix lines {line - 2}-{line + 8}",
    ]
    result = await run_command(client, second.command)
    assert result["status"] == "fixed"
    assert "covers or" in result["evidence"]["selection"] or "covers" in str(result["evidence"]["near"])


async def test_a_selection_of_one_whole_line_is_that_line(connect, project):
    client = await connect(project, options=TRUSTED)
    uri, line = open_broken(client, project)
    actions = await actions_in(client, uri, line, line + 1)
    assert [each.title for each in actions] == ["Tactful: verify", "Tactful: verify and fix"]


async def test_repairs_that_behave_differently_are_all_on_offer(connect, tmp_path):
    root = tmp_path / "two"
    root.mkdir()
    (root / "test_pick.py").write_text(TESTS_OF_TWO)
    (root / "pick.py").write_text(TWO_WAYS)
    client = await connect(root, options=TRUSTED, annotations=False, answer="Dismiss")
    uri = client.open(root / "pick.py")
    result = await client.command("tactful.verifyAndFix", uri, 1)
    offered = [each for each in await actions_in(client, uri, 1, 1) if "apply fix" in each.title]
    assert len(offered) == len(result["offers"])
    assert [bool(each.is_preferred) for each in offered] == [True, False, False][: len(offered)]
    for action, offer in zip(offered, result["offers"], strict=True):
        resolved = await client.code_action_resolve_async(action)
        (change,) = resolved.edit.document_changes
        assert change.edits[0].new_text == offer["new_text"]


async def test_after_an_acceptance_the_repair_can_be_taken_at_once(connect, project):
    options = {**TRUSTED, "gate": {"mode": "off"}, "verify": {**TRUSTED["verify"], "onAccept": True}}
    client = await connect(project, options=options, answer="Verify and fix")
    uri, _ = open_broken(client, project)
    at = client.documents[uri].text.index(WRONG) - len("return ")
    item = next(
        iter([each for offset in range(at, at + 12) for each in await client.suggest(uri, offset, automatic=False)])
    )
    await client.command(item.command.command, *item.command.arguments)
    await client.until(lambda: bool(client.questions), 30)
    await client.until(lambda: RIGHT in client.documents[uri].text, 60)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("import os; os.kill(os.getppid(), 9)", "ended the process"),
        ("while True: pass", "had not ended"),
        ("input()", "stdin"),
        ("print('x' * 9_000_000); assert 0", "assert 0"),
    ],
)
async def test_the_server_answers_on_after_a_harmful_test(connect, tmp_path, body, words):
    root = tmp_path / "harm"
    root.mkdir()
    source = "def one():\n    return 1\n"
    for name, line in (("bad", body), ("good", "assert True")):
        (root / f"{name}.py").write_text(source)
        (root / f"test_{name}.py").write_text(f"from {name} import one\ndef test_one():\n    one()\n    {line}\n")
    client = await connect(root, options={**TRUSTED, "verify": {**TRUSTED["verify"], "budgetS": 10}})
    bad, good = (client.open(root / f"{name}.py") for name in ("bad", "good"))
    result = await client.command("tactful.verify", bad, 1)
    assert words in " ".join([result["message"], *(each["message"] for each in result["failures"])])
    assert await client.suggest(good, len(source)) is not None
    assert (await client.command("tactful.verify", good, 1))["status"] == "verified"


async def test_a_syntax_error_is_told_in_a_tenth_of_a_second(connect, project):
    client = await connect(project, options=TRUSTED)
    uri = client.open(project / "ledger" / "report.py", "x = 1\n" * 3000 + "def broken(:\n    pass\n")
    await client.command("tactful.explain", uri, True)  # the server is awake
    times = []
    for _ in range(5):
        started = time.perf_counter()
        result = await client.command("tactful.verify", uri, 0)
        times.append(time.perf_counter() - started)
    assert result["message"].startswith("report.py has a syntax error at line 3001")
    assert min(times) < 0.1


async def test_tests_are_measured_while_the_editor_rests(connect, project, home):
    client = await connect(project, options=TRUSTED)
    uri = client.open(project / "ledger" / "account.py")
    deadline = time.monotonic() + 60
    maps: list[Path] = []
    while not maps:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
        maps = list(home.rglob("coverage/*.sqlite3"))
    text = client.documents[uri].text
    line = client.documents[uri].line_of(text.index(RIGHT))
    while "coverage map" not in (await client.command("tactful.verify", uri, line))["evidence"]["selection"]:
        assert time.monotonic() < deadline


@pytest.mark.parametrize("options", [{"trusted": False}, {"trusted": "ask"}, {"trusted": True, "background": False}])
async def test_nothing_is_measured_where_it_is_not_wanted(connect, project, home, options):
    background = options.pop("background", True)
    client = await connect(project, options={**options, "verify": {"python": sys.executable, "background": background}})
    client.open(project / "ledger" / "account.py")
    await asyncio.sleep(8)
    assert not list(home.rglob("coverage/*.sqlite3"))
    assert client.questions == []
