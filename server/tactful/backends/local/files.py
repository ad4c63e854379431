"""Which files are worth learning from: those of a workspace, and those that an interpreter can import.

It must not know of tokens or of the index.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from tactful.backends.local.interpreter import Interpreter
from tactful.workspace.files import MAX_FILE_BYTES, is_source, read_source, workspace_files

__all__ = [
    "MAX_FILE_BYTES",
    "imported_names",
    "is_source",
    "package_files",
    "read_source",
    "stdlib_files",
    "workspace_files",
]

_SKIPPED_STDLIB = re.compile(
    r"tests?|idlelib|lib2to3|turtledemo|ensurepip|pydoc_data|site-packages|__pycache__|distutils|tkinter|encodings"
    r"|msilib|config-.*"
)
_SKIPPED_IN_PACKAGE = re.compile(r"tests?|__pycache__")
_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import|import[ \t]+([\w., \t]+))", re.MULTILINE)


def imported_names(texts: Iterable[str]) -> set[str]:
    """Return the top-level names of the modules that Python `texts` import."""
    names: set[str] = set()
    for text in texts:
        for source, listed in _IMPORT.findall(text):
            for name in [source] if source else re.split(r"[ \t]*,[ \t]*", listed):
                names.add(name.split(".")[0].split(" ")[0].strip())
    return {name for name in names if name}


def package_files(interpreter: Interpreter, names: Iterable[str]) -> list[Path]:
    """Return the Python files of the installed packages `names`; editable installations are not looked for."""
    found: dict[Path, None] = {}
    for name in sorted(names):
        for folder in interpreter.packages:
            package, module = folder / name, folder / f"{name}.py"
            if package.is_dir():
                found.update(dict.fromkeys(_python_files(package, _SKIPPED_IN_PACKAGE)))
            elif module.is_file():
                found[module] = None
    return list(found)


def stdlib_files(interpreter: Interpreter) -> list[Path]:
    """Return the Python files of the standard library, without its tests and tools."""
    return _python_files(interpreter.stdlib, _SKIPPED_STDLIB)


def _python_files(folder: Path, skipped: re.Pattern[str]) -> list[Path]:
    found = []
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not skipped.fullmatch(name))
        found += [Path(here) / name for name in sorted(names) if name.endswith(".py")]
    return found
