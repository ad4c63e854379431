"""Edits inside expressions: operators, constants, names, off by one."""

import ast
import re
from collections.abc import Callable, Iterator

from tactful.verify.repair.candidates import Candidate, replacement
from tactful.verify.repair.hints import likeness
from tactful.verify.repair.kinds import kind_of, kinds_in
from tactful.verify.repair.source import Source

__all__ = ["expression_edits"]

_COMPARE = {
    ast.Lt: ("<", {"<=": 1.0, ">": 0.6, ">=": 0.3, "==": 0.1, "!=": 0.1}),
    ast.LtE: ("<=", {"<": 1.0, ">=": 0.6, ">": 0.3, "==": 0.1}),
    ast.Gt: (">", {">=": 1.0, "<": 0.6, "<=": 0.3, "==": 0.1, "!=": 0.1}),
    ast.GtE: (">=", {">": 1.0, "<=": 0.6, "<": 0.3, "==": 0.1}),
    ast.Eq: ("==", {"!=": 1.0, "<=": 0.3, ">=": 0.3, "<": 0.15, ">": 0.15, "in": 0.1}),
    ast.NotEq: ("!=", {"==": 1.0, "<": 0.3, ">": 0.3, "not in": 0.05}),
    ast.Is: ("is", {"is not": 1.0, "==": 0.3}),
    ast.IsNot: ("is not", {"is": 1.0, "!=": 0.3}),
    ast.In: ("in", {"not in": 1.0, "==": 0.1}),
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
_SEPARATORS = (" ", ".", ",", ", ", "-", "_", "\n", "/", ":")
ALIKE = 0.6  # likeness above which a text is taken for a misspelt one
MAX_TOGETHER = 8  # texts that are changed together
_CASES: tuple[Callable[[str], str], ...] = (str.lower, str.upper, str.capitalize, str.title, str.swapcase)
_ORDER_MATTERS = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.LShift, ast.RShift, ast.Add)


def expression_edits(source: Source, node: ast.AST) -> Iterator[Candidate]:
    """Yield the edits that `node` itself invites."""
    if isinstance(node, ast.Compare):
        yield from _compare(source, node)
    elif isinstance(node, ast.BinOp):
        yield from _binary(source, node)
    elif isinstance(node, ast.AugAssign | ast.Assign):
        yield from _assignment(source, node)
    elif isinstance(node, ast.BoolOp):
        yield from _boolean(source, node)
    elif isinstance(node, ast.UnaryOp):
        if not isinstance(node.op, ast.UAdd):
            yield replacement(source, node, node.operand, "drop unary")
    elif isinstance(node, ast.Constant):
        yield from _constant(source, node)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from _name(source, node)
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield from _attribute(source, node)
    if isinstance(node, ast.IfExp | ast.List | ast.Tuple | ast.Set | ast.Dict):
        yield from _texts_together(source, node)
    if isinstance(node, ast.expr):
        yield from _off_by_one(source, node)


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
    for kept in (node.left, node.right):
        yield replacement(source, node, kept, "drop operand")
    if isinstance(node.op, ast.Add):
        yield from _text_between(source, node)
    if isinstance(node.op, _ORDER_MATTERS) and not isinstance(node.left, ast.BinOp):
        left, right = source.code(node.left), source.code(node.right)
        right = f"({right})" if isinstance(node.right, ast.BinOp) else right
        yield replacement(source, node, f"{right} {old} {left}", "swap operands")


def _text_between(source: Source, node: ast.BinOp) -> Iterator[Candidate]:
    """Yield one more text between two that are joined."""
    function = source.function_of(node)
    if function is None:
        return
    kinds = source.cached(("kinds", id(function)), lambda: kinds_in(source, function))
    kind = kind_of(node, kinds)
    if kind not in ("text", ""):
        return
    left, right = source.code(node.left), source.code(node.right)
    for text in dict.fromkeys((*_SEPARATORS, *(each for each in source.hints.texts if len(each) < 3))):
        yield replacement(source, node, f"{left} + {text!r} + {right}", "text between", 1.0 if kind else 0.3)


