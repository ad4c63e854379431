"""Finds what a dotted name of a program stands for: the members of a module or class, in open and indexed files.

Files are found by the end of their path (`a.b` in `.../a/b.py`), the one nearest to the asking file first, and read
when they are first asked for. This module must not know tokens.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from pathlib import Path

from tactful.backends.local.files import read_source
from tactful.backends.local.outline import ClassOutline, Outline, outline

__all__ = ["Definitions"]

_MAX_OUTLINES = 200  # files whose outline is kept
_MAX_HOPS = 6  # imports that are followed from file to file, and bases from class to class


class Definitions:
    """The files that can be named. `text_of` gives the text of an open document by path, None when it is not open."""

    def __init__(self, text_of: Callable[[str], str | None]) -> None:
        self._text_of = text_of
        self._pending: dict[int, Iterable[str]] = {}
        self._files: dict[int, _Files] = {}
        self._outlines: dict[str, tuple[str | None, Outline]] = {}  # path -> text when open, outline
        self._own: tuple[str, Outline] = ("", outline(""))

    def set_files(self, layer: int, paths: Iterable[str]) -> None:
        """Take `paths` as the files of `layer`; lower layers are asked first. Sorted when a name is first asked for."""
        self._pending[layer] = paths

    def forget(self, path: str) -> None:
        """Read `path` again when it is next asked for."""
        self._outlines.pop(path, None)

    def own(self, text: str) -> Outline:
        """Return the outline of `text`; that of the text asked for last is kept."""
        if self._own[0] != text:
            self._own = (text, outline(text))
        return self._own[1]

    def members(self, own: Outline, name: Sequence[str], path: str | None) -> frozenset[str]:
        """Return what can stand after `name` and a dot in the file `path` whose outline is `own`."""
        return self._members(own, name, path, _MAX_HOPS)

    def names(self, module: str, path: str | None) -> frozenset[str]:
        """Return the names in the module `module` (a dotted name), as a file at `path` would import it."""
        found = self._find(module, path)
        return self._outline(found).names if found else frozenset()

    def submodules(self, package: str, path: str | None) -> frozenset[str]:
        """Return the names of the modules inside `package` (a dotted name)."""
        for files in self._sorted():
            for candidate in files.named(package):
                if candidate != path and candidate.endswith("/__init__.py"):
                    return files.inside(candidate.removesuffix("__init__.py"))
        return frozenset()

    def _members(self, own: Outline, name: Sequence[str], path: str | None, hops: int) -> frozenset[str]:
        if not name or not hops:
            return frozenset()
        if name[0] in own.classes:
            return self._with_bases(own, own.classes[name[0]], path, hops) if len(name) == 1 else frozenset()
        imported = own.imports.get(name[0])
        if imported is None:
            return frozenset()
        whole = ".".join([imported, *name[1:]])
        dots = len(whole) - len(whole.lstrip("."))
        parts = whole.split(".")[dots:]
        for length in range(len(parts), 0, -1):
            found = self._find("." * dots + ".".join(parts[:length]), path)
            if found is not None:
                there = self._outline(found)
                return there.names if length == len(parts) else self._members(there, parts[length:], found, hops - 1)
        return frozenset()

    def _with_bases(self, own: Outline, klass: ClassOutline, path: str | None, hops: int) -> frozenset[str]:
        found = set(klass.members)
        for base in klass.bases:
            if base.replace(".", "").isidentifier():
                found |= self._members(own, base.split("."), path, hops - 1)
        return frozenset(found)

    def _find(self, module: str, path: str | None) -> str | None:
        """Return the file of `module`, the likeliest of those whose path ends with its name."""
        relative = module.startswith(".")
        for files in self._sorted():
            found = [candidate for candidate in files.named(module) if candidate != path]
            if not relative:  # `import json` means none of the modules called json inside of packages.
                found = [candidate for candidate in found if files.is_top(candidate, module)]
            if found:
                return max(found, key=lambda candidate: _common_folders(candidate, path or ""))
        return None

    def _outline(self, path: str) -> Outline:
        text = self._text_of(path)
        known = self._outlines.pop(path, None)
        if known is None or known[0] != text:
            source = text if text is not None else read_source(Path(path))
            known = (text, outline(source or ""))
        self._outlines[path] = known  # Now the last, so that the first is the one not used for longest.
        if len(self._outlines) > _MAX_OUTLINES:
            del self._outlines[next(iter(self._outlines))]
        return known[1]

    def _sorted(self) -> list["_Files"]:
        for layer, paths in self._pending.items():
            self._files[layer] = _Files(paths)
        self._pending.clear()
        return [self._files[layer] for layer in sorted(self._files)]


class _Files:
    """The Python files of one layer by the name of their module."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._by_name: dict[str, list[str]] = {}
        self._packages: set[str] = set()
        for path in paths:
            if path.endswith((".py", ".pyi")):
                whole = _module(path)
                self._by_name.setdefault(whole.rpartition("/")[2], []).append(path)
                if whole != path.rpartition(".")[0]:
                    self._packages.add(whole)

    def named(self, module: str) -> list[str]:
        """Return the files whose path ends with the dotted name `module`."""
        parts = module.lstrip(".").split(".")
        end = "/" + "/".join(parts)
        return [path for path in self._by_name.get(parts[-1], ()) if _module(path).endswith(end)]

    def is_top(self, path: str, module: str) -> bool:
        """Say whether `path` is `module` seen from a folder that is no package."""
        return _module(path)[: -len(module) - 1] not in self._packages

    def inside(self, folder: str) -> frozenset[str]:
        """Return the names of the modules and packages directly inside `folder`, which ends with a slash."""
        return frozenset(
            name
            for name, paths in self._by_name.items()
            for path in paths
            if path.startswith(folder) and _module(path)[len(folder) :] == name
        )


def _module(path: str) -> str:
    """Return `path` without its ending; that of a package's `__init__` is the path of its folder."""
    return path.rpartition(".")[0].removesuffix("/__init__")


def _common_folders(one: str, other: str) -> int:
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
