"""Where the user's interpreter keeps its packages.

An environment is read from its folders; only an interpreter that shows nothing there is asked, and never one that lies
in the workspace: opening a folder must not run what is in it. This module must not choose which interpreter is meant.
"""

import hashlib
import json
import re
import subprocess
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Interpreter", "find_packages"]

_QUESTION = (
    "import sys, sysconfig, json, platform; p = sysconfig.get_paths();"
    "print(json.dumps([platform.python_version(), p['stdlib'], p['purelib'], p['platlib'], sys.prefix]))"
)
_TIMEOUT_S = 20
_HOME = re.compile(r"^home\s*=\s*(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """An interpreter's standard library and the folders that hold its packages."""

    version: str
    stdlib: Path
    packages: tuple[Path, ...]

    @property
    def fingerprint(self) -> str:
        """Return a name for this environment that changes when it is another one."""
        described = json.dumps([self.version, str(self.stdlib), [str(path) for path in self.packages]])
        return hashlib.sha256(described.encode()).hexdigest()[:16]


def find_packages(python: Path | None, roots: Sequence[Path] = ()) -> Interpreter | None:
    """Return where `python` keeps its packages; None when there is no interpreter or it does not tell.

    `roots` are the workspace's folders, in which nothing is run.
    """
    if python is None:
        return None
    found = _environment(python)
    if found is None and not any(python.is_relative_to(root) for root in roots):
        return _ask(python)
    return found


def _environment(python: Path) -> Interpreter | None:
    """Return what the folders of a virtual environment around `python` show, None where there is none."""
    prefix = python.parent.parent
    try:
        marked = (prefix / "pyvenv.cfg").read_text(encoding="utf-8")
        (packages,) = prefix.glob("lib/python3.*/site-packages")
    except (OSError, ValueError):  # no environment, or not one of a single version
        return None
    version = packages.parent.name.removeprefix("python")
    home = _HOME.search(marked)
    own = Path(sysconfig.get_path("stdlib"))
    beside = Path(home.group(1).strip()).parent / "lib" / packages.parent.name if home else own
    stdlib = beside if (beside / "os.py").is_file() else own
    return Interpreter(version=version, stdlib=stdlib, packages=(packages,))


def _ask(python: Path) -> Interpreter | None:
    try:
        answer = subprocess.run(
            [str(python), "-I", "-c", _QUESTION], capture_output=True, timeout=_TIMEOUT_S, check=True, text=True
        ).stdout
        version, stdlib, purelib, platlib, _ = json.loads(answer)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return Interpreter(
        version=version, stdlib=Path(stdlib), packages=tuple(dict.fromkeys([Path(purelib), Path(platlib)]))
    )
