"""Edits of calls, subscripts and whole values: another function, other arguments, one call more or less."""

import ast
from collections.abc import Iterator
from itertools import combinations

from tactful.verify.repair.candidates import Candidate, replacement
from tactful.verify.repair.kinds import kind_of, kinds_in
from tactful.verify.repair.source import Source

__all__ = ["call_edits"]

# Functions and methods that are mistaken for one another.
_FAMILIES = (
    ("min", "max"), ("any", "all"), ("floor", "ceil", "round", "int", "trunc"), ("sum", "len", "max", "min"),
    ("append", "extend", "insert", "add"), ("lower", "upper", "swapcase", "capitalize", "title", "casefold"),
    ("islower", "isupper"), ("isdigit", "isalpha", "isalnum", "isnumeric", "isspace"), ("find", "rfind", "index"),
    ("strip", "lstrip", "rstrip"), ("startswith", "endswith"), ("split", "rsplit", "splitlines"),
    ("partition", "rpartition"), ("keys", "values", "items"), ("add", "remove", "discard", "update"),
    ("union", "intersection", "difference", "symmetric_difference"), ("issubset", "issuperset"),
    ("pop", "popleft"), ("append", "appendleft"), ("remove", "pop"), ("list", "set", "tuple", "sorted"),
    ("int", "float", "str"), ("ord", "chr"), ("sorted", "reversed", "list"), ("ljust", "rjust", "center"),
    ("encode", "decode"), ("ceil", "sqrt", "floor"), ("bisect_left", "bisect_right"), ("heappushpop", "heapreplace"),
    ("get", "pop", "setdefault"), ("first", "last"), ("left", "right"), ("start", "end"), ("sin", "cos", "tan"),
)  # fmt: skip
_TAKES_ONE = frozenset({"sum", "any", "all", "sorted", "len", "set", "tuple", "list"})
_TEXT_METHODS = frozenset(
    {"startswith", "endswith", "split", "count", "find", "index", "replace", "isalpha", "isdigit", "join", "splitlines"}
)
_WRAPPERS = {
    "number": ("abs({})", "int({})", "round({})", "str({})", "-{}", "max(0, {})", "math.ceil({})"),
    "text": (
        *("{}.lower()", "{}.upper()", "{}.swapcase()", "{}.strip()", "len({})", "int({})", "{}[::-1]", "set({})"),
        *("{}.split()", "sorted({})", "{}.encode()"),
    ),
    "sequence": ("sorted({})", "set({})", "len({})", "list({})", "{}[::-1]", "sum({})", "tuple({})", "max({})"),
    "mapping": ("{}.items()", "{}.values()", "len({})", "sorted({})"),
    "set": ("sorted({})", "list({})", "len({})"),
    "truth": ("not {}",),
    "": (
        "abs({})",
        "len({})",
        "sorted({})",
        "str({})",
        "int({})",
        "list({})",
        "set({})",
        "not {}",
        "-{}",
        "[{}]",
        "{}.lower()",
        "{}[::-1]",
    ),
}


def call_edits(source: Source, node: ast.AST) -> Iterator[Candidate]:
    """Yield the edits that `node` itself invites."""
    if isinstance(node, ast.Call):
        yield from _function(source, node)
        yield from _arguments(source, node)
        yield from _gathered(source, node)
        if isinstance(node.func, ast.Attribute):
            yield from _receiver(source, node, node.func)
        yield from _unwrapped(source, node)
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield from _subscript(source, node)
    elif isinstance(node, ast.Tuple):
        yield from _swapped(source, node, list(node.elts), "swap elements")
    elif isinstance(node, ast.comprehension):
        yield from _comprehension(source, node)
    elif isinstance(node, ast.IfExp):
        yield from _swapped(source, node, [node.body, node.orelse], "swap branches")
    if isinstance(node, ast.expr):
        yield from _wrapped(source, node)


def _function(source: Source, node: ast.Call) -> Iterator[Candidate]:
    function = node.func
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", None)
    if name is None:
        return
    end = source.span(function)[1]
    known = {each.name for each in source.functions if len(each.args.args) == len(node.args)}
    others = {other: 1.0 for family in _FAMILIES if name in family for other in family if other != name}
    if isinstance(function, ast.Name):
        others |= dict.fromkeys(sorted(known - {name}), 0.3)
    for other, weight in others.items():
        yield Candidate(start=end - len(name), end=end, new_text=other, operator="function", node=node, weight=weight)


def _arguments(source: Source, node: ast.Call) -> Iterator[Candidate]:
    yield from _swapped(source, node, node.args, "swap arguments")
    if isinstance(node.func, ast.Name) and node.func.id == "range":
        yield from _range(source, node)
    if len(node.args) > 1 or (node.args and isinstance(node.func, ast.Attribute)):
        for dropped in node.args:
            kept = [source.code(each) for each in (*node.args, *node.keywords) if each is not dropped]
            yield _call(source, node, kept, "drop argument")
    for keyword in node.keywords:
        kept = [source.code(each) for each in (*node.args, *node.keywords) if each is not keyword]
        yield _call(source, node, kept, "drop argument")
    if isinstance(node.func, ast.Name) and node.func.id in ("sorted", "max", "min"):
        present = {each.arg for each in node.keywords}
        given = [source.code(each) for each in (*node.args, *node.keywords)]
        extra = {"reverse=True": 0.6, "key=len": 0.3, "key=abs": 0.1, "key=str": 0.1, "key=lambda x: x[1]": 0.2}
        for text, weight in extra.items():
            allowed = node.func.id == "sorted" or not text.startswith("reverse")
            if allowed and text.partition("=")[0] not in present:
                yield _call(source, node, [*given, text], "add argument", weight)


