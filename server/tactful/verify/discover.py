"""Near tests: which test files and which tests in them are about a piece of code, and why.

Judged by reading, before anything runs: file names, imports, and the names that a test mentions, directly or by way of
helpers and fixtures of its file and of its conftest.py files. What a test really executes is measured later.
"""

import ast
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tactful.verify.imports import importers_of, module_name, names_in, names_module, read_text
from tactful.verify.mentioned import mentioned_by_tests, mentions_in
from tactful.verify.symbols import Symbol, callers, symbols
from tactful.verify.workspace import LEFT_OUT, LINKED_FOLDERS, is_environment

__all__ = [
    "Aim",
    "NearFile",
    "PythonFiles",
    "aim_at",
    "find_python",
    "further_files",
    "is_test_file",
    "near_files",
    "why_near",
]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonFiles:
    """The Python files of a workspace by what they are for, those nearest to its root first."""

    tests: tuple[Path, ...] = ()
    conftests: tuple[Path, ...] = ()
    sources: tuple[Path, ...] = ()

    def with_test(self, path: Path) -> "PythonFiles":
        """Return the same with one more file that holds tests."""
        return PythonFiles(tests=(*self.tests, path), conftests=self.conftests, sources=self.sources)


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


def is_test_file(path: Path) -> bool:
    """Return whether pytest would look for tests in a file of this name."""
    return path.suffix == ".py" and (
        path.stem.startswith("test_") or path.stem.endswith("_test") or path.stem == "tests"
    )


def find_python(root: Path) -> PythonFiles:
    """Return the Python files below `root`, without those of environments and caches."""
    tests: list[Path] = []
    conftests: list[Path] = []
    sources: list[Path] = []
    folders, seen = [root], 0
    for folder in folders:  # grows while it is read
        for entry in _entries(folder):
            seen += 1
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _SKIPPED and not is_environment(entry):
                    folders.append(Path(entry.path))
            elif entry.name.endswith(".py"):
                path = Path(entry.path)
                kind = tests if is_test_file(path) else conftests if entry.name == "conftest.py" else sources
                kind.append(path)
        if seen > MAX_FILES_WALKED:
            break
    return PythonFiles(tests=tuple(tests), conftests=tuple(conftests), sources=tuple(sources))


def near_files(aim: Aim, files: PythonFiles, texts: Mapping[Path, str]) -> list[NearFile]:
    """Return the test files that are near, nearest first; `texts` are unsaved texts that stand for files."""
    conftests = [path for path in files.conftests if _leads_to(aim, path, texts)]
    found: list[tuple[float, Path, str]] = []
    for path in files.tests:
        is_led = any(path.is_relative_to(each.parent) for each in conftests)
        score, why = _nearness_of_file(aim, path, files, texts, is_led)
        if score:
            found.append((score, path, why))
    return _nearest(found, files, texts)


def further_files(aim: Aim, files: PythonFiles, texts: Mapping[Path, str], known: Sequence[NearFile]) -> list[NearFile]:
    """Return test files that reach the aim only by way of other modules of the workspace, nearest first."""
    importers = importers_of(aim.path, [*files.sources, *files.conftests], texts)
    steps = {path: number for number, path in enumerate(importers)}
    near = {each.path for each in known}
    found: list[tuple[float, Path, str]] = []
    for path in files.tests:
        text = read_text(path, texts) if path not in near else None
        names = set(names_in(text, path)) if text is not None else set()
        by = [each for each in importers if any(names_module(name, importers[each], each) for name in names)]
        by += [each for each in importers if each.name == "conftest.py" and path.is_relative_to(each.parent)]
        if by:
            first = min(by, key=lambda each: steps[each])
            found.append((-steps[first], path, f"imports {importers[first]}, which leads to {aim.module}"))
    return _nearest(found, files, texts)


