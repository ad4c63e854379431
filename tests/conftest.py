"""What all tests share: folders of their own, and a copy of the example project."""

import shutil
from pathlib import Path

import pytest

# What is measured against the clock with real processes and editors gets a second and a third try on a busy machine; a
# retry shows as R in the report.
BY_THE_CLOCK = (
    "editors",
    "lsp",
    "verify",
    "test_backend.py",
    "test_builder.py",
    "test_worker.py",
    "test_remote_backend.py",
    "test_remote_trouble.py",
    "llamacpp",
)

EXAMPLE = Path(__file__).parents[1] / "examples" / "ledger"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests that depend on the clock be tried again; those in VS Code come last.

    Their browser is driven by an event loop that runs until they are all done; no asynchronous test can run beside it.
    """
    items.sort(key=lambda item: "vscode" in item.path.parts)
    for item in items:
        if not {*item.path.parts}.isdisjoint(BY_THE_CLOCK):
            item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=1))


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
