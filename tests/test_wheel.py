"""The wheel that users install holds all that the program needs."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    argv = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(argv, check=True, capture_output=True, timeout=120)
    return next(folder.glob("tactful-*.whl"))


def test_the_wheel_holds_models_example_and_types(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"tactful/models/gate/model.json", "tactful/examples/ledger/ledger/account.py", "tactful/py.typed"} <= names


def test_the_wheel_works_without_the_source_tree(wheel, tmp_path):
    """Unpacked elsewhere, with the libraries of this environment but not its source tree, it finds its own parts."""
    unpacked = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(unpacked)
    code = "import tactful.acceptance.artifact as it; it.load(it.bundled()); print(it.__file__)"
    told = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(unpacked)}, capture_output=True, text=True, check=True
    )
    assert told.stdout.startswith(str(unpacked))
    demo = [sys.executable, "-m", "tactful", "demo", "--fast"]
    env = {"PYTHONPATH": str(unpacked), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    assert subprocess.run(demo, env=env, cwd=tmp_path, capture_output=True, timeout=100, check=False).returncode == 0
