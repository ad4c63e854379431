"""`tactful demo`: the real server on a small real project, typed into as a person would."""

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from lsprotocol import types
    from rich.console import Console

    from tactful.lsp.client import EditorClient

__all__ = ["demo"]

_TYPED = '''
    def rename_account(self, name: str, new_name: str) -> Account:
        """Rename an account and return it."""
        if new_name in self.accounts:
            raise ValueError(f"the account {new_name} is open already")
        # the entries move along
        account = self.accounts[name]
        del self.accounts[name]
        self.accounts[new_name] = account
        return account
'''
_BEHIND = "    def transfer("
_BUG = ("amount <= self.balance + self.limit", "amount < self.balance + self.limit")
_PAUSE_S = 0.02
_INDEX_TIMEOUT_S = 60


@click.command()
@click.option("--fast", is_flag=True, help="Type without pauses between the keys.")
def demo(fast: bool) -> None:
    """Watch Tactful at work on a small project.

    Starts the real server on a copy of a small bookkeeping library, types a method into it, and shows each suggestion,
    hidden ones struck through with the reason; then breaks a function and has the fix proved by its tests. Nothing is
    written outside a temporary folder.
    """
    from rich.console import Console

    with tempfile.TemporaryDirectory(prefix="tactful-demo-") as folder:
        project = Path(folder) / "ledger"
        shutil.copytree(_example(), project, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("cache", "data", "state"):
            os.environ[f"XDG_{name.upper()}_HOME"] = str(Path(folder) / name)
        fixed = asyncio.run(_play(project, Console(highlight=False), 0.0 if fast else _PAUSE_S))
    sys.exit(0 if fixed else 1)


async def _play(project: Path, console: "Console", pause_s: float) -> bool:
    from tactful.lsp.client import EditorClient

    client = EditorClient()
    await client.start(project, options={"trusted": True, "verify": {"python": sys.executable}})
    console.rule("[bold]A method is typed into ledger/journal.py")
    uri = client.open(project / "ledger" / "journal.py")
    await client.until(lambda: client.is_indexed, _INDEX_TIMEOUT_S)
    offset = client.documents[uri].text.index(_BEHIND)
    client.edit(uri, offset, offset, "\n")
    await _Typist(client, uri, offset, console, pause_s).type(_TYPED.lstrip("\n"))
    console.rule("[bold]A comparison breaks in ledger/account.py, unsaved")
    fixed = await _break_and_fix(client, project / "ledger" / "account.py", console)
    await client.stop()
    console.rule("[bold]What it remembers")
    _show_memory(console)
    return fixed


class _Typist:
    """Types a text key by key, looks at each suggestion, and accepts those that say what it wants."""

    def __init__(self, client: "EditorClient", uri: str, offset: int, console: "Console", pause_s: float) -> None:
        self._client, self._uri, self._offset = client, uri, offset
        self._console, self._pause_s = console, pause_s
        self._last = ("", "")  # what was said of the key before, and the text it was said of

    async def type(self, text: str) -> None:
        """Type `text`, letting accepted suggestions stand for their part of it."""
        while text:
            self._client.edit(self._uri, self._offset, self._offset, text[0])
            self._offset += 1
            text = text[1:]
            await asyncio.sleep(self._pause_s)
            items = await self._client.suggest(self._uri, self._offset)
            if not items:
                await self._note_hidden()
            else:
                text = await self._look_at(items[0], text)

    async def _look_at(self, item: "types.InlineCompletionItem", text: str) -> str:
        ghost = str(item.insert_text)
        if not text.startswith(ghost) or len(ghost) < 2:
            self._say("shown", ghost, "[yellow]shown, typed on[/]")
            return text
        self._say("accepted", ghost, "[green]shown, accepted with Tab[/]")
        self._offset = await self._client.accept(self._uri, item)
        return text[len(ghost) :]

    async def _note_hidden(self) -> None:
        why = await self._client.command("tactful.explain", self._uri)
        if why["stage"] in ("gate1", "gate2"):
            reason = why["reason"].partition(": ")[2] if self._last[0] == "hidden" else why["reason"]
            self._say("hidden", why["completion"] or "", f"[red]hidden[/] [dim]{_escape(reason)}[/]")

    def _say(self, what: str, ghost: str, note: str) -> None:
        """Print the line so far, unless this only goes on with what was said of the key before."""
        before, self._last = self._last, (what, ghost)
        if what != "accepted" and before in ((what, ghost), (what, before[1][:1] + ghost)):
            return
        document = self._client.documents[self._uri]
        line = document.line_of(self._offset)
        typed = document.text[document.line_starts[line] : self._offset]
        style = "dim strike" if what == "hidden" else "dim italic"
        shown = f"[{style}]{_escape(ghost)}[/]" if ghost else ""
        self._console.print(f"[dim]{line + 1:>4}[/] {_escape(typed)}[reverse] [/]{shown}  {note}", soft_wrap=True)


async def _break_and_fix(client: "EditorClient", path: Path, console: "Console") -> bool:
    uri = client.open(path)
    text = client.documents[uri].text
    start = text.index(_BUG[0])
    client.edit(uri, start, start + len(_BUG[0]), _BUG[1])
    line = client.documents[uri].line_of(start)
    console.print(f"[dim]{line + 1:>4}[/] [red]- {_BUG[0]}[/]\n[dim]{line + 1:>4}[/] [red]+ {_BUG[1]}[/]")
    console.print("Code action: Tactful: verify and fix")
    result = await client.command("tactful.verifyAndFix", uri, line)
    for failure in result["failures"]:
        console.print(f"  [red]fails[/] {failure['test_id']}\n        [dim]{_escape(failure['assertion'].strip())}[/]")
    _show_evidence(console, result)
    if not result["offers"]:
        return False
    await client.until(lambda: bool(client.applied))  # a request of its own, which an editor shows for confirmation
    console.print(f"[dim]{line + 1:>4}[/] [green]{_escape(client.documents[uri].line_text(line))}[/]")
    untouched = await asyncio.to_thread(path.read_text, "utf-8") == text
    console.print(f"The file on disk was not touched: {untouched}")
    return client.documents[uri].text == text


def _show_evidence(console: "Console", result: dict[str, Any]) -> None:
    evidence = result["evidence"]
    color = "green" if result["offers"] else "yellow"
    console.print(f"[{color}]{_escape(result['message'])}[/]")
    console.print(
        f"[dim]evidence: {len(evidence['tests_before']['failed'])} tests failed before, "
        f"{len(evidence['tests_after']['passed'])} pass now, "
        f"{evidence['candidates']} candidates tried in {evidence['seconds']:.1f} s; "
        f"sandbox: {_escape(evidence['sandbox'])}[/]"
    )


def _show_memory(console: "Console") -> None:
    from tactful import paths
    from tactful.feedback.store import SqliteStore

    store = SqliteStore(paths.database(), console.print)
    counts = store.counts()
    store.close()
    outcomes = ", ".join(f"{number} {outcome.replace('_', ' ')}" for outcome, number in counts.by_outcome.items())
    console.print(f"{counts.decisions} decisions, {counts.shown} suggestions shown: {outcomes}. No source text.")


def _example() -> Path:
    """Return the example project, in the installed package or in the source tree."""
    packaged = Path(__file__).parents[1] / "examples" / "ledger"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "examples" / "ledger"


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)
