"""Edits that bring in one more value: a name combined with another, an element, an operand, an extreme."""

import ast
from collections.abc import Iterator
from itertools import combinations

from tactful.verify.repair.candidates import Candidate, replacement
from tactful.verify.repair.kinds import kind_of, kinds_in
from tactful.verify.repair.source import Function, Source

__all__ = ["value_edits"]

MAX_REUSED, MAX_EXPRESSIONS = 50, 30  # characters of an expression that is reused, and how many of a function
MAX_NAMES = 8  # of a function, the most used first
_SCALES = {
    "{} * 2": 0.5,
    "{} // 2": 0.5,
    "{} ** 2": 0.5,
    "{} ** 3": 0.2,
    "{} * {}": 0.3,
    "{} / 2": 0.3,
    "{} % 2": 0.2,
    "{} % 10": 0.2,
    "{} // 10": 0.2,
}
_BOUNDS = ("<", "<=", ">", ">=", "==", "!=")


def value_edits(source: Source, node: ast.AST) -> Iterator[Candidate]:
    """Yield the edits that `node` itself invites."""
    function = source.function_of(node)
    if function is None:
        return
    if isinstance(node, ast.List | ast.Tuple) and isinstance(node.ctx, ast.Load) and not node.elts:
        yield from _element(source, node, function)
    elif isinstance(node, ast.List | ast.Tuple) and isinstance(node.ctx, ast.Load):
        yield from _brackets(source, node)
    elif isinstance(node, ast.Assign):
        yield from _extreme(source, node)
    elif isinstance(node, ast.Compare):
        yield from _bound(source, node)
        yield from _sides(source, node)
    elif isinstance(node, ast.Call):
        yield from _extreme_of(source, node, function)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield from _target(source, node, function)
    if isinstance(node, ast.expr) and _is_read(source, node):
        yield from _subscripted(source, node, function)
        yield from _combined(source, node, function)
        yield from _reused(source, node, function)


def _names(source: Source, function: Function, kinds: tuple[str, ...]) -> list[str]:
    counts = source.names_in(function)
    known = source.cached(("kinds", id(function)), lambda: kinds_in(source, function))
    names = sorted(counts, key=lambda name: -counts[name])
    return [name for name in names if known.get(name, "") in kinds and name not in ("self", "cls")][:MAX_NAMES]


def _kind(source: Source, node: ast.AST, function: Function) -> str:
    return kind_of(node, source.cached(("kinds", id(function)), lambda: kinds_in(source, function)))


def _element(source: Source, node: ast.List | ast.Tuple, function: Function) -> Iterator[Candidate]:
    """Yield a list of one thing for an empty list."""
    form = "[{}]" if isinstance(node, ast.List) else "({},)"
    for name in _names(source, function, ("", "number", "text", "sequence", "mapping", "set", "truth")):
        yield replacement(source, node, form.format(name), "element")
    yield replacement(source, node, form.format("[]" if isinstance(node, ast.List) else "()"), "element")


def _brackets(source: Source, node: ast.List | ast.Tuple) -> Iterator[Candidate]:
    """Yield a list for a tuple, and the other way round."""
    code = source.code(node)
    bare = source.span(node)[0] == source.span(node.elts[0])[0]  # a tuple without parentheses of its own
    if not bare and source.text[source.span(node)[0]] not in "[(":
        return
    inner = code if bare else code[1:-1]
    if bare and code.startswith("("):  # whose parentheses these are cannot be told by looking
        return
    if isinstance(node, ast.Tuple):
        yield replacement(source, node, f"[{inner}]", "brackets")
    else:
        comma = "," if len(node.elts) == 1 else ""
        yield replacement(source, node, f"({inner}{comma})", "brackets")


def _extreme(source: Source, node: ast.Assign) -> Iterator[Candidate]:
    """Yield the greater or the lesser of the old and the new value, for what is assigned."""
    target = node.targets[0]
    if not isinstance(target, ast.Name | ast.Subscript | ast.Attribute):
        return
    if isinstance(node.value, ast.Constant | ast.List | ast.Dict | ast.Tuple | ast.Lambda):
        return
    for word in ("max", "min"):
        new = f"{word}({source.code(target)}, {source.code(node.value)})"
        yield replacement(source, node.value, new, "extreme")


def _bound(source: Source, node: ast.Compare) -> Iterator[Candidate]:
    """Yield another operator and a number one more or less at once: `== 0` for `<= 1`."""
    if len(node.ops) != 1 or not isinstance(node.comparators[0], ast.Constant):
        return
    value = node.comparators[0].value
    if type(value) is not int:
        return
    for operator in _BOUNDS:
        for number in (value - 1, value + 1):
            yield replacement(source, node, f"{source.code(node.left)} {operator} {number}", "bound")


def _sides(source: Source, node: ast.Compare) -> Iterator[Candidate]:
    """Yield the two sides of `in` swapped."""
    if len(node.ops) != 1 or not isinstance(node.ops[0], ast.In | ast.NotIn):
        return
    left, right = source.code(node.left), source.code(node.comparators[0])
    word = "in" if isinstance(node.ops[0], ast.In) else "not in"
    yield replacement(source, node, f"{right} {word} {left}", "swap operands")


