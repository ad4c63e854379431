"""Confinement with Landlock and seccomp, for where namespaces are not allowed; the copy keeps its own path.

Landlock can only allow, so everything readable is named: the whole file system but temporary folders and secrets.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tactful.verify.sandbox.places import Places, secrets
from tactful.verify.workspace import Workspace

__all__ = ["launcher", "link_outside", "rights"]

_HIDDEN = (Path("/tmp"), Path("/run"), Path("/var/tmp"))  # noqa: S108 - they are closed, not used
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/shm", "/dev/pts", "/dev/ptmx")  # noqa: S108 - a device


def launcher(
    limits: Mapping[str, int], argv: tuple[str, ...], *, readable: tuple[str, ...], writable: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the command that sets `limits`, closes all but the given paths (if any are given), and runs `argv`."""
    settings = {"limits": dict(limits), "readable": readable, "writable": writable}
    script = Path(__file__).with_name("confine.py")
    return (sys.executable, "-I", "-S", "-B", str(script), json.dumps(settings), *argv)


def rights(places: Places) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the paths to be readable and those to be writable."""
    home = Path.home()
    hidden = (*_HIDDEN, *secrets(home))
    linked = [places.workspace.root / path for path in places.workspace.linked]
    readable = [*_all_but(Path("/"), hidden), *places.needed, *linked]
    writable = [str(places.workspace.copy), str(places.temporary), *_DEVICES]
    return tuple(map(str, readable)), tuple(writable)


def link_outside(workspace: Workspace) -> None:
    """Put links into the copy for what was not copied."""
    for path in workspace.linked:
        place = workspace.copy / path
        if not place.is_symlink():
            place.symlink_to(workspace.root / path)


def _all_but(folder: Path, hidden: tuple[Path, ...]) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry in hidden or entry.is_symlink():
            continue
        if any(path.is_relative_to(entry) for path in hidden):
            yield from _all_but(entry, hidden)
        else:
            yield entry
