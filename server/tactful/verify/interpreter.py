"""Which Python runs the user's tests: the configured one, the active or the project's environment, Conda's, the PATH's.

It only looks for files; whether pytest is installed there is found out when the interpreter starts.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from tactful.core.errors import VerifyError

__all__ = ["find_interpreter", "place_of"]

_FOLDERS = (".venv", "venv", "env", ".env")


def find_interpreter(root: Path, configured: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the interpreter for the tests of the workspace `root`.

    A configured path may name the executable or the folder of a virtual environment. Raises VerifyError, with what to
    do, when the configured one is not there or none is found.
    """
    if configured is not None:
        path = place_of(configured, root)
        found = _executable(path)
        if found is None:
            raise VerifyError(f"There is no Python interpreter at {path}; correct `verify.python` or `--python`.")
        return found
    for place in _places(root, environ):
        found = _executable(place)
        if found is not None:
            return found
    raise VerifyError(
        f"No Python interpreter was found for {root}; create a virtual environment there or set `verify.python`."
    )


def place_of(path: Path, folder: Path) -> Path:
    """Return the place that a person means by `path`: `~` is a home, and what is relative is so to `folder`."""
    return folder / os.path.expanduser(path)  # noqa: PTH111 - it leaves the home of a user who is not known as it is


def _places(root: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    if environ.get("VIRTUAL_ENV"):
        yield Path(environ["VIRTUAL_ENV"])
    for folder in _FOLDERS:
        yield root / folder
    if environ.get("CONDA_PREFIX"):  # after the project's own, because a base environment is active in every shell
        yield Path(environ["CONDA_PREFIX"])
    for name in ("python3", "python"):
        found = shutil.which(name, path=environ.get("PATH"))
        if found:
            yield Path(found)


def _executable(path: Path) -> Path | None:
    if path.is_dir():
        if not (path / "pyvenv.cfg").exists() and not (path / "conda-meta").exists():
            return None
        path = path / "bin" / "python"
    return path if path.is_file() and os.access(path, os.X_OK) else None
