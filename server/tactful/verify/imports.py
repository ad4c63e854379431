"""Who imports whom: the names in import statements, and the files of a workspace that lead to a module.

Read from the text, before anything runs; an import that is put together while running is not seen.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

__all__ = ["importers_of", "module_name", "names_in", "names_module", "read_text"]

MAX_SOURCES = 3000  # files that are searched for importers
_STATEMENT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<base>\.*[\w.]*)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^\n#]+)"
    r"|import[ \t]+(?P<modules>[^\n#]+))",
    re.MULTILINE,
)


def module_name(path: Path) -> str:
    """Return the dotted name by which `path` is imported, as far as `__init__.py` files tell."""
    parts = [] if path.stem == "__init__" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts) or path.parent.name


def names_in(text: str, path: Path) -> Iterator[str]:
    """Yield the dotted names that import statements in `text` could mean, in the module at `path`.

    A hundred times as quick as parsing, and almost as good: it takes a line of a docstring for code.
    """
    for found in _STATEMENT.finditer(text):
        if found["modules"]:
            for module in found["modules"].split(","):
                yield module.split()[0] if module.split() else ""
        else:
            listed = found["names"].strip("() \t\n").split(",")
            yield from _from_names(found["base"], [each.split()[0] for each in listed if each.split()], path)


def names_module(name: str, module: str, path: Path) -> bool:
    """Return whether the dotted `name` means the module at `path`, whose full name is `module`."""
    if name == module:
        return True
    parts = [*path.parent.parts[1:], *([] if path.stem == "__init__" else [path.stem])]
    dotted = name.split(".")
    return len(dotted) > 1 and parts[-len(dotted) :] == dotted


def importers_of(path: Path, sources: Iterable[Path], texts: Mapping[Path, str]) -> dict[Path, str]:
    """Return the files among `sources` that import `path`, directly or not, nearest first, with their module names."""
    modules = {each: module_name(each) for each in [*sources][:MAX_SOURCES]}
    imported = {each: set(names_in(text, each)) for each in modules if (text := read_text(each, texts)) is not None}
    found: dict[Path, str] = {}
    waiting = [(path, module_name(path))]
    for target, module in waiting:  # grows while it is read
        for each, names in imported.items():
            if each != path and each not in found and any(names_module(name, module, target) for name in names):
                found[each] = modules[each]
                waiting.append((each, modules[each]))
    return found


def read_text(path: Path, texts: Mapping[Path, str]) -> str | None:
    """Return the text of a file, the unsaved one where there is one; None where it cannot be read."""
    if path in texts:
        return texts[path]
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None


def _from_names(base: str, names: Iterable[str], path: Path) -> Iterator[str]:
    """Yield what `from base import names` could mean, in the module at `path`."""
    level = len(base) - len(base.lstrip("."))
    if level:
        # A package's own name stands for its `__init__.py`, which is one level up from its modules.
        own = module_name(path).split(".") + (["__init__"] if path.stem == "__init__" else [])
        base = ".".join([*own[:-level], *([base[level:]] if base[level:] else [])])
    yield base
    for name in names:
        yield f"{base}.{name}" if base else name
