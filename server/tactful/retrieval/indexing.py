"""Brings the index up to date with the workspace: what is new or changed is read, what is gone is dropped.

    CACHE/context/<roots>/      one index for each set of workspace folders, shared by all servers
    CACHE/context/<roots>.lock  held while one of them writes

It must not know what is asked of the index.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tactful.core.errors import BackendError, IndexUnusable
from tactful.privacy.ignored import IgnoreRules
from tactful.retrieval.store import Reader, Writer
from tactful.workspace.files import is_source, read_source, workspace_files

__all__ = ["bring_up_to_date", "index_folder", "update"]

_COMMIT_EVERY = 1_000  # files; what was read so far can be asked for meanwhile
_LOCK_TIMEOUT_S = 600.0

Progress = Callable[[int, int], None]


def index_folder(cache_dir: Path, roots: Sequence[Path]) -> Path:
    """Return the folder of the index for these workspace folders."""
    named = "\n".join(sorted(str(root.resolve()) for root in roots))
    return cache_dir / "context" / hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def bring_up_to_date(
    folder: Path,
    roots: Sequence[Path],
    on_commit: Progress = lambda done, total: None,
    between: Callable[[Writer], None] = lambda writer: None,
    leave_out: frozenset[Path] = frozenset(),
) -> int:
    """Index the source files under `roots` into `folder` and return how many there are. Raises BackendError.

    `on_commit` hears how many of the changed files can be asked for; `between` may write on its own between two files;
    `leave_out` are files that are not to be known.
    """
    with _writing(folder) as writer:
        known = writer.states()
        files = {str(path): path for path in workspace_files(roots) if path not in leave_out}
        states = {name: _state(path) for name, path in files.items()}
        for name in known.keys() - files.keys():
            writer.drop(name)
        changed = [name for name, state in states.items() if known.get(name) != state]
        for number, name in enumerate(changed):
            writer.put(name, states[name], read_source(files[name]))
            between(writer)
            if (number + 1) % _COMMIT_EVERY == 0:
                writer.commit()
                on_commit(number + 1, len(changed))
        writer.commit()
        on_commit(len(changed), len(changed))
    return len(files)


def update(folder: Path, roots: Sequence[Path], paths: Sequence[Path]) -> None:
    """Read single files again, which were saved, renamed or deleted. Raises BackendError."""
    with _writing(folder) as writer:
        for path in paths:
            put(writer, roots, path)


def put(writer: Writer, roots: Sequence[Path], path: Path) -> None:
    """Read one file again if it belongs to the workspace."""
    resolved = path.resolve()
    if not any(root.resolve() in resolved.parents for root in roots) or not is_source(path):
        return
    text = None if IgnoreRules(roots).is_ignored(path) else read_source(path)
    if text is None:
        writer.drop(str(resolved))
    else:
        writer.put(str(resolved), _state(resolved), text)


@contextmanager
def _writing(folder: Path) -> Iterator[Writer]:
    """Hold the lock and the index; a damaged index is made anew."""
    from filelock import FileLock, Timeout

    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock"), timeout=_LOCK_TIMEOUT_S):
            writer = _opened(folder)
            try:
                yield writer
            finally:
                writer.close()
    except (OSError, Timeout, IndexUnusable) as error:
        raise BackendError(
            f"The context index cannot be kept in {folder} ({error}). Prompts hold the open document only. Free some"
            " space or make the folder writable, then restart."
        ) from error


def _opened(folder: Path) -> Writer:
    try:
        if folder.exists():
            Reader(folder)
        return Writer(folder)
    except IndexUnusable:
        shutil.rmtree(folder, ignore_errors=True)
        return Writer(folder)


def _state(path: Path) -> str:
    try:
        state = path.stat()
    except OSError:
        return ""
    return f"{state.st_mtime_ns}:{state.st_size}"
