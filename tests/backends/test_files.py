"""Which files an interpreter can import."""

import sys
from pathlib import Path

import pytest

from tactful.backends.local.files import (
    imported_names,
    package_files,
    stdlib_files,
)
from tactful.backends.local.interpreter import Interpreter, find_packages


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_imports_are_found() -> None:
    text = "import os, numpy as np\nfrom a.b import c\n    import late\nfrom . import near\nimportant = 1\n"
    assert imported_names([text]) == {"os", "numpy", "a", "late"}


def test_packages_are_found_by_name(tmp_path: Path) -> None:
    write(tmp_path, **{"p/__init__.py": "", "p/tests/t.py": "", "q.py": "", "r.py": ""})
    interpreter = Interpreter(version="3", stdlib=tmp_path, packages=(tmp_path,))
    found = [path.relative_to(tmp_path).as_posix() for path in package_files(interpreter, {"p", "q", "none"})]
    assert found == ["p/__init__.py", "q.py"]


def test_this_interpreter_answers() -> None:
    interpreter = find_packages(Path(sys.executable))
    assert interpreter is not None
    files = stdlib_files(interpreter)
    assert any(path.name == "argparse.py" for path in files)
    assert not any("test" in path.parts for path in files)


@pytest.mark.parametrize("python", [None, Path("/nonexistent/python"), Path("/bin/false")])
def test_no_interpreter_is_no_environment(python: Path | None) -> None:
    assert find_packages(python) is None


def test_environment_in_the_workspace_is_read_and_never_run(tmp_path: Path) -> None:
    write(
        tmp_path,
        **{
            ".venv/pyvenv.cfg": f"home = {Path(sys.base_prefix) / 'bin'}\n",
            ".venv/lib/python3.11/site-packages/lib.py": "",
            ".venv/bin/python": "#!/bin/sh\ntouch ran\n",
            "bare/bin/python": "#!/bin/sh\ntouch ran\n",
        },
    )
    for name in (".venv", "bare"):
        (tmp_path / name / "bin" / "python").chmod(0o755)
    found = find_packages(tmp_path / ".venv" / "bin" / "python", [tmp_path])
    assert found is not None
    assert found.packages == (tmp_path / ".venv" / "lib" / "python3.11" / "site-packages",)
    assert (found.stdlib / "os.py").is_file()
    assert find_packages(tmp_path / "bare" / "bin" / "python", [tmp_path]) is None
    assert not list(tmp_path.rglob("ran"))
    assert not Path("ran").exists()