def _assignment(source: Source, node: ast.AugAssign | ast.Assign) -> Iterator[Candidate]:
    if isinstance(node, ast.AugAssign):
        known = _BINARY.get(type(node.op))
        if known is not None:
            old, others = known
            changed = {f"{new}=": weight for new, weight in others.items()} | {"=": 0.3}
            yield from _between(source, node, node.target, node.value, f"{old}=", changed, "augmented assignment")
    elif len(node.targets) == 1 and isinstance(node.targets[0], ast.Name | ast.Subscript | ast.Attribute):
        found = {"+=": 1.0, "-=": 0.3}
        yield from _between(source, node, node.targets[0], node.value, "=", found, "augment assignment")


def _boolean(source: Source, node: ast.BoolOp) -> Iterator[Candidate]:
    old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    for before, after in zip(node.values, node.values[1:], strict=False):
        yield from _between(source, node, before, after, old, {new: 1.0}, "and/or")
    for dropped in node.values:
        kept = [source.code(each) for each in node.values if each is not dropped]
        yield replacement(source, node, f" {old} ".join(kept), "drop condition")


def _constant(source: Source, node: ast.Constant) -> Iterator[Candidate]:
    value = node.value
    function = source.function_of(node)
    others = source.constants_in(function) if function is not None else []
    if isinstance(value, bool):
        yield replacement(source, node, str(not value), "truth value")
    elif isinstance(value, int | float):
        yield from _number(source, node, value, [each for each in others if type(each) in (int, float)])
    elif isinstance(value, str) and not isinstance(source.parent(node), ast.Expr | ast.JoinedStr):
        yield from _text(source, node, value, [each for each in others if isinstance(each, str)])


def _number(source: Source, node: ast.Constant, value: float, others: list[float]) -> Iterator[Candidate]:
    usual = {0: 0.5, 1: 0.5, 2: 0.3, -value: 0.3, 3: 0.05, 10: 0.02, value * 10: 0.02}
    # A weight on the right stands above one for the same number on its left.
    usual |= {other: 0.1 for other in source.hints.numbers if other not in usual}
    near = usual | {other: max(0.3, usual.get(other, 0.0)) for other in others} | {value + 1: 1.0, value - 1: 1.0}
    parent = source.parent(node)
    added = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add | ast.Sub) and parent.right is node
    for new, weight in near.items():
        if added and new == 0:  # `x` for `x - 1`: nobody writes `x - 0`
            assert isinstance(parent, ast.BinOp)
            yield replacement(source, parent, source.code(parent.left), "number", weight)
        elif new != value:
            yield replacement(source, node, str(new), "number", weight)


def _text(source: Source, node: ast.Constant, value: str, others: list[str]) -> Iterator[Candidate]:
    near = {other: 0.5 for other in others if (len(other) > 12) == (len(value) > 12)}
    near |= {" ": 0.5} if value == "" else {"": 0.3}
    near |= {value.swapcase(): 0.3, value.strip(): 0.3, value.capitalize(): 0.2, value.lower(): 0.2}
    near |= {value[:-1]: 0.05, value[1:]: 0.05, value + " ": 0.05}
    if 2 < len(value) < 30:  # letters missing from a list of letters, or too many of them
        near |= {value[:i] + value[i + 1 :]: 0.03 for i in range(len(value))}
    for other in source.hints.texts:
        alike = likeness(value, other)
        near[other] = max(near.get(other, 0.0), 1.0 if alike > ALIKE else 0.1)
    for new, weight in near.items():
        if new != value:
            yield replacement(source, node, _quoted(source, node, new), "text", weight)
    function = source.function_of(node)
    if function is not None and value in source.names_in(function):  # a name that was put into quotes
        yield replacement(source, node, value, "text")
        yield replacement(source, node, f"{value}.encode()", "text", 0.3)


def _texts_together(source: Source, node: ast.AST) -> Iterator[Candidate]:
    """Yield the texts of one expression changed all in the same way: `'yes' if x else 'no'` with capital letters."""
    texts = [each for each in ast.walk(node) if _text_of(each).strip()]
    found = sorted((*source.span(each), _text_of(each)) for each in texts)
    if not 1 < len(found) <= MAX_TOGETHER:
        return
    known = {text.lower(): text for text in source.hints.texts}
    start, end = found[0][0], found[-1][1]
    changes: list[Callable[[str], str]] = [*_CASES, lambda text: known.get(text.lower(), text)]
    for change in changes:
        new, at = "", start
        for first, last, text in found:
            new += source.text[at:first] + _quoted(source, texts[0], change(text))
            at = last
        if any(change(text) != text for _, _, text in found):
            yield Candidate(start=start, end=end, new_text=new, operator="text", node=node, weight=0.5)


