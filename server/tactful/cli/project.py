"""Which folder is the project of a file, and which interpreter is the project's, where an editor would have told."""

import os
from pathlib import Path

__all__ = ["find_python", "root_of"]

_MARKS = (".git", "pyproject.toml", "setup.cfg", "setup.py", "pytest.ini", "tox.ini", "package.json")


def root_of(path: Path) -> Path:
    """Return the nearest folder above `path` that looks like a project's, else the folder that holds it."""
    return next((folder for folder in path.parents if any((folder / mark).exists() for mark in _MARKS)), path.parent)


def find_python(root: Path) -> Path | None:
    """Return the user's interpreter for a workspace, None where there is none."""
    from tactful.core.errors import VerifyError
    from tactful.verify.interpreter import find_interpreter

    try:
        return find_interpreter(root, None, os.environ)
    except VerifyError:
        return None
