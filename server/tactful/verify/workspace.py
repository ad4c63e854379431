"""The private copy of the workspace in which tests run, with the unsaved texts in place; the user's tree is only read.

Environments, repositories and large files are not copied but linked, read-only; caches of other tools are left out.
Compiled files come along, because they keep their meaning as long as the source keeps its time stamp.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISLNK

from tactful.core.errors import VerifyError

__all__ = ["Workspace", "copy_workspace", "is_environment", "put_texts", "refresh"]

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


def copy_workspace(root: Path, copy: Path) -> Workspace:
    """Copy the workspace at `root` to the new folder `copy`.

    Raises VerifyError when the folder holds too many files to be one project.
    """
    linked: list[Path] = []
    copy.mkdir(parents=True)
    for entry in _walk(root, linked):
        _copy_entry(entry, root, copy, linked)
    return Workspace(root=root, copy=copy, linked=tuple(linked))


def put_texts(workspace: Workspace, texts: Mapping[Path, str]) -> None:
    """Write the unsaved `texts` (by path under the root) into the copy."""
    for path, text in texts.items():
        _put_text(workspace.copy / path.relative_to(workspace.root), text)


def refresh(workspace: Workspace) -> bool:
    """Bring a copy in which nothing has run up to date; return False when it has to be made anew.

    A file whose size and time of change are the copy's is taken to be the same.
    """
    linked: list[Path] = []
    seen: set[str] = set()
    for entry in _walk(workspace.root, linked):
        place = f"{workspace.copy}{entry.path[len(str(workspace.root)) :]}"
        seen.add(place)
        if _is_large(entry):
            linked.append(Path(entry.path).relative_to(workspace.root))
        elif not _is_same(entry, place):
            with suppress(OSError):
                _remove(Path(place))
            _copy_entry(entry, workspace.root, workspace.copy, linked)
    if tuple(linked) != workspace.linked:
        return False
    outside = {str(workspace.copy / path) for path in linked}
    for gone in [place for place in _all_below(workspace.copy) if place not in seen and place not in outside]:
        with suppress(OSError):
            _remove(Path(gone))
    return True


def _is_large(entry: os.DirEntry[str]) -> bool:
    with suppress(OSError):
        return entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_size > MAX_COPIED_BYTES
    return False


def _is_same(entry: os.DirEntry[str], place: str) -> bool:
    try:
        there, here = os.lstat(place), entry.stat(follow_symlinks=False)
    except OSError:
        return False
    if entry.is_dir(follow_symlinks=False):
        return S_ISDIR(there.st_mode)
    if entry.is_symlink():
        return S_ISLNK(there.st_mode) and os.readlink(place) == os.readlink(entry.path)  # noqa: PTH115 - called for every file
    return (there.st_mode, there.st_size, there.st_mtime_ns) == (here.st_mode, here.st_size, here.st_mtime_ns)


def _all_below(folder: Path) -> Iterator[str]:
    folders = [str(folder)]
    while folders:
        for entry in _entries(folders.pop()):
            yield entry.path
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def is_environment(folder: os.DirEntry[str] | Path) -> bool:
    """Return whether `folder` is a virtual environment."""
    return os.path.exists(os.path.join(folder, "pyvenv.cfg"))  # noqa: PTH110, PTH118 - called for every folder


def _walk(root: Path, linked: list[Path]) -> Iterator[os.DirEntry[str]]:
    """Yield folders before what they hold; folders to be linked are only noted. Raises VerifyError for too many."""
    folders, count = [str(root)], 0
    while folders:
        for entry in _entries(folders.pop()):
            count += 1
            if count > MAX_FILES:
                raise VerifyError(
                    f"{root} holds more than {MAX_FILES} files; open the project's own folder, so that a copy can be "
                    "made."
                )
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
        elif _is_large(entry):
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
