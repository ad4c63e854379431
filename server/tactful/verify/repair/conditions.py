"""Edits of conditions: inverted, dropped, replaced, or joined with one more."""

import ast
from collections.abc import Iterator
from itertools import combinations, islice

from tactful.verify.repair.candidates import Candidate, replacement
from tactful.verify.repair.kinds import kinds_in
from tactful.verify.repair.source import Function, Source

__all__ = ["condition_edits"]

MAX_ATOMS = 40  # conditions that are made up for one function
_ATOMS = {
    "number": ("{} == 0", "{} != 0", "{} > 0", "{} < 0", "{} == 1", "{} > 1", "{} % 2 == 0", "{} % 2 == 1", "{} <= 1"),
    "text": ("{}", "not {}", "{}.isalpha()", "len({}) > 1", "len({}) == 0"),
    "sequence": ("{}", "not {}", "len({}) > 1", "len({}) <= 1"),
    "mapping": ("{}", "not {}"),
    "set": ("{}", "not {}"),
    "truth": ("{}", "not {}"),
    "": ("{}", "not {}", "{} is None", "{} is not None", "{} > 0", "{} == 0"),
}


def condition_edits(source: Source, node: ast.AST) -> Iterator[Candidate]:
    """Yield the edits that `node` itself invites."""
    function = source.function_of(node)
    if function is None:
        return
    if isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.Return | ast.Break | ast.Continue | ast.Raise):
        yield from _guarded(source, node, function)
    elif isinstance(node, ast.If | ast.While | ast.IfExp):
        yield from _condition(source, node.test, function)
    elif isinstance(node, ast.comprehension):
        for condition in node.ifs:
            yield from _condition(source, condition, function)
        if not node.ifs:
            yield from _added_filter(source, node, function)
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, bool):
        for atom, weight in _atoms(source, function):
            yield replacement(source, node.value, atom, "return condition", weight)
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Compare | ast.BoolOp | ast.Name | ast.Call):
        yield replacement(source, node.value, _negated(source, node.value), "negate", 0.5)
        if isinstance(node.value, ast.Compare | ast.BoolOp):
            yield from _joined(source, node.value, function)
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("any", "all"):
        for each in node.args:
            if isinstance(each, ast.GeneratorExp | ast.ListComp):
                yield replacement(source, each.elt, _negated(source, each.elt), "negate", 0.5)


def _guarded(source: Source, node: ast.stmt, function: Function) -> Iterator[Candidate]:
    """Yield the statement under a condition."""
    lines = source.lines_of(node)
    if lines is None or node.lineno != node.end_lineno or isinstance(getattr(node, "value", None), ast.Constant):
        return
    start, end = source.span(node)
    indent, step = source.line_indent(lines[0]), source.indent_step
    for atom, weight in _atoms(source, function):
        text = f"if {atom}:{source.newline}{indent}{step}{source.text[start:end]}"
        yield Candidate(start=start, end=end, new_text=text, operator="guard statement", node=node, weight=weight)


def _condition(source: Source, test: ast.expr, function: Function) -> Iterator[Candidate]:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        pass  # dropping `not` is the edit of a unary operator
    elif not isinstance(test, ast.Constant):
        yield replacement(source, test, _negated(source, test), "negate")
    for constant in ("True", "False"):
        if source.code(test) != constant:
            yield replacement(source, test, constant, "constant condition")
    if isinstance(test, ast.Constant):
        for atom, weight in _atoms(source, function):
            yield replacement(source, test, atom, "replace condition", weight)
        return
    yield from _joined(source, test, function)


def _joined(source: Source, test: ast.expr, function: Function) -> Iterator[Candidate]:
    code = source.code(test)
    if "\n" in code:
        return
    for atom, weight in _atoms(source, function):
        if atom in code:
            continue
        plain = f"({code})" if isinstance(test, ast.BoolOp | ast.IfExp | ast.Lambda) else code
        for word in ("and", "or"):
            yield replacement(source, test, f"{plain} {word} {atom}", "join condition", weight)
            if word == "or":  # asked first, it also keeps the other from being evaluated
                yield replacement(source, test, f"{atom} or {plain}", "join condition", 0.5 * weight)


def _added_filter(source: Source, node: ast.comprehension, function: Function) -> Iterator[Candidate]:
    end = source.span(node.iter)[1]
    bound = {each.id for each in ast.walk(node.target) if isinstance(each, ast.Name)}
    for atom, weight in _atoms(source, function):
        about = {each.id for each in ast.walk(ast.parse(atom, mode="eval")) if isinstance(each, ast.Name)}
        if about & bound:
            yield Candidate(
                start=end, end=end, new_text=f" if {atom}", operator="join condition", node=node.iter, weight=weight
            )


def _negated(source: Source, test: ast.expr) -> str:
    code = source.code(test)
    return f"not {code}" if isinstance(test, ast.Name | ast.Call | ast.Attribute | ast.Subscript) else f"not ({code})"


def _atoms(source: Source, function: Function) -> list[tuple[str, float]]:
    return source.cached(("atoms", id(function)), lambda: list(islice(_make_atoms(source, function), MAX_ATOMS)))


def _with_other_numbers(source: Source, node: ast.Compare) -> Iterator[tuple[str, float]]:
    """Yield the comparison with each of its numbers changed to one that the documentation mentions."""
    start, end = source.span(node)
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and type(each.value) is int:
            first, last = source.span(each)
            for number in source.hints.numbers[:6]:
                if number != each.value:
                    yield source.text[start:first] + str(number) + source.text[last:end], 0.3


def _make_atoms(source: Source, function: Function) -> Iterator[tuple[str, float]]:
    """Yield simple conditions over the names in scope, those that the function uses already first."""
    for node in ast.walk(function):
        if isinstance(node, ast.Compare) and len(code := source.code(node)) < 40 and "\n" not in code:
            yield code, 0.6
            yield from _with_other_numbers(source, node)
    counts = source.names_in(function)
    names = sorted(counts, key=lambda name: -counts[name])[:6]
    kinds = source.cached(("kinds", id(function)), lambda: kinds_in(source, function))
    for first, second in combinations(names, 2):
        one, two = kinds.get(first, ""), kinds.get(second, "")
        if one == two:
            for operator in ("==", "!=", "<", ">"):
                yield f"{first} {operator} {second}", 0.3
        elif one in ("sequence", "set", "mapping") or two in ("sequence", "set", "mapping"):
            item, holder = (second, first) if one in ("sequence", "set", "mapping") else (first, second)
            yield f"{item} not in {holder}", 0.4
            yield f"{item} in {holder}", 0.3
    for name in names:
        for form in _ATOMS[kinds.get(name, "")]:
            yield form.format(name), 0.5
