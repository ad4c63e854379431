"""What all tests share: folders of their own, and a copy of the example project."""

import shutil
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[1] / "examples" / "ledger"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep Tactful's own folders, in this process and its children, away from the user's."""
    folder = tmp_path / "home"
    for name in ("CACHE", "DATA", "STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(folder / name.lower()))
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the example project."""
    folder = tmp_path / "ledger"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    return folder
