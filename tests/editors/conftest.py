"""Real editors for the tests; what an editor shows is in the report of a failing test."""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from real_neovim import ROOT, Neovim, StartNeovim


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with `tactful` as pipx leaves it: of the built wheel, from an environment of its own."""
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    venv.create(folder / "environment", with_pip=True)
    install = [str(folder / "environment" / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    cache = {**os.environ, "PIP_CACHE_DIR": str(ROOT / ".cache" / "pip")}
    subprocess.run([*install, str(next(folder.glob("*.whl")))], check=True, env=cache, timeout=600)
    (folder / "bin").mkdir()
    (folder / "bin" / "tactful").symlink_to(folder / "environment" / "bin" / "tactful")
    return folder / "bin"


@pytest.fixture(scope="session")
def index_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache folder shared by all tests, so that the standard library is indexed once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def start_neovim(
    tmp_path: Path, index_cache: Path, installed: Path, request: pytest.FixtureRequest
) -> Iterator[StartNeovim]:
    """Return a function that starts a Neovim with the plugin; its settings are those of the server."""
    started: list[Neovim] = []

    def start(settings: Any = None, **options: Any) -> Neovim:
        path = os.pathsep.join([str(installed), str(Path(sys.executable).parent), os.environ["PATH"]])
        env = {"XDG_CACHE_HOME": str(index_cache), "PATH": path, **options.pop("env", {})}
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
