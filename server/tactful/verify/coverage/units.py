"""The parts of a file that change by themselves: each function, and what stands outside of them; each with a checksum.

A method counts by itself, a nested function as part of the function around it. Pure: text in, values out.
"""

import ast
import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["OUTSIDE", "Unit", "Units", "units_of"]

OUTSIDE = ""  # the name of what stands outside of functions
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A function or method by qualified name, its lines from 0 (decorators included, the last one too)."""

    name: str
    first_line: int
    last_line: int
    checksum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """The functions of one file in their order; `outside` is the checksum of all else."""

    functions: tuple[Unit, ...]
    outside: str

    def at(self, line: int) -> Unit | None:
        """Return the function around `line` (from 0), None outside of functions."""
        index = bisect_right(self.functions, line, key=lambda each: each.first_line) - 1
        found = self.functions[index] if index >= 0 else None
        return found if found is not None and line <= found.last_line else None

    def checksums(self) -> dict[str, str]:
        """Return the checksum of each function by its name, and of what stands outside."""
        return {OUTSIDE: self.outside, **{each.name: each.checksum for each in self.functions}}


def units_of(text: str) -> Units:
    """Return the units of a file; one that cannot be parsed has nothing but an outside."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return Units(functions=(), outside=_checksum(text))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    functions: list[Unit] = []
    taken: dict[str, int] = {}
    for name, first, last in _functions(tree, ""):
        taken[name] = taken.get(name, 0) + 1
        unique = name if taken[name] == 1 else f"{name}#{taken[name]}"  # a setter has the name of its getter
        checksum = _checksum("\n".join(lines[first : last + 1]))
        functions.append(Unit(name=unique, first_line=first, last_line=last, checksum=checksum))
    inside = {line for each in functions for line in range(each.first_line, each.last_line + 1)}
    rest = [line.rstrip() for number, line in enumerate(lines) if number not in inside]
    kept = [line for line in rest if line and not line.lstrip().startswith("#")]
    # The names count too: a new method may stand before one that was inherited.
    return Units(functions=tuple(functions), outside=_checksum("\n".join([*kept, *taken])))


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, int, int]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _FUNCTIONS):
            first = min([child.lineno, *(each.lineno for each in child.decorator_list)])
            yield prefix + child.name, first - 1, (child.end_lineno or child.lineno) - 1
        else:
            yield from _functions(child, f"{prefix}{child.name}." if isinstance(child, ast.ClassDef) else prefix)


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