def _is_read(source: Source, node: ast.expr) -> bool:
    """Return whether `node` is a value by itself: not a target, not a callee, not what an attribute is taken of."""
    if not isinstance(node, ast.Name | ast.Call | ast.Subscript | ast.BinOp | ast.List | ast.ListComp | ast.Attribute):
        return False
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return False
    parent = source.parent(node)
    if isinstance(parent, ast.Call):
        return node is not parent.func
    if isinstance(parent, ast.Attribute | ast.Starred | ast.Expr | ast.For | ast.comprehension):
        return False
    return not (isinstance(parent, ast.Subscript) and node is parent.value)


def _target(source: Source, node: ast.Name, function: Function) -> Iterator[Candidate]:
    """Yield another variable for the one that is assigned."""
    kind = _kind(source, node, function)
    if isinstance(source.parent(node), ast.Assign | ast.AugAssign):
        for name in _names(source, function, (kind,)):
            if name != node.id:
                yield replacement(source, node, name, "target")


def _extreme_of(source: Source, node: ast.Call, function: Function) -> Iterator[Candidate]:
    """Yield the greatest or least of two variables for that of something else."""
    if not isinstance(node.func, ast.Name) or node.func.id not in ("max", "min"):
        return
    for one, other in combinations(_names(source, function, ("number", "")), 2):
        yield replacement(source, node, f"{node.func.id}({one}, {other})", "extreme")


def _subscripted(source: Source, node: ast.expr, function: Function) -> Iterator[Candidate]:
    """Yield an item of a collection for a variable: `items[i]` for `item`."""
    if not isinstance(node, ast.Name) or isinstance(source.parent(node), ast.Subscript | ast.Slice):
        return
    for holder in source.cached(("holders", id(function)), lambda: _holders(function)):
        for index in _names(source, function, ("number",)):
            if holder != node.id:
                yield replacement(source, node, f"{holder}[{index}]", "subscript")


def _holders(function: Function) -> list[str]:
    """Return the variables of which the function takes items."""
    values = [each.value for each in ast.walk(function) if isinstance(each, ast.Subscript)]
    return list(dict.fromkeys(each.id for each in values if isinstance(each, ast.Name)))[:MAX_NAMES]


def _reused(source: Source, node: ast.expr, function: Function) -> Iterator[Candidate]:
    """Yield other expressions of the same function, of the same form or of the same kind, in the place of `node`."""
    if not isinstance(node, ast.Call | ast.Subscript | ast.Attribute | ast.BinOp):
        return
    kind, code = _kind(source, node, function), source.code(node)
    for other, text, its_kind in source.cached(("expressions", id(function)), lambda: _expressions(source, function)):
        if text != code and text not in code and code not in text:
            alike = isinstance(other, type(node)) and getattr(other, "op", None).__class__ is _operator(node)
            fits = 1.0 if kind and kind == its_kind else 0.5 if not kind or not its_kind else 0.0
            if fits and (alike or kind):
                yield replacement(source, node, other, "reuse", fits * (1.0 if alike else 0.3))


def _operator(node: ast.expr) -> type:
    return getattr(node, "op", None).__class__


def _expressions(source: Source, function: Function) -> list[tuple[ast.expr, str, str]]:
    found: dict[str, ast.expr] = {}
    for each in ast.walk(function):
        if isinstance(each, ast.Call | ast.Subscript | ast.Attribute | ast.BinOp) and _is_read(source, each):
            text = source.code(each)
            if len(text) <= MAX_REUSED and "\n" not in text:
                found.setdefault(text, each)
    return [(each, text, _kind(source, each, function)) for text, each in list(found.items())[:MAX_EXPRESSIONS]]


def _combined(source: Source, node: ast.expr, function: Function) -> Iterator[Candidate]:
    kind = _kind(source, node, function)
    parent = source.parent(node)
    code = source.code(node)
    if len(code) > 80 or "\n" in code:
        return
    if kind in ("number", "") and isinstance(node, ast.Name | ast.Call | ast.Subscript | ast.Attribute):
        likely = 1.0 if kind else 0.4
        for form, weight in _SCALES.items():
            yield replacement(source, node, form.format(code, code), "scale", likely * weight)
        for name in _names(source, function, ("number",) if kind else ("number", "")):
            for operator in "-+*":
                new = f"{code} {operator} {name}"
                if name != code:
                    yield replacement(source, node, new, "add operand", likely * (0.5 if operator == "*" else 1.0))
    if kind in ("number", "") and isinstance(node, ast.BinOp) and not isinstance(parent, ast.BinOp):
        for form, weight in _SCALES.items():
            yield replacement(
                source, node, form.format(f"({code})", f"({code})"), "scale", weight if kind else 0.4 * weight
            )
    whole = isinstance(parent, ast.Return | ast.Assign | ast.AugAssign | ast.Call | ast.keyword)
    if whole and kind in ("sequence", "text"):
        for name in _names(source, function, (kind,)):
            yield replacement(source, node, f"{name} + {code}", "add operand")
            if name != code:
                yield replacement(source, node, f"{code} + {name}", "add operand")
    if isinstance(node, ast.Name) and kind in ("sequence", "text", "") and isinstance(parent, ast.Call | ast.Return):
        for form in ("[1:]", "[:-1]", "[::-1]"):
            yield replacement(source, node, code + form, "slice", 0.5 if kind else 0.3)
