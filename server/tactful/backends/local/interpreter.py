"""Where the user's interpreter keeps its packages.

It asks the interpreter once; it must not choose which interpreter to ask.
"""

import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Interpreter", "ask_interpreter"]

_QUESTION = (
    "import sys, sysconfig, json, platform; p = sysconfig.get_paths();"
    "print(json.dumps([platform.python_version(), p['stdlib'], p['purelib'], p['platlib'], sys.prefix]))"
)
_TIMEOUT_S = 20


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


def ask_interpreter(python: Path | None) -> Interpreter | None:
    """Return what `python` says of itself; None when there is none or it does not answer."""
    if python is None:
        return None
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