def _quoted(source: Source, node: ast.AST, text: str) -> str:
    """Return `text` as a literal with the quotes that `node` has, where that is simple."""
    plain = repr(text)
    if source.code(node).startswith('"') and plain.startswith("'") and '"' not in text:
        return '"' + plain[1:-1] + '"'
    return plain


def _text_of(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _name(source: Source, node: ast.Name) -> Iterator[Candidate]:
    function = source.function_of(node)
    if function is None:
        return
    parent = source.parent(node)
    if isinstance(parent, ast.Call) and parent.func is node:
        return
    names = source.names_in(function)
    if node.id not in names:
        return
    kinds = source.cached(("kinds", id(function)), lambda: kinds_in(source, function))
    own = kinds.get(node.id, "")
    for new, count in names.items():
        kind = kinds.get(new, "")
        fitting = 1.0 if own and kind == own else 0.2 if own and kind else 0.6
        if new != node.id and new != "self":
            yield replacement(source, node, new, "name", fitting * (1 + count) / (2 + count))


def _attribute(source: Source, node: ast.Attribute) -> Iterator[Candidate]:
    parent = source.parent(node)
    if not isinstance(node.value, ast.Name) or (isinstance(parent, ast.Call) and parent.func is node):
        return
    known = source.cached(("attributes", node.value.id), lambda: _attributes_of(source, node.value))
    for new in known:
        if new != node.attr:
            yield replacement(source, node, f"{node.value.id}.{new}", "attribute")


def _attributes_of(source: Source, owner: ast.expr) -> list[str]:
    name = owner.id if isinstance(owner, ast.Name) else ""
    found = [each for each in ast.walk(source.tree) if isinstance(each, ast.Attribute)]
    called = {id(each.func) for each in ast.walk(source.tree) if isinstance(each, ast.Call)}
    own = [each.attr for each in found if id(each) not in called and getattr(each.value, "id", None) == name]
    return list(dict.fromkeys(own))


def _off_by_one(source: Source, node: ast.expr) -> Iterator[Candidate]:
    """Yield `x + 1` and `x - 1` where `x` counts something: an index, a bound, a compared or returned number."""
    if not isinstance(node, ast.Name | ast.Call | ast.Subscript | ast.BinOp) or not isinstance(
        getattr(node, "ctx", ast.Load()), ast.Load
    ):
        return
    function, parent = source.function_of(node), source.parent(node)
    if function is None or (isinstance(parent, ast.Call) and parent.func is node):
        return
    kinds = source.cached(("kinds", id(function)), lambda: kinds_in(source, function))
    kind = kind_of(node, kinds)
    if kind not in ("", "number") or isinstance(parent, ast.Attribute | ast.Expr | ast.For | ast.comprehension):
        return
    if isinstance(parent, ast.Subscript) and node is parent.value:
        return
    in_range = isinstance(parent, ast.Call) and getattr(parent.func, "id", "") == "range"
    counts = in_range or isinstance(parent, ast.Slice | ast.Subscript | ast.Compare)
    weight = (1.0 if counts else 0.5) * (1.0 if kind == "number" or in_range else 0.5)
    if isinstance(node, ast.BinOp):
        weight *= 0.5
    for sign in "+-":
        yield replacement(source, node, f"{source.code(node)} {sign} 1", "off by one", weight)


def _between(
    source: Source, node: ast.AST, before: ast.AST, after: ast.AST, old: str, new: dict[str, float], operator: str
) -> Iterator[Candidate]:
    """Yield replacements of the operator `old` that stands in the source between two operands."""
    start, end = source.span(before)[1], source.span(after)[0]
    pattern = r"\b" + r"\s+".join(old.split()) + r"\b" if old[0].isalpha() else re.escape(old)
    found = re.search(pattern, source.text[start:end])
    if found is None:
        return
    first, last = start + found.start(), start + found.end()
    for text, weight in new.items():
        spaced = text
        if text[0].isalpha():  # a word needs room on both sides
            spaced = " " * (not source.text[first - 1].isspace()) + text + " " * (not source.text[last].isspace())
        yield Candidate(start=first, end=last, new_text=spaced, operator=operator, node=node, weight=weight)
