"""What a model is told of one repair before anything was tried: the function, its file, its tests and how they fail."""

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tactful.verify.failures import Paths
from tactful.verify.localise import suspiciousness
from tactful.verify.model import Failure
from tactful.verify.repair.disclosure import Disclosure
from tactful.verify.repair.feedback import told_together
from tactful.verify.repair.source import Function, Source
from tactful.verify.runner.host import TestRun
from tactful.verify.symbols import Symbol, symbols

__all__ = ["Brief", "brief_of", "feedback_on", "function_to_repair"]

MAX_TESTS, MAX_TEST_CHARS = 4, 2400  # texts of failing tests
MAX_NAMES = 30  # of passing tests


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """The unchanging part of every prompt of one repair; secrets may still be in it."""

    path: str
    name: str
    function: str  # its text
    around: str  # what else of the file there is room for, the function left out
    tests: tuple[str, ...]  # texts of failing ones
    failures: str
    passing: tuple[str, ...]


def function_to_repair(
    source: Source, symbol: Symbol | None, runs: Sequence[TestRun], failures: Sequence[Failure], path: str
) -> Function | None:
    """Return the chosen function, else the most suspicious one (of the chosen class); None where that is a test."""
    if symbol is not None and not symbol.is_class:
        found = [
            each for each in source.functions if (each.lineno, each.name) == (symbol.node.lineno, symbol.node.name)
        ]
    else:
        failing = [each.lines for each in runs if each.outcome == "failed"]
        passing = [each.lines for each in runs if each.outcome == "passed"]
        named = {line for each in failures for place, line in each.traceback_lines if place == path}
        scores = suspiciousness(failing, passing, named)
        inside = range(symbol.first_line, symbol.last_line + 1) if symbol is not None else None
        found = _by_suspicion(source, {line: s for line, s in scores.items() if inside is None or line in inside})
    return next((each for each in found if not _is_test(source, each)), None)


def brief_of(
    source: Source, function: Function, failures: Sequence[Failure], passing: Iterable[str], paths: Paths,
    disclosure: Disclosure, path: str, context_chars: int,
) -> Brief:  # fmt: skip
    """Return what is told of the repair of `function` in the file at `path`."""
    disclosure.take_part(path)
    text = _function_text(source, function)
    return Brief(
        path=disclosure.shown(path),
        name=function.name,
        function=text,
        around=_around(source, function, max(0, context_chars - len(text))),
        tests=tuple(_tests(failures, paths, disclosure)),
        failures=feedback_on(failures, paths, disclosure),
        passing=tuple(each.rsplit("::", 1)[-1] for each in passing)[:MAX_NAMES],
    )


def feedback_on(
    failures: Sequence[Failure], paths: Paths, disclosure: Disclosure, texts: Mapping[Path, str] | None = None
) -> str:
    """Return the failures in words; `texts` are those that stand for files, where they differ from `paths`."""
    places = paths if texts is None else replace(paths, texts={**paths.texts, **texts})

    def line_of(path: str, line: int) -> str:
        disclosure.take_part(path)
        return places.source_line(path, line)

    allowed = [_disclosed(each, disclosure) for each in failures if disclosure.allows(each.path)]
    return told_together(allowed, disclosure.shown, line_of)


def _disclosed(failure: Failure, disclosure: Disclosure) -> Failure:
    """Return the failure without what it tells of ignored files: places there, and what was raised there."""
    kept = tuple((path, line) for path, line in failure.traceback_lines if disclosure.allows(path))
    if kept[-1:] == failure.traceback_lines[-1:]:
        return replace(failure, traceback_lines=kept)
    return replace(failure, traceback_lines=kept, message="an error in a file of which nothing is told", output="")


def _by_suspicion(source: Source, scores: Mapping[int, float]) -> list[Function]:
    ranked: list[tuple[float, int, Function]] = []
    for each in source.functions:
        lines = range(each.lineno - 1, each.end_lineno or each.lineno)
        best = max((score for line, score in scores.items() if line in lines), default=0.0)
        if best > 0 and source.function_of(each) is None:
            ranked.append((-best, each.lineno, each))
    return [each for _, _, each in sorted(ranked, key=lambda entry: entry[:2])]


def _is_test(source: Source, function: Function) -> bool:
    home = source.parent(function)
    return function.name.startswith("test") or (isinstance(home, ast.ClassDef) and home.name.startswith("Test"))


def _function_text(source: Source, function: Function) -> str:
    """Return whole lines, decorators included, so that the indentation shows."""
    lines = source.text.replace("\r\n", "\n").split("\n")
    return "\n".join(lines[_first_line(function) - 1 : function.end_lineno])


def _first_line(function: Function) -> int:
    return min([function.lineno, *(each.lineno for each in function.decorator_list)])


def _around(source: Source, function: Function, room: int) -> str:
    """Return the rest of the file, else its head and what surrounds the function, as whole lines."""
    lines = source.text.replace("\r\n", "\n").split("\n")
    before, after = lines[: _first_line(function) - 1], lines[function.end_lineno or 0 :]
    if len("\n".join([*before, *after])) <= room:
        return "\n".join([*before, "...", *after]).strip("\n")
    imports = [source.code(each) for each in source.tree.body if isinstance(each, ast.Import | ast.ImportFrom)]
    kept, left = [], room - len("\n".join(imports))
    for line in reversed(before):
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    return "\n".join([*imports, "...", *reversed(kept), "..."])


def _tests(failures: Sequence[Failure], paths: Paths, disclosure: Disclosure) -> Iterable[str]:
    """Yield the texts of the failing tests, each once."""
    told: set[str] = set()
    for each in failures:
        text = _test_text(each, paths) if disclosure.allows(each.path) else ""
        if text and text not in told and len(told) < MAX_TESTS:
            disclosure.take_part(each.path)
            told.add(text)
            yield text


def _test_text(failure: Failure, paths: Paths) -> str:
    names = ".".join(failure.test_id.split("[")[0].split("::")[1:])
    text = paths.text(failure.path)
    try:
        found = [each for each in symbols(ast.parse(text)) if names and each.name == names]
    except (SyntaxError, ValueError, RecursionError):
        return ""
    lines = text.split("\n")
    return "\n".join(lines[found[-1].first_line : found[-1].last_line + 1])[:MAX_TEST_CHARS] if found else ""
