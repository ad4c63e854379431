"""The index in the user's cache folder: what belongs to each layer, whether a file is still right, building it.

    CACHE/workspaces/<roots>/workspace.tix          one for each set of workspace folders
    CACHE/environments/<interpreter>/stdlib.tix     shared by all workspaces of that interpreter
    CACHE/environments/<interpreter>/packages-<names>.tix   one for each set of imported packages

Files are written whole and renamed; a lock keeps two servers from building the same one. This module must not know how
answers are made.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tactful.backends.local.build import Source, build_segment, write_atomically
from tactful.backends.local.evidence import Layer
from tactful.backends.local.files import imported_names, package_files, read_source, stdlib_files, workspace_files
from tactful.backends.local.interpreter import find_packages
from tactful.backends.local.segment import Segment, load_segment
from tactful.backends.local.status import EngineStatus, IndexReport, LayerReport
from tactful.core.errors import BackendError, IndexUnusable

__all__ = ["BuiltLayer", "build_index", "build_layers", "layer_files"]

MAX_TOKENS: Mapping[Layer, int] = {
    Layer.WORKSPACE: 24_000_000,
    Layer.PACKAGES: 12_000_000,
    Layer.STDLIB: 6_000_000,
}
_KEPT_BESIDE = 64  # changed files that are held beside a large index; with more of them it is built again
_LARGE = 1_000_000  # tokens of an index that takes more than a second to build
_KEPT_PACKAGE_SETS = 4  # files of one environment; the ones not used for longest go
_LOCK_TIMEOUT_S = 600.0
_HINT = "environment.json"
_NAMES = {Layer.WORKSPACE: "workspace", Layer.PACKAGES: "packages", Layer.STDLIB: "stdlib"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltLayer:
    """A layer that is ready to be read, and where it is.

    `changed` are files that are not in it as they are now: new ones, others, and some that are gone.
    """

    layer: Layer
    path: Path
    report: LayerReport
    changed: tuple[Path, ...] = ()


def build_index(
    *,
    roots: Sequence[Path],
    python: Path | None,
    cache_dir: Path,
    on_progress: Callable[[EngineStatus], None] = lambda status: None,
    force: bool = False,
) -> IndexReport:
    """Build what is missing or outdated, nearest layer first. Raises BackendError when it cannot be written."""
    built = build_layers(
        roots=roots, python=python, cache_dir=cache_dir, on_progress=on_progress, force=force, keep_beside=0
    )
    return IndexReport(layers=tuple(layer.report for layer in built))


def build_layers(
    *,
    roots: Sequence[Path],
    python: Path | None,
    cache_dir: Path,
    on_progress: Callable[[EngineStatus], None],
    force: bool = False,
    keep_beside: int = _KEPT_BESIDE,
) -> Iterator[BuiltLayer]:
    """Build what is missing or outdated and yield each layer when it can be read. Raises BackendError.

    A large index of the workspace is not built again for at most `keep_beside` files that changed; they are named.
    """
    files = workspace_files(roots)
    path = _workspace_folder(cache_dir, roots) / "workspace.tix"
    yield _ensure(Layer.WORKSPACE, files, path, on_progress, force, keep_beside)
    interpreter = find_packages(python, roots)
    if interpreter is None:
        return
    folder = cache_dir / "environments" / interpreter.fingerprint
    texts = (read_source(file) for file in files if file.suffix in {".py", ".pyi"})
    names = imported_names(text for text in texts if text) - {root.name for root in roots}
    packages = package_files(interpreter, names)
    hint = {"python": str(python), "stdlib": str(folder / "stdlib.tix")}
    if packages:
        path = folder / f"packages-{_digest([str(file) for file in packages])}.tix"
        yield _ensure(Layer.PACKAGES, packages, path, on_progress, force)
        hint["packages"] = str(path)
        _forget_old(folder, keep=path)
    yield _ensure(Layer.STDLIB, stdlib_files(interpreter), Path(hint["stdlib"]), on_progress, force)
    _write(_workspace_folder(cache_dir, roots) / _HINT, json.dumps(hint).encode())


def layer_files(*, cache_dir: Path, roots: Sequence[Path], python: Path | None) -> dict[Layer, Path]:
    """Return the files that hold the layers, as far as they have been built."""
    folder = _workspace_folder(cache_dir, roots)
    found = {Layer.WORKSPACE: folder / "workspace.tix"}
    try:
        hint = json.loads((folder / _HINT).read_bytes())
    except (OSError, ValueError):
        hint = {}
    if isinstance(hint, dict) and hint.get("python") == str(python):
        found |= {layer: Path(hint[name]) for layer, name in _NAMES.items() if name in hint}
    return {layer: path for layer, path in found.items() if path.is_file()}


def _ensure(
    layer: Layer,
    files: Sequence[Path],
    path: Path,
    on_progress: Callable[[EngineStatus], None],
    force: bool,
    keep_beside: int = 0,
) -> BuiltLayer:
    """Return the layer at `path`, built now unless it is there and holds just these files, or nearly, as they are."""
    from filelock import FileLock, Timeout

    started = time.monotonic()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock"), timeout=_LOCK_TIMEOUT_S):
            states = _states(files)
            kept = None if force else _usable(path, states, keep_beside)
            reused = kept is not None
            if kept is not None:
                segment, changed = kept
            else:
                left_out: list[str] = []
                sources = _sources(layer, files, on_progress, left_out)
                meta: dict[str, object] = {"listing": _listing(states), "left_out": left_out}
                changed = ()
                write_atomically(path, build_segment(sources, max_tokens=MAX_TOKENS[layer], meta=meta))
                segment = load_segment(path)
    except (OSError, Timeout) as error:
        raise BackendError(
            f"The completion index cannot be kept in {path.parent} ({error}). Suggestions come from open"
            " documents only. Free some space or make the folder writable, then restart."
        ) from error
    report = LayerReport(
        layer=_NAMES[layer],
        files=len(segment.files),
        tokens=len(segment.raws),
        bytes_on_disk=path.stat().st_size,
        seconds=time.monotonic() - started,
        reused=reused,
    )
    return BuiltLayer(layer=layer, path=path, report=report, changed=changed)


def _usable(
    path: Path, states: Mapping[str, tuple[int, int]], keep_beside: int
) -> tuple[Segment, tuple[Path, ...]] | None:
    """Return the layer at `path` and the files that changed since; None where it has to be built (again)."""
    try:
        segment = load_segment(path)
    except IndexUnusable:
        return None
    changed: tuple[Path, ...] = ()
    if segment.meta.get("listing") != _listing(states):
        changed = _changed(segment, states)
        if len(changed) > keep_beside or len(segment.raws) < _LARGE:
            return None
    os.utime(path)  # Marks the file as used, see _forget_old.
    return segment, changed


def _changed(segment: Segment, states: Mapping[str, tuple[int, int]]) -> tuple[Path, ...]:
    """Return the files that are not in the layer as they are now; what was not worth reading then is not read now."""
    left_out = segment.meta.get("left_out")
    ignored = set(left_out) if isinstance(left_out, list) else set()
    known = {entry.path: (entry.mtime_ns, entry.size) for entry in segment.files}
    new = [path for path, state in states.items() if known.get(path) != state and path not in ignored]
    return tuple(map(Path, [*new, *(path for path in known if path not in states)]))


def _sources(
    layer: Layer, files: Sequence[Path], on_progress: Callable[[EngineStatus], None], left_out: list[str]
) -> Iterator[Source]:
    """Yield the files that are worth reading, and note the others in `left_out`."""
    step = max(1, len(files) // 50)
    for number, file in enumerate(files):
        if number % step == 0:
            on_progress(EngineStatus(phase="indexing", layer=_NAMES[layer], done=number, total=len(files)))
        text = read_source(file)
        if text is None:
            left_out.append(str(file))
            continue
        try:
            state = file.stat()
        except OSError:
            continue
        yield Source(path=str(file), text=text, mtime_ns=state.st_mtime_ns, size=state.st_size)
    on_progress(EngineStatus(phase="indexing", layer=_NAMES[layer], done=len(files), total=len(files)))


def _states(files: Sequence[Path]) -> dict[str, tuple[int, int]]:
    """Return when each file was changed (nanoseconds) and how large it is (bytes)."""
    states = {}
    for file in files:
        try:
            state = file.stat()
        except OSError:
            continue
        states[str(file)] = (state.st_mtime_ns, state.st_size)
    return states


def _listing(states: Mapping[str, tuple[int, int]]) -> str:
    return _digest([f"{path}\0{mtime_ns}\0{size}" for path, (mtime_ns, size) in states.items()])


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _workspace_folder(cache_dir: Path, roots: Sequence[Path]) -> Path:
    return cache_dir / "workspaces" / _digest(sorted(str(root.resolve()) for root in roots))


def _write(path: Path, content: bytes) -> None:
    try:
        write_atomically(path, content)
    except OSError as error:
        raise BackendError(f"The completion index cannot be kept in {path.parent} ({error}).") from error


def _forget_old(folder: Path, *, keep: Path) -> None:
    """Delete the package sets that were not used for longest, so that the cache does not grow without end."""
    others = sorted(
        (path for path in folder.glob("packages-*.tix") if path != keep), key=lambda path: path.stat().st_mtime
    )
    for path in others[: max(0, len(others) - _KEPT_PACKAGE_SETS + 1)]:
        path.unlink(missing_ok=True)
