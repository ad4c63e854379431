"""Probe which sandbox holds here, and build the confined command."""

import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

from tactful.core.errors import SandboxUnavailable
from tactful.verify.model import SandboxMode
from tactful.verify.sandbox import bubblewrap, landlock, seatbelt
from tactful.verify.sandbox.confine import closes_network, landlock_abi
from tactful.verify.sandbox.places import Places
from tactful.verify.workspace import Workspace

__all__ = ["Confined", "Sandbox", "available_sandbox", "choose_sandbox"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confined:
    """A command under confinement, and where it sees the workspace and its temporary folder."""

    command: tuple[str, ...]
    root: Path
    temporary: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """A kind of confinement that was found to work here, described for the evidence."""

    name: str
    description: str

    def confine(self, argv: tuple[str, ...], workspace: Workspace, scratch: Path, budget_s: float) -> Confined:
        """Return `argv` (the interpreter first, the program last) as a command confined to the workspace's copy."""
        temporary = scratch / "tmp"
        temporary.mkdir(exist_ok=True)
        places = Places(workspace=workspace, temporary=temporary, needed=_needed(Path(argv[0]), Path(argv[-1]).parent))
        limits = _limits(budget_s)
        if self.name == "bubblewrap":
            inner = landlock.launcher(limits, argv, readable=(), writable=())
            return Confined(command=bubblewrap.command(places, inner), root=workspace.root, temporary=temporary)
        landlock.link_outside(workspace)
        if self.name == "sandbox-exec":
            inner = landlock.launcher(limits, argv, readable=(), writable=())
            return Confined(command=seatbelt.command(places, inner), root=workspace.copy, temporary=temporary)
        readable, writable = landlock.rights(places) if self.name == "landlock" else ((), ())
        command = landlock.launcher(limits, argv, readable=readable, writable=writable)
        return Confined(command=command, root=workspace.copy, temporary=temporary)


def choose_sandbox(mode: SandboxMode) -> Sandbox:
    """Return the sandbox to use. Raises SandboxUnavailable, with what to do, when the wanted one does not work here."""
    if mode == "off":
        return Sandbox(name="off", description="no sandbox (switched off); a private copy of the workspace")
    if mode in ("auto", "bubblewrap") and bubblewrap.works():
        return Sandbox(name="bubblewrap", description="bubblewrap: no network, files read-only outside a private copy")
    network = closes_network(landlock_abi())
    if mode in ("auto", "landlock") and landlock_abi() and network:
        description = f"Landlock (version {landlock_abi()}): {network}, files read-only outside a private copy"
        return Sandbox(name="landlock", description=description)
    if mode in ("auto", "sandbox-exec") and seatbelt.works():
        return Sandbox(
            name="sandbox-exec", description="sandbox-exec: no network, files read-only outside a private copy"
        )
    wanted = "bubblewrap, Landlock or sandbox-exec" if mode == "auto" else mode
    raise SandboxUnavailable(
        f"No sandbox works here ({wanted} was tried), so no test was run; install bubblewrap, or set `verify.sandbox` "
        "(`--sandbox`) to off for code that you trust."
    )


def available_sandbox() -> str:
    """Return in words which sandbox holds here. Raises SandboxUnavailable."""
    return choose_sandbox("auto").description


def _needed(interpreter: Path, scripts: Path) -> tuple[Path, ...]:
    """Return the folders that the two interpreters and the fork server live in."""
    found = [scripts, Path(__file__).parent]
    for python in (interpreter, Path(sys.executable)):
        # A virtual environment's interpreter is a link, often to another link: each step has its own folder.
        while True:
            found.append(python.parent.parent if python.parent.name in ("bin", "shims") else python.parent)
            if not python.is_symlink():
                break
            python = python.parent / python.readlink()
    return tuple(dict.fromkeys(found))


def _limits(budget_s: float) -> dict[str, int]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = {
        "RLIMIT_CPU": int(budget_s) + 5,
        "RLIMIT_DATA": max(1 << 30, min(memory // 2, 4 << 30)),
        "RLIMIT_FSIZE": 256 << 20,
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": 4096,
    }
    if (
        os.geteuid() != 0 and Path("/proc/self").exists()
    ):  # counted for the whole user, so it has to leave room for what runs already
        soft, _ = resource.getrlimit(resource.RLIMIT_NPROC)
        limits["RLIMIT_NPROC"] = min(soft if soft > 0 else 1 << 20, _processes_of_user() + 256)
    return limits


def _processes_of_user() -> int:
    user = os.geteuid()
    count = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                count += len(os.listdir(entry / "task")) if entry.stat().st_uid == user else 0  # noqa: PTH208 - for speed
            except OSError:  # the process ended meanwhile
                continue
    return count
