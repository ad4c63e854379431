"""The source of prompts as the server has it: a real indexer process, saves, damage, an end that leaves nothing."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from banking import FILES, TELLER, request_in, texts_of, write

from tactful.core.types import PartKind, Prompt, Skipped
from tactful.retrieval import WorkspacePrompts

pytestmark = pytest.mark.e2e


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a workspace."""
    folder = tmp_path / "workspace"
    write(folder, FILES)
    return folder


@pytest.fixture
async def prompts(root: Path, tmp_path: Path) -> AsyncIterator[WorkspacePrompts]:
    """Return the source of prompts for it, at work and indexed."""
    source = WorkspacePrompts(cache_dir=tmp_path / "cache", roots=[root])
    await source.start()
    await asyncio.wait_for(source.indexed.wait(), 30)
    yield source
    await source.close()


async def until(seen: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await seen():
            await asyncio.sleep(0.02)


async def test_it_gathers_from_the_workspace(prompts: WorkspacePrompts, root: Path) -> None:
    prompt = await prompts.gather(request_in(root, "bank/teller.py", TELLER + "open_account("), 8_000)
    assert "bank/account.py" in texts_of(prompt, PartKind.DEFINITION)
    assert isinstance(prompt, Prompt)
    assert not any(str(root) in part.path + part.text for part in prompt.parts)  # no name of this machine's folders


async def test_a_save_is_in_the_next_prompts(prompts: WorkspacePrompts, root: Path) -> None:
    write(root, {"bank/fresh.py": 'def fresh_idea():\n    """Never seen."""\n'})
    prompts.saved(str(root / "bank" / "fresh.py"))
    request = request_in(root, "bank/teller.py", "x = fresh_idea(")

    async def seen() -> bool:
        return "bank/fresh.py" in texts_of(await prompts.gather(request, 8_000), PartKind.DEFINITION)

    await until(seen)


async def test_edits_in_open_documents_are_told(prompts: WorkspacePrompts, root: Path) -> None:
    report = root / "bank" / "report.py"
    prompts.open_document(report.as_uri(), str(report), FILES["bank/report.py"])
    prompts.change_document(report.as_uri(), "ledger = []\n" + FILES["bank/report.py"], 3)
    request = request_in(root, "bank/teller.py", "x = ")
    assert "ledger = []" in texts_of(await prompts.gather(request, 8_000), PartKind.EDIT)["bank/report.py"]
    prompts.close_document(report.as_uri())
    assert texts_of(await prompts.gather(request, 8_000), PartKind.EDIT) == {}


async def test_ignored_documents_are_refused(prompts: WorkspacePrompts, root: Path) -> None:
    assert isinstance(await prompts.gather(request_in(root, ".env", "A="), 8_000), Skipped)


async def test_it_works_before_the_index_does(root: Path, tmp_path: Path) -> None:
    source = WorkspacePrompts(cache_dir=tmp_path / "cache", roots=[root])
    prompt = await source.gather(request_in(root, "bank/teller.py", TELLER), 8_000)
    assert isinstance(prompt, Prompt)
    assert prompt.prefix == TELLER
    await source.close()


async def test_a_damaged_index_is_built_again(prompts: WorkspacePrompts, root: Path, tmp_path: Path) -> None:
    request = request_in(root, "bank/teller.py", TELLER + "open_account(")
    await prompts.gather(request, 8_000)
    (index,) = (path for path in (tmp_path / "cache" / "context").iterdir() if path.is_dir())
    (index / "meta.json").write_text("{")
    assert isinstance(await prompts.gather(request, 8_000), Prompt)

    async def seen() -> bool:
        return "bank/account.py" in texts_of(await prompts.gather(request, 8_000), PartKind.DEFINITION)

    await until(seen)


async def test_an_indexer_that_is_killed_is_started_once_more(root: Path, tmp_path: Path) -> None:
    said: list[str] = []
    source = WorkspacePrompts(cache_dir=tmp_path / "cache", roots=[root], on_problem=said.append)
    await source.start()
    killed: set[int] = set()

    async def dead() -> bool:
        process = source._process
        if process is not None and process.pid not in killed:
            killed.add(process.pid)
            os.kill(process.pid, signal.SIGKILL)
        return bool(said)

    await until(dead)
    assert len(killed) == 2
    assert "stopped working" in said[0]
    assert isinstance(await source.gather(request_in(root, "bank/a.py", "x = "), 8_000), Prompt)
    await source.close()


async def test_a_cache_that_cannot_be_written_is_said(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said: list[str] = []
    source = WorkspacePrompts(cache_dir=tmp_path / "file", roots=[root], on_problem=said.append)
    await source.start()
    await asyncio.wait_for(source.indexed.wait(), 30)
    assert "cannot be kept" in said[0]
    await source.close()


async def test_closing_leaves_no_process(root: Path, tmp_path: Path) -> None:
    source = WorkspacePrompts(cache_dir=tmp_path / "cache", roots=[root])
    await source.start()
    await asyncio.sleep(0)
    await source.close()
    process = source._process
    assert process is None or process.returncode is not None
