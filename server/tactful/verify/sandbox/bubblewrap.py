"""Confinement with bubblewrap: own namespaces, the copy mounted where the workspace stands, so that paths stay true."""

import shutil
import subprocess
from pathlib import Path

from tactful.verify.sandbox.places import Places, secrets

__all__ = ["command", "works"]

_HIDDEN = (Path("/tmp"), Path("/run"), Path("/var/tmp"))  # noqa: S108 - they are covered, not used
_NAMESPACES = ("--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/", "/", "--dev", "/dev")
_PROBE_TIMEOUT_S = 5.0


def works() -> bool:
    """Return whether bubblewrap is installed and may make namespaces here."""
    program = shutil.which("bwrap")
    if program is None:
        return False
    probe = [program, *_NAMESPACES, "--proc", "/proc", "--", "/bin/sh", "-c", "exit 0"]
    try:
        return subprocess.run(probe, capture_output=True, timeout=_PROBE_TIMEOUT_S, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def command(places: Places, inner: tuple[str, ...]) -> tuple[str, ...]:
    """Return the bwrap command that runs `inner` with the workspace's copy in the workspace's place."""
    arguments = [shutil.which("bwrap") or "bwrap", *_NAMESPACES, "--proc", "/proc"]
    for hidden in _HIDDEN:
        arguments += ["--tmpfs", str(hidden)] if hidden.is_dir() and not hidden.is_symlink() else []
    for secret in secrets(Path.home()):
        arguments += ["--tmpfs", str(secret)] if secret.is_dir() else ["--ro-bind", "/dev/null", str(secret)]
    for folder in (*places.needed, Path("/run/current-system")):  # the last is where NixOS keeps its programs
        if folder.exists() and any(folder.is_relative_to(hidden) for hidden in _HIDDEN):
            arguments += ["--ro-bind", str(folder), str(folder)]
    workspace = places.workspace
    arguments += ["--bind", str(workspace.copy), str(workspace.root)]
    for linked in workspace.linked:
        arguments += ["--ro-bind", str(workspace.root / linked), str(workspace.root / linked)]
    arguments += ["--bind", str(places.temporary), str(places.temporary), "--chdir", str(workspace.root), "--"]
    return (*arguments, *inner)
