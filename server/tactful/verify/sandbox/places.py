"""Which places a sandbox has to show, to hide and to open for writing; the same for every kind of sandbox."""

from dataclasses import dataclass
from pathlib import Path

from tactful.verify.workspace import Workspace

__all__ = ["Places", "secrets"]

_SECRET_NAMES = (
    ".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".netrc", ".pypirc", ".npmrc", ".git-credentials",
    ".password-store", ".config/gcloud", ".config/gh", ".local/share/keyrings", ".mozilla", ".config/google-chrome",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """`needed` are folders that have to be readable wherever they stand: interpreters and the fork server."""

    workspace: Workspace
    temporary: Path
    needed: tuple[Path, ...]


def secrets(home: Path) -> tuple[Path, ...]:
    """Return what below `home` usually holds keys and is there."""
    return tuple(path for name in _SECRET_NAMES if (path := home / name).exists())
