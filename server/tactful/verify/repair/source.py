"""One module's source with its tree: spans as offsets, parents, and what is in scope; knows nothing of repairs."""

import ast
import re
from collections.abc import Iterator
from functools import cached_property

__all__ = ["Function", "Source"]

Function = ast.FunctionDef | ast.AsyncFunctionDef
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Source:
    """A parsed text. Raises SyntaxError when it cannot be parsed; everything in it is computed once and kept."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self._lines = _line_starts(text)
        self._parents = {id(child): parent for parent in ast.walk(self.tree) for child in ast.iter_child_nodes(parent)}

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a tree position: `line` from 1, `column` in bytes of UTF-8."""
        start = self._lines[line - 1]
        end = self._lines[line] if line < len(self._lines) else len(self.text)
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

    def line_indent(self, offset: int) -> str:
        """Return the white space at the beginning of the line that holds `offset`."""
        start = self.text.rfind("\n", 0, offset) + 1
        end = start
        while end < len(self.text) and self.text[end] in " \t":
            end += 1
        return self.text[start:end]

    def names_in(self, function: Function) -> dict[str, int]:
        """Return the variables of `function` and of the functions around it, with how often each is mentioned in it."""
        cached = self._names.get(id(function))
        if cached is None:
            cached = self._names[id(function)] = self._count_names(function)
        return cached

    @cached_property
    def _names(self) -> dict[int, dict[str, int]]:
        return {}

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
