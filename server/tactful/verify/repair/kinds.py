"""A rough kind (number, text, sequence, mapping, truth) for expressions and variables, from what is written only."""

import ast
from collections import Counter

from tactful.verify.repair.source import Function, Source

__all__ = ["kind_of", "kinds_in"]

_BY_CALL = {
    **dict.fromkeys(("len", "int", "float", "abs", "ord", "round", "sum", "pow", "index", "count", "find"), "number"),
    **dict.fromkeys(("str", "repr", "chr", "join", "lower", "upper", "strip", "replace", "format", "swapcase"), "text"),
    **dict.fromkeys(("list", "sorted", "tuple", "range", "split", "reversed", "zip", "enumerate", "map"), "sequence"),
    **dict.fromkeys(("set", "frozenset"), "set"),
    **dict.fromkeys(("dict", "Counter", "defaultdict"), "mapping"),
    **dict.fromkeys(("bool", "isinstance", "any", "all", "isdigit", "isalpha", "startswith", "endswith"), "truth"),
}
_BY_ANNOTATION = {
    **dict.fromkeys(("int", "float", "complex"), "number"),
    **dict.fromkeys(("str", "bytes"), "text"),
    **dict.fromkeys(("list", "List", "tuple", "Tuple", "Sequence", "Iterable"), "sequence"),
    **dict.fromkeys(("dict", "Dict", "Mapping"), "mapping"),
    **dict.fromkeys(("set", "Set", "frozenset"), "set"),
    "bool": "truth",
}

_BY_METHOD = {
    **dict.fromkeys(("lower", "upper", "isalpha", "isdigit", "isupper", "islower", "split", "strip", "join"), "text"),
    **dict.fromkeys(("startswith", "endswith", "swapcase", "isspace", "encode", "splitlines"), "text"),
    **dict.fromkeys(("append", "extend", "sort", "reverse", "insert"), "sequence"),
    **dict.fromkeys(("items", "keys", "values", "setdefault"), "mapping"),
    **dict.fromkeys(("add", "discard", "issubset", "union"), "set"),
}


def kind_of(node: ast.AST | None, known: dict[str, str]) -> str:
    """Return the kind of an expression, empty when it cannot be told; `known` are the kinds of variables."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            return "truth"
        return (
            "number" if isinstance(node.value, int | float) else "text" if isinstance(node.value, str | bytes) else ""
        )
    if isinstance(node, ast.Name):
        return known.get(node.id, "")
    if isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
        return "truth"
    if isinstance(node, ast.BoolOp):
        return kind_of(node.values[-1], known)
    if isinstance(node, ast.BinOp):
        found = kind_of(node.left, known) or kind_of(node.right, known)
        return found or ("" if isinstance(node.op, ast.Add | ast.Mult | ast.BitOr | ast.BitAnd) else "number")
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        return _BY_CALL.get(name, "")
    if isinstance(node, ast.List | ast.Tuple | ast.ListComp | ast.GeneratorExp):
        return "sequence"
    if isinstance(node, ast.Dict | ast.DictComp):
        return "mapping"
    if isinstance(node, ast.Set | ast.SetComp):
        return "set"
    return "text" if isinstance(node, ast.JoinedStr) else ""


def kinds_in(source: Source, function: Function) -> dict[str, str]:
    """Return the kinds of the variables of `function`, from annotations, assignments and loops."""
    votes: dict[str, Counter[str]] = {}
    known: dict[str, str] = {}
    for argument in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]:
        note = argument.annotation
        base = note.value if isinstance(note, ast.Subscript) else note
        name = base.id if isinstance(base, ast.Name) else getattr(base, "attr", "")
        if name in _BY_ANNOTATION:
            known[argument.arg] = _BY_ANNOTATION[name]
    for node in ast.walk(function):
        for target, kind in _bindings(node, known):
            votes.setdefault(target, Counter())[kind] += 1
    for name, counted in votes.items():
        if name not in known:
            known[name] = counted.most_common(1)[0][0]
    return known


def _bindings(node: ast.AST, known: dict[str, str]) -> list[tuple[str, str]]:
    if isinstance(node, ast.Assign):
        kind = kind_of(node.value, known)
        return [(each.id, kind) for each in node.targets if kind and isinstance(each, ast.Name)]
    if isinstance(node, ast.For | ast.comprehension):
        called = node.iter.func.id if isinstance(node.iter, ast.Call) and isinstance(node.iter.func, ast.Name) else ""
        if called == "range" and isinstance(node.target, ast.Name):
            return [(node.target.id, "number")]
        if called == "enumerate" and isinstance(node.target, ast.Tuple) and isinstance(node.target.elts[0], ast.Name):
            return [(node.target.elts[0].id, "number")]
        if kind_of(node.iter, known) == "text" and isinstance(node.target, ast.Name):
            return [(node.target.id, "text")]
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in _BY_METHOD:
        return [(node.value.id, _BY_METHOD[node.attr])]
    if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name):
        return [(node.left.id, kind)] if (kind := kind_of(node.comparators[0], known)) in ("number", "text") else []
    if isinstance(node, ast.BinOp | ast.AugAssign):
        left, right = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.target, node.value)
        if isinstance(right, ast.Constant) and isinstance(left, ast.Name) and kind_of(right, known) == "number":
            return [(left.id, "number")]
    return []
