"""Edits inside expressions: operators, constants, names, off by one."""

import ast
import re
from collections.abc import Iterator

from tactful.verify.repair.candidates import Candidate
from tactful.verify.repair.source import Source

__all__ = ["expression_edits"]

_COMPARE = {
    ast.Lt: ("<", {"<=": 1.0, ">": 0.6, ">=": 0.3, "==": 0.1, "!=": 0.1}),
    ast.LtE: ("<=", {"<": 1.0, ">=": 0.6, ">": 0.3, "==": 0.1}),
    ast.Gt: (">", {">=": 1.0, "<": 0.6, "<=": 0.3, "==": 0.1, "!=": 0.1}),
    ast.GtE: (">=", {">": 1.0, "<=": 0.6, "<": 0.3, "==": 0.1}),
    ast.Eq: ("==", {"!=": 1.0, "<=": 0.3, ">=": 0.3, "<": 0.15, ">": 0.15, "in": 0.05}),
    ast.NotEq: ("!=", {"==": 1.0, "<": 0.3, ">": 0.3}),
    ast.Is: ("is", {"is not": 1.0, "==": 0.3}),
    ast.IsNot: ("is not", {"is": 1.0, "!=": 0.3}),
    ast.In: ("in", {"not in": 1.0, "==": 0.05}),
    ast.NotIn: ("not in", {"in": 1.0}),
}
_BINARY = {
    ast.Add: ("+", {"-": 1.0, "*": 0.5, "//": 0.05, "/": 0.05, "%": 0.1}),
    ast.Sub: ("-", {"+": 1.0, "*": 0.1, "/": 0.1, "//": 0.1, "%": 0.1}),
    ast.Mult: ("*", {"+": 0.6, "/": 0.4, "**": 0.5, "//": 0.3, "-": 0.1, "%": 0.1}),
    ast.Div: ("/", {"//": 1.0, "*": 0.6, "%": 0.2, "-": 0.1, "+": 0.1}),
    ast.FloorDiv: ("//", {"/": 1.0, "%": 0.6, "*": 0.4}),
    ast.Mod: ("%", {"//": 1.0, "/": 0.4, "*": 0.1, "-": 0.1}),
    ast.Pow: ("**", {"*": 1.0, "+": 0.1}),
    ast.BitAnd: ("&", {"|": 1.0, "^": 0.6, "-": 0.1}),
    ast.BitOr: ("|", {"&": 1.0, "^": 0.6}),
    ast.BitXor: ("^", {"&": 1.0, "|": 0.7, "**": 0.3}),
    ast.LShift: ("<<", {">>": 1.0}),
    ast.RShift: (">>", {"<<": 1.0}),
}


def expression_edits(source: Source, node: ast.AST) -> Iterator[Candidate]:
    """Yield the edits that `node` itself invites."""
    if isinstance(node, ast.Compare):
        yield from _compare(source, node)
    elif isinstance(node, ast.BinOp):
        yield from _binary(source, node)
    elif isinstance(node, ast.AugAssign):
        yield from _augmented(source, node)
    elif isinstance(node, ast.BoolOp):
        yield from _boolean(source, node)
    elif isinstance(node, ast.UnaryOp):
        yield from _unary(source, node)
    elif isinstance(node, ast.Constant):
        yield from _constant(source, node)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from _name(source, node)


def _compare(source: Source, node: ast.Compare) -> Iterator[Candidate]:
    before: ast.expr = node.left
    for operator, after in zip(node.ops, node.comparators, strict=True):
        old, others = _COMPARE[type(operator)]
        yield from _between(source, node, before, after, old, others, "comparison")
        before = after


def _binary(source: Source, node: ast.BinOp) -> Iterator[Candidate]:
    known = _BINARY.get(type(node.op))
    if known is None:
        return
    old, others = known
    yield from _between(source, node, node.left, node.right, old, others, "arithmetic")
    start, end = source.span(node)
    for kept in (node.left, node.right):
        yield Candidate(start=start, end=end, new_text=source.code(kept), operator="drop operand", node=node)


def _augmented(source: Source, node: ast.AugAssign) -> Iterator[Candidate]:
    known = _BINARY.get(type(node.op))
    if known is None:
        return
    old, others = known
    changed = {f"{new}=": weight for new, weight in others.items()} | {"=": 0.3}
    yield from _between(source, node, node.target, node.value, f"{old}=", changed, "augmented assignment")


def _boolean(source: Source, node: ast.BoolOp) -> Iterator[Candidate]:
    old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    for before, after in zip(node.values, node.values[1:], strict=False):
        yield from _between(source, node, before, after, old, {new: 1.0}, "and/or")
    start, end = source.span(node)
    if len(node.values) == 2:
        for kept in node.values:
            yield Candidate(start=start, end=end, new_text=source.code(kept), operator="drop condition", node=node)


def _unary(source: Source, node: ast.UnaryOp) -> Iterator[Candidate]:
    start, end = source.span(node)
    if not isinstance(node.op, ast.UAdd):
        yield Candidate(start=start, end=end, new_text=source.code(node.operand), operator="drop unary", node=node)


def _constant(source: Source, node: ast.Constant) -> Iterator[Candidate]:
    start, end = source.span(node)
    value = node.value
    if isinstance(value, bool):
        yield Candidate(start=start, end=end, new_text=str(not value), operator="truth value", node=node)
    elif isinstance(value, int):
        near = {value + 1: 1.0, value - 1: 1.0, 0: 0.4, 1: 0.4, 2: 0.2, -value: 0.3}
        for new, weight in near.items():
            if new != value:
                yield Candidate(start=start, end=end, new_text=str(new), operator="number", node=node, weight=weight)


def _name(source: Source, node: ast.Name) -> Iterator[Candidate]:
    function = source.function_of(node)
    if function is None:
        return
    names = source.names_in(function)
    if node.id not in names:
        return
    start, end = source.span(node)
    for new, count in names.items():
        if new != node.id:
            weight = (1 + count) / (2 + count)
            yield Candidate(start=start, end=end, new_text=new, operator="name", node=node, weight=weight)
    for new in (f"{node.id} + 1", f"{node.id} - 1"):
        yield Candidate(start=start, end=end, new_text=new, operator="off by one", node=node)


def _between(
    source: Source, node: ast.AST, before: ast.AST, after: ast.AST, old: str, new: dict[str, float], operator: str
) -> Iterator[Candidate]:
    """Yield replacements of the operator `old` that stands in the source between two operands."""
    start, end = source.span(before)[1], source.span(after)[0]
    found = re.search(
        r"\b" + r"\s+".join(old.split()) + r"\b" if old[0].isalpha() else re.escape(old), source.text[start:end]
    )
    if found is None:
        return
    for text, weight in new.items():
        yield Candidate(
            start=start + found.start(),
            end=start + found.end(),
            new_text=text,
            operator=operator,
            node=node,
            weight=weight,
        )
