"""The order in which candidates are tried: how suspicious the place is, times how likely the kind of edit is right."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tactful.verify.localise import suspiciousness
from tactful.verify.model import Failure
from tactful.verify.repair.calls import call_edits
from tactful.verify.repair.candidates import Candidate
from tactful.verify.repair.conditions import condition_edits
from tactful.verify.repair.expressions import expression_edits
from tactful.verify.repair.priors import LEARNED
from tactful.verify.repair.source import Source
from tactful.verify.repair.statements import statement_edits
from tactful.verify.repair.values import value_edits
from tactful.verify.runner.host import TestRun
from tactful.verify.symbols import Symbol

__all__ = ["Ranked", "all_edits", "all_edits_near", "ranked"]

UNUSED_ARGUMENT = 4.0  # how much likelier an edit is that brings in an argument the function does not use
HANGING = 8.0  # urgency of an edit that lets a loop come to an end, when a test does not end
_MAKES_PROGRESS = frozenset(
    {"make progress", "insert statement", "replace condition", "insert jump", "augmented assignment"}
)
_WORD = re.compile(r"\w+")
CONSTANT = 0.4  # weight of a module's constant that a suspicious line uses
OUTSIDE_SYMBOL = 0.3  # weight of lines outside of the chosen function


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A candidate and its score; only the order of scores and their ratios mean something.

    `urgency` moves it forward in the order of the search, without making it likelier to be what was meant.
    """

    candidate: Candidate
    score: float
    urgency: float = 1.0

    @property
    def rank(self) -> float:
        """What candidates are ordered by."""
        return self.score * self.urgency


def ranked(
    source: Source, runs: Sequence[TestRun], failures: Sequence[Failure], path: str, symbol: Symbol | None
) -> list[Ranked]:
    """Return the candidates for the failing tests, most likely first."""
    failing = [each.lines for each in runs if each.outcome == "failed"]
    passing = [each.lines for each in runs if each.outcome == "passed"]
    named = {line for each in failures for place, line in each.traceback_lines if place == path}
    suspicious = suspiciousness(failing, passing, named)
    suspicious |= _constants(source, suspicious)
    unused = _unused_arguments(source, symbol)
    hangs = any(each.failure.get("timed_out") for each in runs)
    scored: dict[tuple[int, int, str], Ranked] = {}
    for node in ast.walk(source.tree):
        line = _line_of(node, suspicious)
        if line is None or _is_test(source, node):
            continue
        inside = symbol is None or symbol.first_line <= line <= symbol.last_line
        place = suspicious[line] * (1.0 if inside else OUTSIDE_SYMBOL)
        for each in all_edits(source, node):
            score = LEARNED.score(each.operator, each.weight, place)
            urgency = HANGING if hangs and each.operator in _MAKES_PROGRESS else 1.0
            if unused and not unused.isdisjoint(_WORD.findall(each.new_text)):
                score *= UNUSED_ARGUMENT
            key = (each.start, each.end, each.new_text)
            if key not in scored or scored[key].score < score:
                scored[key] = Ranked(candidate=each, score=score, urgency=urgency)
    return sorted(scored.values(), key=lambda each: -each.rank)


def all_edits(source: Source, node: ast.AST) -> Iterator[Candidate]:
    """Yield every edit that `node` itself invites."""
    for edits in (expression_edits, call_edits, condition_edits, statement_edits, value_edits):
        yield from edits(source, node)


def all_edits_near(source: Source, start: int, end: int) -> list[Ranked]:
    """Return the edits of every expression and statement that overlaps `start`..`end`, most likely first."""
    found: dict[tuple[int, int, str], Ranked] = {}
    for node in ast.walk(source.tree):
        if not hasattr(node, "end_col_offset") or isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        first, last = source.span(node)
        if last < start or first > end:
            continue
        for each in all_edits(source, node):
            if each.end >= start and each.start <= end:
                key = (each.start, each.end, each.new_text)
                ranked_edit = Ranked(candidate=each, score=LEARNED.score(each.operator, each.weight, 1.0))
                found[key] = max(ranked_edit, found.get(key, ranked_edit), key=lambda other: other.score)
    return sorted(found.values(), key=lambda each: -each.score)


def _is_test(source: Source, node: ast.AST) -> bool:
    """Return whether `node` belongs to a test: a repair must not change what is asked of the code."""
    holders = (node, *source.ancestors(node))
    functions = [each.name for each in holders if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    classes = [each.name for each in holders if isinstance(each, ast.ClassDef)]
    return any(name.startswith("test") for name in functions) or any(name.startswith("Test") for name in classes)


def _unused_arguments(source: Source, symbol: Symbol | None) -> frozenset[str]:
    for function in source.functions:
        if symbol is not None and function.lineno == symbol.node.lineno:
            given = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)} - {"self", "cls"}
            used = {each.id for each in ast.walk(function) if isinstance(each, ast.Name)}
            return frozenset(given - used)
    return frozenset()


def _constants(source: Source, suspicious: dict[int, float]) -> dict[int, float]:
    """Return the lines of the module's own assignments to names that suspicious lines mention."""
    found: dict[int, float] = {}
    used: dict[str, float] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and (score := suspicious.get(node.lineno - 1)):
            used[node.id] = max(score, used.get(node.id, 0.0))
    for statement in source.tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            score = max([used.get(getattr(each, "id", ""), 0.0) for each in targets], default=0.0)
            lines = range(statement.lineno - 1, statement.end_lineno or statement.lineno)
            found |= {line: CONSTANT * score for line in lines if score and line not in suspicious}
    return found


def _line_of(node: ast.AST, suspicious: dict[int, float]) -> int | None:
    """Return the line (from 0) that stands for `node`: its own, or the statement's where only that is traced."""
    if isinstance(node, ast.comprehension):
        node = node.iter
    first, last = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
    if first is None or last is None:
        return None
    found = [line for line in range(first - 1, last) if line in suspicious]
    return found[0] if found else None
