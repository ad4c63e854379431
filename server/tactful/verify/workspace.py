"""The private copy of the workspace in which tests run, with the unsaved texts in place; the user's tree is only read.

Environments, repositories and large files are not copied but linked, read-only; caches of other tools are left out.
Compiled files come along, because they keep their meaning as long as the source keeps its time stamp.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tactful.core.errors import VerifyError

__all__ = ["Workspace", "copy_workspace", "is_environment"]

LINKED_FOLDERS = frozenset({".git", ".hg", ".svn", "node_modules", ".venv", "venv", ".tox", ".nox", ".eggs"})
LEFT_OUT = frozenset(
    {".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".ipynb_checkpoints", ".import_linter_cache"}
)
MAX_COPIED_BYTES = 4_000_000  # of one file; a larger one is linked
MAX_FILES = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A copy of `root` at `copy`; `linked` are paths below root (relative) that are to be seen but not copied."""

    root: Path
    copy: Path
    linked: tuple[Path, ...]


def copy_workspace(root: Path, copy: Path, texts: Mapping[Path, str]) -> Workspace:
    """Copy the workspace at `root` to the new folder `copy` and write `texts` (by path under root) over it.

    Raises VerifyError when the folder holds too many files to be one project.
    """
    linked: list[Path] = []
    copy.mkdir(parents=True)
    for count, entry in enumerate(_walk(root, linked)):
        if count > MAX_FILES:
            raise VerifyError(
                f"{root} holds more than {MAX_FILES} files; open the project's own folder, so that a copy can be made."
            )
        _copy_entry(entry, root, copy, linked)
    for path, text in texts.items():
        _put_text(copy / path.relative_to(root), text)
    return Workspace(root=root, copy=copy, linked=tuple(linked))


def is_environment(folder: os.DirEntry[str] | Path) -> bool:
    """Return whether `folder` is a virtual environment."""
    return os.path.exists(os.path.join(folder, "pyvenv.cfg"))  # noqa: PTH110, PTH118 - called for every folder


def _walk(root: Path, linked: list[Path]) -> Iterator[os.DirEntry[str]]:
    """Yield folders before what they hold; folders to be linked are only noted."""
    folders = [str(root)]
    while folders:
        for entry in _entries(folders.pop()):
            if not entry.is_dir(follow_symlinks=False):
                yield entry
            elif entry.name in LINKED_FOLDERS or is_environment(entry):
                linked.append(Path(entry.path).relative_to(root))
            elif entry.name not in LEFT_OUT:
                yield entry
                folders.append(entry.path)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:  # a folder that the user cannot read either
        return []


def _copy_entry(entry: os.DirEntry[str], root: Path, copy: Path, linked: list[Path]) -> None:
    relative = Path(entry.path).relative_to(root)
    place = copy / relative
    if entry.is_dir(follow_symlinks=False):
        place.mkdir()
        return
    try:
        if entry.is_symlink():
            place.symlink_to(Path(entry.path).readlink())
        elif not entry.is_file(follow_symlinks=False):  # sockets, pipes and devices stay behind
            return
        elif entry.stat(follow_symlinks=False).st_size > MAX_COPIED_BYTES:
            linked.append(relative)
        else:
            shutil.copy2(entry.path, place, follow_symlinks=False)
    except OSError:  # unreadable for the user too, or gone meanwhile: tests cannot need it
        return


def _put_text(path: Path, text: str) -> None:
    """Write `text` and drop the compiled form of what stood there before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        path.unlink()
    path.write_text(text, encoding="utf-8", newline="")
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()