def why_near(aim: Aim, near: NearFile, test: str) -> tuple[float, str]:
    """Return how near the test (`TestClass.test_name`) in `near` is, and why; 0 when only its file is near."""
    mentioned = near.mentioned.get(test, frozenset())
    words = f"_{test.lower().replace('.', '_')}_"
    for symbol in aim.symbols:
        if f"_{symbol.short_name.strip('_').lower()}_" in words or (
            len(symbol.short_name) > 3 and (symbol.short_name.strip("_").lower() in words)
        ):
            return 4.0, f"named after {symbol.short_name}"
    direct = sorted(mentioned & aim.names)
    if direct:
        return 3.0, f"mentions {direct[0]}"
    indirect = sorted(mentioned & aim.indirect)
    if indirect:
        leads_to = aim.symbols[0].short_name if aim.symbols else aim.module
        return 2.0, f"mentions {indirect[0]}, which leads to {leads_to}"
    return 0.0, near.why


def _nearness_of_file(
    aim: Aim, path: Path, files: PythonFiles, texts: Mapping[Path, str], is_led: bool
) -> tuple[float, str]:
    """Return how near a test file is and why; `is_led` where one of its conftest.py files is about the aim."""
    text = read_text(path, texts)
    if text is None:
        return 0.0, ""
    tail, top = aim.module.rpartition(".")[2], aim.module.partition(".")[0]
    if path != aim.path and not is_led and tail not in text and top not in text:
        return 0.0, ""
    score, why = _nearness(aim, path, text)
    if score:
        return score, why
    imports_top = top in _imported_tops(text)
    if not is_led and not (imports_top and any(name in text for name in aim.names)):
        return 0.0, ""
    mentioned = _mentioned(path, files, texts) or {}
    if not any(names & aim.names for names in mentioned.values()):
        return 0.0, ""
    if imports_top:
        return 2.0, f"imports {top} and mentions names of {aim.path.name}"
    return 1.0, f"its conftest.py leads to {aim.module}"


def _nearness(aim: Aim, path: Path, text: str) -> tuple[float, str]:
    if path == aim.path:
        return 9.0, "stands in the same file"
    stem = aim.path.stem if aim.path.stem != "__init__" else aim.path.parent.name
    named = path.stem in (f"test_{stem}", f"{stem}_test", f"test{stem}", f"test_{stem.strip('_')}")
    imports = any(names_module(name, aim.module, aim.path) for name in names_in(text, path))
    if named or imports:
        why = f"imports {aim.module}" if imports else f"named after {aim.path.name}"
        return 4.0 * named + 3.0 * imports, why
    return 0.0, ""


def _leads_to(aim: Aim, path: Path, texts: Mapping[Path, str]) -> bool:
    """Return whether a conftest.py imports the module, or its package and mentions names of the aim."""
    text = read_text(path, texts)
    if text is None:
        return False
    if _nearness(aim, path, text)[0]:
        return True
    return aim.module.partition(".")[0] in _imported_tops(text) and any(name in text for name in aim.names)


def _nearest(found: list[tuple[float, Path, str]], files: PythonFiles, texts: Mapping[Path, str]) -> list[NearFile]:
    """Return the nearest files, each with what its tests mention; files that cannot be parsed hold none."""
    nearest = sorted(found, key=lambda each: (-each[0], str(each[1])))[:MAX_NEAR_FILES]
    return [
        NearFile(path=path, score=score, why=why, mentioned=mentioned)
        for score, path, why in nearest
        if (mentioned := _mentioned(path, files, texts)) is not None
    ]


def _mentioned(path: Path, files: PythonFiles, texts: Mapping[Path, str]) -> dict[str, frozenset[str]] | None:
    """Return what the tests of a file mention, None where it cannot be parsed."""
    texts_above = [read_text(each, texts) for each in files.conftests if path.is_relative_to(each.parent)]
    above = [found for text in texts_above if text is not None and (found := mentions_in(text)) is not None]
    own = mentions_in(read_text(path, texts) or "")
    return mentioned_by_tests(own, above) if own is not None else None


def _imported_tops(text: str) -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in names_in(text, Path()))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:  # a folder that cannot be read holds no test that can be run
        return []
