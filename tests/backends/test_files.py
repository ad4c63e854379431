"""Which files an interpreter can import."""

import sys
from pathlib import Path

import pytest

from tactful.backends.local.files import (
    imported_names,
    package_files,
    stdlib_files,
)
from tactful.backends.local.interpreter import Interpreter, ask_interpreter


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
    interpreter = ask_interpreter(Path(sys.executable))
    assert interpreter is not None
    files = stdlib_files(interpreter)
    assert any(path.name == "argparse.py" for path in files)
    assert not any("test" in path.parts for path in files)


@pytest.mark.parametrize("python", [None, Path("/nonexistent/python"), Path("/bin/false")])
def test_no_interpreter_is_no_environment(python: Path | None) -> None:
    assert ask_interpreter(python) is None
