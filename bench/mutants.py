"""Single-edit bugs for bench/injected.py: a small mutator of its own, which shares nothing with the repair's edits."""

import ast
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Mutant", "draw_mutants"]

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
_OPERATIONS: dict[type[ast.operator], str] = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.FloorDiv: "*", ast.Div: "*", ast.Mod: "//",
    ast.BitAnd: "|", ast.BitOr: "&",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A file's text with one edit in the function `symbol`, and the edit in words."""

    path: Path
    text: str
    symbol: str
    edit: str


def draw_mutants(texts: Mapping[Path, str], chance: random.Random) -> Iterator[Mutant]:
    """Yield one mutant for each place that can be edited, the places in random order."""
    sources = {path: _Source(text) for path, text in texts.items()}
    places = [
        (path, symbol, node)
        for path, source in sources.items()
        for symbol, function in _functions(source.tree, "")
        for node in ast.walk(function)
        if isinstance(node, ast.expr)
    ]
    chance.shuffle(places)
    for path, symbol, node in places:
        source = sources[path]
        old, new = source.of(node), _edited(node, source.of, chance)
        text = source.replaced(node, new) if new is not None and "\n" not in old else None
        if text is not None:
            yield Mutant(path=path, text=text, symbol=symbol, edit=f"`{old}` -> `{new}` (line {node.lineno})")


class _Source:
    """A file's text, and where its nodes stand in it; ast counts lines from 1, and bytes."""

    def __init__(self, text: str) -> None:
        self.tree = ast.parse(text)
        self._bytes = text.encode()
        self._starts = [0]
        for line in self._bytes.split(b"\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def of(self, node: ast.expr) -> str:
        """Return the source of a node."""
        start, end = self._span(node)
        return self._bytes[start:end].decode()

    def replaced(self, node: ast.expr, new: str) -> str | None:
        """Return the text with `new` in the place of a node, None where it means nothing else or nothing at all."""
        start, end = self._span(node)
        text = (self._bytes[:start] + new.encode() + self._bytes[end:]).decode()
        try:
            same = ast.dump(ast.parse(text)) == ast.dump(self.tree)
        except SyntaxError:  # inside an f-string, for one
            return None
        return None if same else text

    def _span(self, node: ast.expr) -> tuple[int, int]:
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.AST]]:
    """Yield the outermost functions and methods."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + child.name, child
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        else:
            yield from _functions(child, prefix)


def _edited(node: ast.expr, source: Callable[[ast.expr], str], chance: random.Random) -> str | None:
    """Return other source for an expression, None where this mutator has no edit for it."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARISONS:
        return f"{source(node.left)} {_COMPARISONS[type(node.ops[0])]} {source(node.comparators[0])}"
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return f"{source(node.left)} {_OPERATIONS[type(node.op)]} {source(node.right)}"
    if isinstance(node, ast.BoolOp):
        joint = " or " if isinstance(node.op, ast.And) else " and "
        return joint.join(source(each) for each in node.values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return source(node.operand)
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return str(node.value + chance.choice((-1, 1))) if node.value else "1"
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return str(not node.value)
    if isinstance(node, ast.Call) and len(node.args) >= 2 and not any(isinstance(a, ast.Starred) for a in node.args):
        first, second = node.args[:2]
        if source(first) == source(second):
            return None
        rest = [source(each) for each in node.args[2:]]
        rest += [
            f"{each.arg}={source(each.value)}" if each.arg else f"**{source(each.value)}" for each in node.keywords
        ]
        return f"{source(node.func)}({', '.join([source(second), source(first), *rest])})"
    return None
