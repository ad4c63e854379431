"""What a verification is about: functions of one file, or all of it; and which lines make them run.

The functions are those at the cursor, of the given name, or that a range of lines touches.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from tactful.verify.coverage.units import units_of
from tactful.verify.model import VerifyRequest
from tactful.verify.runner.host import TestRun
from tactful.verify.symbols import Symbol, symbol_at, symbols

__all__ = ["Scope", "scope_of", "split_runs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The chosen definitions, none for the whole file; `lines` are those that were asked for, where some were."""

    symbols: tuple[Symbol, ...] = ()
    lines: range | None = None

    @property
    def symbol(self) -> Symbol | None:
        """The one definition that was chosen, None where it is none or several."""
        return self.symbols[0] if len(self.symbols) == 1 else None

    def at_fault(self, runs: Sequence[TestRun]) -> Symbol | None:
        """Return the one definition that is chosen, or the only one of several that failing tests run."""
        if len(self.symbols) < 2:
            return self.symbol
        failing = frozenset[int]().union(*(each.lines for each in runs if each.outcome == "failed"))
        run = [each for each in self.symbols if not failing.isdisjoint(_body_of(each))]
        return run[0] if len(run) == 1 else None

    @property
    def name(self) -> str:
        """The definitions' names, for people."""
        names = [each.name for each in self.symbols]
        return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

    def units(self, text: str) -> frozenset[str] | None:
        """Return the names of the file's functions that are chosen, None for all of them."""
        if not self.symbols:
            return None
        spans = [(each.first_line, each.last_line) for each in self.symbols]
        functions = units_of(text).functions
        return frozenset(
            each.name for each in functions if any(each.first_line <= b and a <= each.last_line for a, b in spans)
        )

    def body(self) -> frozenset[int] | None:
        """Return the lines that run when a chosen function is called; None where anything in the file counts."""
        if not self.symbols or any(each.is_class for each in self.symbols):
            return None
        return frozenset(line for each in self.symbols for line in _body_of(each))


def scope_of(tree: ast.Module, request: VerifyRequest) -> Scope | None:
    """Return what `request` is about, None where it names a symbol that is not there."""
    if request.symbol is not None:
        for each in reversed(symbols(tree)):  # a later definition replaces an earlier one
            if request.symbol in (each.name, each.short_name):
                return Scope(symbols=(each,))
        return None
    if request.line is None:
        return Scope()
    if request.end_line is None or request.end_line <= request.line:
        found = symbol_at(tree, request.line)
        return Scope(symbols=(found,) if found is not None else ())
    lines = range(request.line, request.end_line + 1)
    return Scope(symbols=_touched(tree, lines), lines=lines)


def split_runs(scope: Scope, runs: Sequence[TestRun]) -> tuple[list[TestRun], str, bool]:
    """Return the runs that count, what to say of the others, and whether any test runs what was chosen.

    A test that failed without running it fails for another reason, and must not stand in the way of its repair. A test
    that was stopped may have been in it. One that passes counts: a repair must not break it.
    """
    body = scope.body()
    if body is None or not runs:
        return list(runs), "", True
    about = {each.id for each in runs if each.failure.get("timed_out") or not each.lines.isdisjoint(body)}
    if not about:
        none = "The near test does not run" if len(runs) == 1 else f"None of the {len(runs)} near tests runs"
        return list(runs), f"{none} {scope.name}; write a test that calls it.", False
    kept = [each for each in runs if each.id in about or each.outcome != "failed"]
    others = len(runs) - len(kept)
    verb = "test fails" if others == 1 else "tests fail"
    return kept, f"{others} other {verb} without running {scope.name}." if others else "", True


def _body_of(symbol: Symbol) -> range:
    return range(symbol.node.body[0].lineno - 1, symbol.last_line + 1)


def _touched(tree: ast.Module, lines: range) -> tuple[Symbol, ...]:
    """Return the outermost functions and methods that have some of `lines`."""
    found: list[Symbol] = []
    for each in symbols(tree):
        inside = any(other.first_line <= each.first_line <= other.last_line for other in found)
        if not each.is_class and not inside and each.first_line < lines.stop and lines.start <= each.last_line:
            found.append(each)
    return tuple(found)
