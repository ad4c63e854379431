"""Single-edit bugs for bench/injected.py: a small mutator of its own, which shares nothing with the repair's edits."""

import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Mutant", "mutants_of"]

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


def mutants_of(path: Path, text: str, chance: random.Random) -> list[Mutant]:
    """Return the mutants of one file in random order, one for each place that can be edited."""
    tree = ast.parse(text)
    found = [
        Mutant(path=path, text=changed, symbol=symbol, edit=f"{edit} (line {node.lineno})")
        for symbol, function in _functions(tree, "")
        for node, changed, edit in _edits(text, function, chance)
    ]
    chance.shuffle(found)
    return found


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.AST]]:
    """Yield the outermost functions and methods."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + child.name, child
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        else:
            yield from _functions(child, prefix)


def _edits(text: str, function: ast.AST, chance: random.Random) -> Iterator[tuple[ast.expr, str, str]]:
    for node in ast.walk(function):
        if not isinstance(node, ast.expr) or not hasattr(node, "lineno"):
            continue
        new = _edited(node, text, chance)
        old = ast.get_source_segment(text, node)
        if new is None or old is None or "\n" in old:
            continue
        start = _offset(text, node.lineno, node.col_offset)
        changed = text[:start] + new + text[start + len(old) :]
        try:
            ast.parse(changed)
        except SyntaxError:  # inside an f-string, for one
            continue
        if text[start : start + len(old)] == old and changed != text:
            yield node, changed, f"`{old}` -> `{new}`"


def _edited(node: ast.expr, text: str, chance: random.Random) -> str | None:
    """Return other source for an expression, None where this mutator has no edit for it."""

    def source(part: ast.expr) -> str:
        return ast.get_source_segment(text, part) or ""

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


def _offset(text: str, line: int, column: int) -> int:
    """Return the offset of a place that ast counts in lines from 1 and bytes."""
    lines = text.split("\n")
    before = sum(len(each) + 1 for each in lines[: line - 1])
    return before + len(lines[line - 1].encode()[:column].decode())
