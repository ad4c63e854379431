"""A real VS Code with the .vsix installed. The tests of this folder share one and its window: each start takes long."""

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, sync_playwright
from real_vscode import (
    EXAMPLE,
    NOTES,
    OPEN,
    START,
    TYPED,
    CodeServer,
    Outcomes,
    TypeInto,
    VsCode,
    open_browser,
    why_none,
)


@pytest.fixture(scope="package")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    if os.environ.get("TACTFUL_WITHOUT_VSCODE"):
        pytest.skip("VS CODE IS LEFT OUT: TACTFUL_WITHOUT_VSCODE is set")
    if reason := why_none():
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(f"NO VS CODE HERE: {reason}")
    with sync_playwright() as playwright:
        context = open_browser(playwright, tmp_path_factory.mktemp("chromium"))
        yield context
        context.close()


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory, browser: BrowserContext) -> Iterator[CodeServer]:
    started = CodeServer(tmp_path_factory.mktemp("code-server"), {})
    started.configure(OPEN)
    yield started
    started.close()


@pytest.fixture(scope="package")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the window is open on: a copy of the example project."""
    folder = tmp_path_factory.mktemp("work") / "ledger"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    return folder


@pytest.fixture(scope="package")
def first_use(browser: BrowserContext, server: CodeServer, ledger: Path) -> Iterator[tuple[VsCode, list[str]]]:
    """Return a window in which Tactful has set itself up, and all that its status and messages said meanwhile."""
    with VsCode(browser, server, ledger, ledger / "ledger" / "account.py") as window:
        said: list[str] = []

        def ready() -> bool:
            said.extend([window.status(), window.notifications()])
            return window.status() == "Tactful" and any("indexing" in text for text in said)

        window.wait(ready, "the status 'ready'", 600)
        window.command("View: Close Primary Side Bar")
        yield window, said


@pytest.fixture
def window(first_use: tuple[VsCode, list[str]]) -> Iterator[VsCode]:
    """Return the window; afterwards all files in it are closed, and the folder has no settings of its own."""
    window, _ = first_use
    yield window
    while window.tabs():
        window.close_file()
    if window.notifications():
        window.clear_notifications()
    window.configure({})


@pytest.fixture
def type_into(window: VsCode, ledger: Path) -> TypeInto:
    """Return a function that opens a new file with a text and types into its end."""

    def type_into(text: str, typed: str) -> Path:
        path = ledger / f"notes{next(_numbers)}.py"
        path.write_text(text)
        window.open(path)
        window.type(typed)
        return path

    return type_into


_numbers = itertools.count(1)


@pytest.fixture
def outcomes(server: CodeServer) -> Outcomes:
    """Return a function that tells what became of the suggestions of this test, oldest first."""
    before = len(server.decisions())
    return lambda: [str(row.outcome) for row in server.decisions()[before:] if row.outcome is not None]


@pytest.fixture
def ghost(window: VsCode, outcomes: Outcomes, type_into: TypeInto) -> str:
    """Return the ghost text that stands behind the cursor of a file of its own; `outcomes` begins before it."""
    type_into(NOTES, "nc")
    window.wait(lambda: window.line() == TYPED and window.ghost().startswith(START), "the rest of the line")
    return window.ghost()
