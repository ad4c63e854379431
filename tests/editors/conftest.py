"""Real editors for the tests; what an editor shows is in the report of a failing test."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from real_neovim import Neovim, StartNeovim


@pytest.fixture(scope="session")
def index_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache folder shared by all tests, so that the standard library is indexed once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def start_neovim(tmp_path: Path, index_cache: Path, request: pytest.FixtureRequest) -> Iterator[StartNeovim]:
    """Return a function that starts a Neovim with the plugin; its settings are those of the server."""
    started: list[Neovim] = []

    def start(settings: Any = None, **options: Any) -> Neovim:
        env = {"XDG_CACHE_HOME": str(index_cache), **options.pop("env", {})}
        chosen = {"gate": {"mode": "off"}, "trusted": True} if settings is None else settings
        editor = Neovim(tmp_path / f"editor{len(started)}", json.dumps(chosen), env=env, **options)
        started.append(editor)
        return editor

    yield start
    for editor in started:
        try:
            request.node.add_report_section("teardown", "neovim", editor.report())
        finally:
            editor.close()
