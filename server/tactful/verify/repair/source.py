"""One module's source with its tree: spans as offsets, parents, and what is in scope; knows nothing of repairs."""

import ast
import re
import warnings
from collections.abc import Callable, Hashable, Iterator
from functools import cached_property
from typing import Any, TypeVar

from tactful.verify.repair.hints import NO_HINTS, Hints

__all__ = ["Function", "Source"]

Function = ast.FunctionDef | ast.AsyncFunctionDef
Fact = TypeVar("Fact")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Source:
    """A parsed text. Raises SyntaxError when it cannot be parsed; everything in it is computed once and kept."""

    def __init__(self, text: str, hints: Hints = NO_HINTS) -> None:
        """`hints` are values that a repair may bring in."""
        self.text = text
        self.hints = hints
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the text has to be warned of is not this program's matter
            self.tree = ast.parse(text)
        self._lines = _line_starts(text)
        self._facts: dict[Hashable, Any] = {}
        self._parents = {id(child): parent for parent in ast.walk(self.tree) for child in ast.iter_child_nodes(parent)}

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a tree position: `line` from 1, `column` in bytes of UTF-8."""
        start, end = self._lines[line - 1], self.line_end(line)
        return start + len(self.text[start:end].encode()[:column].decode(errors="ignore"))

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return the offsets where `node` begins and ends. Parentheses around it do not belong to it."""
        return (
            self.offset(node.lineno, node.col_offset),  # type: ignore[attr-defined]
            self.offset(node.end_lineno, node.end_col_offset),  # type: ignore[attr-defined]
        )

    def code(self, node: ast.AST) -> str:
        """Return the source of `node`."""
        start, end = self.span(node)
        return self.text[start:end]

    def parent(self, node: ast.AST) -> ast.AST | None:
        """Return the node that holds `node`, None for the module."""
        return self._parents.get(id(node))

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what holds `node`, from the inside out."""
        above = self.parent(node)
        while above is not None:
            yield above
            above = self.parent(above)

    def function_of(self, node: ast.AST) -> Function | None:
        """Return the innermost function around `node`."""
        return next((each for each in self.ancestors(node) if isinstance(each, _FUNCTIONS)), None)

    def outermost_function_of(self, node: ast.AST) -> Function | None:
        """Return the outermost function whose body holds `node`; None for what runs when the module is imported."""
        outermost: Function | None = None
        below: ast.AST = node
        for each in self.ancestors(node):
            if isinstance(each, _FUNCTIONS) and below in each.body:
                outermost = each
            elif isinstance(each, _FUNCTIONS):
                outermost = None  # a decorator, a default or an annotation is evaluated outside of the function
            below = each
        return outermost

    def line_end(self, line: int) -> int:
        """Return the offset where `line` (from 1) ends, its line end included."""
        return self._lines[line] if line < len(self._lines) else len(self.text)

    def line_indent(self, offset: int) -> str:
        """Return the white space at the beginning of the line that holds `offset`."""
        start = self.text.rfind("\n", 0, offset) + 1
        end = start
        while end < len(self.text) and self.text[end] in " \t":
            end += 1
        return self.text[start:end]

    def names_in(self, function: Function) -> dict[str, int]:
        """Return the variables of `function` and of the functions around it, with how often each is mentioned in it."""
        return self.cached(("names", id(function)), lambda: self._count_names(function))

    def cached(self, key: Hashable, make: Callable[[], Fact]) -> Fact:
        """Return what `make` returns, computed once for each `key`."""
        if key not in self._facts:
            self._facts[key] = make()
        fact: Fact = self._facts[key]
        return fact

    def constants_in(self, function: Function) -> list[Any]:
        """Return the different numbers and texts in `function`, docstring left out."""
        skipped = id(function.body[0].value) if isinstance(function.body[0], ast.Expr) else 0
        found = [each for each in ast.walk(function) if isinstance(each, ast.Constant) and id(each) != skipped]
        return list({(type(each.value), each.value): each.value for each in found}.values())

    @cached_property
    def newline(self) -> str:
        """The line end that the text uses."""
        return "\r\n" if "\r\n" in self.text else "\n"

    @cached_property
    def indent_step(self) -> str:
        """What one level of indentation is made of."""
        for function in self.functions:
            outer = self.line_indent(self.span(function)[0])
            inner = self.line_indent(self.span(function.body[0])[0])
            if inner.startswith(outer) and inner != outer:
                return inner[len(outer) :]
        return "    "

    @cached_property
    def called_at_import(self) -> frozenset[str]:
        """Names of functions that may be called while the module is imported, so that their effect is baked in."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and self.outermost_function_of(node) is None:
                found.update(each.id for each in ast.walk(node.func) if isinstance(each, ast.Name))
                found.update(each.attr for each in ast.walk(node.func) if isinstance(each, ast.Attribute))
        decorators = [each for function in self.functions for each in function.decorator_list]
        found.update(each.id for each in decorators if isinstance(each, ast.Name))
        return frozenset(found & {function.name for function in self.functions})

    def lines_of(self, statement: ast.stmt) -> tuple[int, int] | None:
        """Return the offsets of the whole lines that `statement` fills; None when it shares them with other code."""
        first = min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", []))])
        start = self._lines[first - 1]
        end = self.line_end(statement.end_lineno or statement.lineno)
        before = self.text[start : self.offset(first, 0) + len(self.line_indent(start))]
        own_start = self.span(statement)[0] if first == statement.lineno else start + len(before)
        after = self.text[self.span(statement)[1] : end].strip()
        if start + len(self.line_indent(start)) != own_start or (after and not after.startswith("#")):
            return None
        return start, end

    @cached_property
    def functions(self) -> list[Function]:
        """All functions of the module."""
        return [each for each in ast.walk(self.tree) if isinstance(each, _FUNCTIONS)]

    def _count_names(self, function: Function) -> dict[str, int]:
        holders = [function, *(each for each in self.ancestors(function) if isinstance(each, _FUNCTIONS))]
        bound: set[str] = set()
        for holder in holders:
            bound |= set(_bound_names(holder))
        counts = dict.fromkeys(sorted(bound), 0)
        for each in ast.walk(function):
            if isinstance(each, ast.Name) and each.id in counts:
                counts[each.id] += 1
        return counts


def _bound_names(function: Function) -> Iterator[str]:
    for each in ast.walk(function.args):
        if isinstance(each, ast.arg):
            yield each.arg
    for statement in function.body:
        for each in ast.walk(statement):
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                yield each.id


def _line_starts(text: str) -> list[int]:
    # Only these end a line for Python's tokenizer: a form feed, for one, is white space.
    return [0, *(match.end() for match in re.finditer(r"\r\n?|\n", text))]
