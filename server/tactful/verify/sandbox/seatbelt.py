"""Confinement with macOS's sandbox-exec: a profile that allows what tests need and denies all else, sockets included.

Written from the profiles that other programs use and tested as text; it has not been tried on a real Mac yet. The copy
keeps its own path, as under Landlock. The system compares real paths, so links are resolved first.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tactful.verify.sandbox.places import Places, secrets

__all__ = ["command", "profile", "works"]

_PROGRAM = Path("/usr/bin/sandbox-exec")
_PROBE_TIMEOUT_S = 5.0
_HIDDEN = (Path("/private/tmp"), Path("/private/var/tmp"), Path("/private/var/folders"))
_DEVICES = ("/dev/null", "/dev/zero", "/dev/tty", "/dev/ptmx", "/dev/dtracehelper")
_RULES = """\
(version 1)
(deny default)
(allow process-exec process-fork)
(allow process-info* (target same-sandbox))
(allow signal (target same-sandbox))
(allow sysctl-read)
(allow ipc-posix-sem ipc-posix-shm)
(allow pseudo-tty)
(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo"))
(allow file-read*)"""


def works(platform: str = sys.platform, program: Path = _PROGRAM) -> bool:
    """Return whether this is a Mac whose sandbox-exec confines."""
    if platform != "darwin" or not program.exists():
        return False
    probe = [str(program), "-p", "(version 1)(allow default)", "/usr/bin/true"]
    try:
        return subprocess.run(probe, capture_output=True, timeout=_PROBE_TIMEOUT_S, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def command(places: Places, inner: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command that runs `inner` confined to the workspace's copy."""
    return (str(_PROGRAM), "-p", profile(places, Path.home()), *inner)


def profile(places: Places, home: Path) -> str:
    """Return the profile's text; of two rules about a path the later one counts."""
    workspace = places.workspace
    linked = [workspace.root / path for path in workspace.linked]
    own = (workspace.copy, places.temporary)
    return "\n".join(
        [
            _RULES,
            *_rules("deny file-read*", "subpath", [*_HIDDEN, *secrets(home)]),
            "(allow file-read-metadata)",
            *_rules("allow file-read*", "subpath", [*places.needed, *linked]),
            *_rules("allow file-read* file-write*", "subpath", own),
            *_rules("allow file-read* file-write* file-ioctl", "literal", map(Path, _DEVICES)),
            '(allow file-read* file-write* file-ioctl (regex #"^/dev/ttys[0-9]+$"))',
            "",
        ]
    )


def _rules(what: str, kind: str, paths: Iterable[Path]) -> list[str]:
    return [f"({what} ({kind} {_quoted(path.resolve())}))" for path in dict.fromkeys(paths)]


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
