"""Near tests: which test files and which tests in them are about a piece of code, and why.

Judged by reading, before anything runs: file names, imports, and the names that a test mentions, directly or by way of
helpers and fixtures of its file. What a test really executes is measured later and elsewhere.
"""

import ast
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tactful.verify.symbols import Symbol, callers, mentions, symbols
from tactful.verify.workspace import LEFT_OUT, LINKED_FOLDERS, is_environment

__all__ = ["Aim", "NearFile", "aim_at", "find_test_files", "is_test_file", "module_name", "near_files", "why_near"]

MAX_FILES_WALKED = 30_000
MAX_NEAR_FILES = 40
_SKIPPED = LINKED_FOLDERS | LEFT_OUT | {"__pycache__", "build", "dist"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What the tests should be near to: a module, and in it some symbols or (with none) the whole of it.

    `names` are what a test on the aim would mention; `indirect` are names in the module that lead there.
    """

    path: Path
    module: str
    symbols: tuple[Symbol, ...]
    names: frozenset[str]
    indirect: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class NearFile:
    """A test file; `mentioned` maps a test's qualified name to the names that it and its helpers mention."""

    path: Path
    score: float
    why: str
    mentioned: Mapping[str, frozenset[str]]


def aim_at(path: Path, tree: ast.Module, chosen: Sequence[Symbol]) -> Aim:
    """Return what to look for, given the module's tree and the chosen symbols (none: all of it)."""
    module = module_name(path)
    if not chosen:
        return Aim(path=path, module=module, symbols=(), names=frozenset(each.short_name for each in symbols(tree)))
    names: set[str] = set()
    for symbol in chosen:
        names.add(symbol.short_name)
        owner = symbol.name.rpartition(".")[0].rpartition(".")[2]
        if owner and symbol.short_name.startswith("_"):
            names.add(owner)  # nobody calls `__init__` by its name
    indirect = frozenset[str]().union(*(callers(tree, symbol.short_name) for symbol in chosen)) - names
    return Aim(path=path, module=module, symbols=tuple(chosen), names=frozenset(names), indirect=indirect)


def module_name(path: Path) -> str:
    """Return the dotted name by which `path` is imported, as far as `__init__.py` files tell."""
    parts = [] if path.stem == "__init__" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts) or path.parent.name


def is_test_file(path: Path) -> bool:
    """Return whether pytest would look for tests in a file of this name."""
    return path.suffix == ".py" and (
        path.stem.startswith("test_") or path.stem.endswith("_test") or path.stem == "tests"
    )


def find_test_files(root: Path) -> list[Path]:
    """Return the test files below `root`, nearest to it first."""
    found: list[Path] = []
    folders, seen = [root], 0
    for folder in folders:  # grows while it is read
        for entry in _entries(folder):
            seen += 1
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _SKIPPED and not is_environment(entry):
                    folders.append(Path(entry.path))
            elif entry.name.endswith(".py") and is_test_file(Path(entry.path)):
                found.append(Path(entry.path))
        if seen > MAX_FILES_WALKED:
            break
    return found


def near_files(aim: Aim, files: Sequence[Path], texts: Mapping[Path, str]) -> list[NearFile]:
    """Return the files among `files` that are near, nearest first; `texts` are unsaved texts that stand for files."""
    found = [near for path in files if (near := _near_file(aim, path, texts.get(path))) is not None]
    return sorted(found, key=lambda near: (-near.score, str(near.path)))[:MAX_NEAR_FILES]


def why_near(aim: Aim, near: NearFile, test: str) -> tuple[float, str]:
    """Return how near the test (`TestClass.test_name`) in `near` is, and why; 0 when only its file is near."""
    mentioned = near.mentioned.get(test, frozenset())
    for symbol in aim.symbols:
        if symbol.short_name.strip("_") in test.lower():
            return 4.0, f"named after {symbol.short_name}"
    direct = sorted(mentioned & aim.names)
    if direct:
        return 3.0, f"mentions {direct[0]}"
    indirect = sorted(mentioned & aim.indirect)
    if indirect:
        leads_to = aim.symbols[0].short_name if aim.symbols else aim.module
        return 2.0, f"mentions {indirect[0]}, which leads to {leads_to}"
    return 0.0, near.why


def _near_file(aim: Aim, path: Path, text: str | None) -> NearFile | None:
    if text is None:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None
    tail = aim.module.rpartition(".")[2]
    top = aim.module.partition(".")[0]
    own = path == aim.path
    if not own and tail not in text and top not in text:
        return None
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    mentioned = _mentioned_by_tests(tree)
    score, why = _nearness(aim, path, tree, own)
    if not score and any(names & aim.names for names in mentioned.values()) and top in _imported_tops(tree):
        score, why = 2.0, f"imports {top} and mentions names of {aim.path.name}"
    return NearFile(path=path, score=score, why=why, mentioned=mentioned) if score else None


def _nearness(aim: Aim, path: Path, tree: ast.Module, own: bool) -> tuple[float, str]:
    if own:
        return 9.0, "stands in the same file"
    stem = aim.path.stem if aim.path.stem != "__init__" else aim.path.parent.name
    named = path.stem in (f"test_{stem}", f"{stem}_test", f"test{stem}", f"test_{stem.strip('_')}")
    imports = any(_same_module(name, aim) for name in _imports(tree, path))
    if named or imports:
        why = f"imports {aim.module}" if imports else f"named after {aim.path.name}"
        return 4.0 * named + 3.0 * imports, why
    return 0.0, ""


def _same_module(name: str, aim: Aim) -> bool:
    if name == aim.module:
        return True
    parts = [*aim.path.parent.parts[1:], *([] if aim.path.stem == "__init__" else [aim.path.stem])]
    dotted = name.split(".")
    return len(dotted) > 1 and parts[-len(dotted) :] == dotted


def _imports(tree: ast.Module, path: Path) -> Iterator[str]:
    """Yield the dotted name of every module that could be meant by an import in `tree`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module_name(path).split(".")[: -node.level]
                base = ".".join([*package, *([base] if base else [])])
            yield base
            for alias in node.names:
                yield f"{base}.{alias.name}" if base else alias.name


def _imported_tops(tree: ast.Module) -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in _imports(tree, Path()))


def _mentioned_by_tests(tree: ast.Module) -> dict[str, frozenset[str]]:
    """Return what each function of a test file mentions, following the file's own helpers and fixtures by name."""
    direct = {each.name: mentions(each.node) for each in symbols(tree)}
    by_short = {each.short_name: direct[each.name] for each in symbols(tree)}
    found: dict[str, frozenset[str]] = {}
    for name, names in direct.items():
        reached, waiting = set(names), list(names)
        while waiting:
            new = by_short.get(waiting.pop(), frozenset()) - reached
            reached |= new
            waiting += new
        found[name] = frozenset(reached)
    return found


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:  # a folder that cannot be read holds no test that can be run
        return []