def _gathered(source: Source, node: ast.Call) -> Iterator[Candidate]:
    """Yield one list for several arguments, where a function wants them in one: `sum(a, b)`."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if len(node.args) > 1 and name in _TAKES_ONE and not any(isinstance(each, ast.Starred) for each in node.args):
        given = [source.code(each) for each in node.args]
        rest = [source.code(each) for each in node.keywords]
        yield _call(source, node, [f"[{', '.join(given)}]", *rest], "gather arguments")


def _receiver(source: Source, node: ast.Call, function: ast.Attribute) -> Iterator[Candidate]:
    """Yield a text that is made ready before a method is called on it: `line.strip().startswith(...)`."""
    if function.attr in _TEXT_METHODS and not isinstance(function.value, ast.Constant):
        for form in ("{}.strip()", "{}.lower()", "{}.upper()"):
            yield replacement(source, function.value, form.format(source.code(function.value)), "wrap")


def _range(source: Source, node: ast.Call) -> Iterator[Candidate]:
    given = [source.code(each) for each in node.args]
    if len(given) == 1:
        for text, weight in ((f"1, {given[0]}", 1.0), (f"1, {given[0]} + 1", 0.5), (f"2, {given[0]}", 0.3)):
            yield _call(source, node, [text], "range", weight)
        yield _call(source, node, [f"{given[0]} - 1, -1, -1"], "range", 0.2)
    elif len(given) == 2:
        yield _call(source, node, [given[1]], "range")
        yield _call(source, node, [*given, "2"], "range", 0.3)
        yield _call(source, node, [f"{given[1]} - 1", f"{given[0]} - 1", "-1"], "range", 0.1)
    elif len(given) == 3:
        yield _call(source, node, given[:2], "range")


def _unwrapped(source: Source, node: ast.Call) -> Iterator[Candidate]:
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        yield replacement(source, node, node.args[0], "drop call")
    if not node.args and isinstance(node.func, ast.Attribute):
        yield replacement(source, node, node.func.value, "drop call")


def _subscript(source: Source, node: ast.Subscript) -> Iterator[Candidate]:
    value, index = source.code(node.value), node.slice
    yield replacement(source, node, node.value, "drop subscript")
    if isinstance(index, ast.Slice):
        low = source.code(index.lower) if index.lower else ""
        high = source.code(index.upper) if index.upper else ""
        step = ":" + source.code(index.step) if index.step else ""
        forms = {
            f"{low}:{step}": 0.5, f":{high}{step}": 0.5, f"{low}:{high}": 0.5, f"{high}:{low}{step}": 0.3,
            f"1:{high}{step}": 0.3, f"{low}:-1{step}": 0.3, f"{low or 0} + 1:{high}{step}": 0.3,
            f"{low}:{high}:-1": 0.2, f"{low}:{high}:2": 0.2,
        }  # fmt: skip
        for form, weight in forms.items():
            if form != source.code(index):
                yield replacement(source, node, f"{value}[{form}]", "slice", weight)
        return
    inner = source.code(index)
    forms = {"-1": 0.4, "0": 0.4, f"-{inner}": 0.2, f"{inner}:": 0.2, f":{inner}": 0.2}
    for form, weight in forms.items():
        if form != inner and not (isinstance(index, ast.UnaryOp) and form.startswith("--")):
            yield replacement(source, node, f"{value}[{form}]", "index", weight)


def _comprehension(source: Source, node: ast.comprehension) -> Iterator[Candidate]:
    for condition in node.ifs:
        start, end = source.span(condition)
        before = source.text.rfind("if", 0, start)
        yield Candidate(start=before, end=end, new_text="", operator="drop condition", node=condition)


def _wrapped(source: Source, node: ast.expr) -> Iterator[Candidate]:
    """Yield calls around values that are returned, assigned, passed on, compared or combined."""
    if isinstance(
        node, ast.Constant | ast.Compare | ast.BoolOp | ast.Lambda | ast.Starred | ast.Slice
    ) or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return
    parent, function = source.parent(node), source.function_of(node)
    if function is None or isinstance(parent, ast.Expr | ast.Attribute | ast.keyword):
        return
    if isinstance(parent, ast.Call | ast.Subscript) and node is getattr(parent, "func", getattr(parent, "value", None)):
        return
    kinds = source.cached(("kinds", id(function)), lambda: kinds_in(source, function))
    kind = kind_of(node, kinds)
    code = source.code(node)
    plain = isinstance(node, ast.Name | ast.Call | ast.Subscript | ast.Attribute)
    if kind in ("sequence", "text", "") and isinstance(node, ast.Name):
        for name in source.names_in(function):
            if name != node.id and kinds.get(name, "") in ("number", ""):
                for form in (f"{code}[:{name}]", f"{code}[{name}:]"):
                    yield replacement(source, node, form, "slice by name", 1.0 if kinds.get(name) else 0.5)
    for form in _WRAPPERS[kind]:
        if form.startswith("math.") and "import math" not in source.text:
            continue
        inner = code if plain or "({})" in form else f"({code})"
        yield replacement(source, node, form.format(inner), "wrap", 1.0 if kind else 0.5)


def _swapped(source: Source, node: ast.AST, parts: list[ast.expr], operator: str) -> Iterator[Candidate]:
    for first, second in combinations(parts[:5], 2):
        (start, middle), (after, end) = source.span(first), source.span(second)
        one, two = source.code(first), source.code(second)
        if one != two:
            text = two + source.text[middle:after] + one
            yield Candidate(start=start, end=end, new_text=text, operator=operator, node=node)


def _call(source: Source, node: ast.Call, arguments: list[str], operator: str, weight: float = 1.0) -> Candidate:
    text = f"{source.code(node.func)}({', '.join(arguments)})"
    return replacement(source, node, text, operator, weight)
