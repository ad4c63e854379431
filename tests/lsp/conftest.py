"""A real server process for each test that asks for one, with its log in the report of a failing test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tactful.lsp.client import EditorClient

Connect = Callable[..., Awaitable[EditorClient]]


@pytest_asyncio.fixture
async def connect(home: Path, request: pytest.FixtureRequest) -> AsyncIterator[Connect]:
    """Return a function that starts a server for a folder; every server is stopped afterwards."""
    clients: list[EditorClient] = []

    async def start(root: Path | None = None, *, options: Any = None, **client: Any) -> EditorClient:
        started = {key: client.pop(key) for key in ("annotations", "command", "resolves", "status") if key in client}
        editor = EditorClient(**client)
        clients.append(editor)
        await editor.start(root, options=options, **started)
        return editor

    yield start
    for editor in clients:
        await editor.stop()
    for log in home.rglob("tactful.log"):
        request.node.add_report_section("teardown", "server log", log.read_text())
