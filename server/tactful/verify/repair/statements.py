"""Edits of whole statements: deleted, moved, swapped, inserted."""

import ast
import textwrap
from collections.abc import Iterator

from tactful.verify.repair.candidates import Candidate
from tactful.verify.repair.kinds import kinds_in
from tactful.verify.repair.source import Function, Source

__all__ = ["statement_edits"]

_SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.Return, ast.Break, ast.Continue, ast.Pass, ast.Raise, ast.Delete)
MAX_COPIED = 80  # characters of a statement that is copied
_BLOCKS = (ast.For, ast.While, ast.If, ast.With, ast.AsyncFor)


def statement_edits(source: Source, node: ast.AST) -> Iterator[Candidate]:
    """Yield the edits that the statement `node` itself invites; nothing for what shares its lines with other code."""
    if not isinstance(node, ast.stmt) or source.function_of(node) is None or source.lines_of(node) is None:
        return
    function = source.function_of(node)
    assert function is not None
    body, index = _place(source, node)
    if isinstance(node, _SIMPLE) and not _is_docstring(node):
        yield from _deleted(source, node, body)
        yield from _jump(source, node)
        yield from _moved_out(source, node, body, index)
    if isinstance(node, ast.If | ast.While):
        yield from _keyword(source, node, body, index)
    if index + 1 < len(body):
        yield from _with_next(source, node, body[index + 1])
    if not _is_docstring(node):
        yield from _inserted(source, node, function, body, index)


def _place(source: Source, node: ast.stmt) -> tuple[list[ast.stmt], int]:
    parent = source.parent(node)
    for name in ("body", "orelse", "finalbody"):
        body = getattr(parent, name, None)
        if isinstance(body, list) and node in body:
            return body, body.index(node)
    return [node], 0


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _deleted(source: Source, node: ast.stmt, body: list[ast.stmt]) -> Iterator[Candidate]:
    lines = source.lines_of(node)
    assert lines is not None
    if len(body) == 1:
        start, end = source.span(node)
        if not isinstance(node, ast.Pass):
            yield Candidate(start=start, end=end, new_text="pass", operator="delete statement", node=node)
        return
    yield Candidate(start=lines[0], end=lines[1], new_text="", operator="delete statement", node=node)
    following = next(iter(body[body.index(node) + 1 :]), None) if node in body else None
    if isinstance(following, _SIMPLE) and len(body) > 2 and (more := source.lines_of(following)) is not None:
        text = source.text[lines[1] : more[0]]
        yield Candidate(start=lines[0], end=more[1], new_text=text, operator="delete statement", node=node, weight=0.2)


def _jump(source: Source, node: ast.stmt) -> Iterator[Candidate]:
    others = {ast.Break: ("continue", "pass"), ast.Continue: ("break", "pass"), ast.Pass: ("continue", "break")}
    start, end = source.span(node)
    for text in others.get(type(node), ()):
        yield Candidate(start=start, end=end, new_text=text, operator="jump", node=node)
    if isinstance(node, ast.Return):
        for text in ("break", "continue"):
            yield Candidate(start=start, end=end, new_text=text, operator="jump", node=node, weight=0.1)


def _moved_out(source: Source, node: ast.stmt, body: list[ast.stmt], index: int) -> Iterator[Candidate]:
    """Yield the last statement of a block, one level further out."""
    parent = source.parent(node)
    if not isinstance(parent, _BLOCKS) or index != len(body) - 1 or index == 0 or getattr(parent, "orelse", None):
        return
    lines = source.lines_of(node)
    assert lines is not None
    inner, outer = source.line_indent(lines[0]), source.line_indent(source.span(parent)[0])
    text = _reindented(source.text[lines[0] : lines[1]], inner, outer)
    yield Candidate(start=lines[0], end=lines[1], new_text=text, operator="move out", node=node)


def _keyword(source: Source, node: ast.If | ast.While, body: list[ast.stmt], index: int) -> Iterator[Candidate]:
    start = source.span(node)[0]
    old = "if" if isinstance(node, ast.If) else "while"
    if source.text.startswith("elif", start):
        yield Candidate(start=start, end=start + 4, new_text="if", operator="keyword", node=node, weight=0.7)
        return
    if not node.orelse:
        new = "while" if old == "if" else "if"
        yield Candidate(start=start, end=start + len(old), new_text=new, operator="keyword", node=node)
    if old == "if" and index and isinstance(body[index - 1], ast.If):
        yield Candidate(start=start, end=start + 2, new_text="elif", operator="keyword", node=node)


def _with_next(source: Source, node: ast.stmt, following: ast.stmt) -> Iterator[Candidate]:
    """Yield the two statements swapped, and the second one moved into the first when that is a block."""
    first, second = source.lines_of(node), source.lines_of(following)
    if first is None or second is None or _is_docstring(node):
        return
    one, between, two = (
        source.text[first[0] : first[1]],
        source.text[first[1] : second[0]],
        source.text[second[0] : second[1]],
    )
    if two.endswith(source.newline) and isinstance(node, _SIMPLE):
        text = two + between + one
        yield Candidate(start=first[0], end=second[1], new_text=text, operator="swap statements", node=node)
    if isinstance(node, _BLOCKS) and not getattr(node, "orelse", None):
        outer, inner = source.line_indent(first[0]), source.line_indent(source.span(node.body[-1])[0])
        text = _reindented(two, outer, inner)
        yield Candidate(start=second[0], end=second[1], new_text=text, operator="move in", node=following)


def _inserted(
    source: Source, node: ast.stmt, function: Function, body: list[ast.stmt], index: int
) -> Iterator[Candidate]:
    lines = source.lines_of(node)
    assert lines is not None
    indent = source.line_indent(lines[0])
    step = source.indent_step

    def insert(at: int, text: str, operator: str, weight: float = 1.0) -> Candidate:
        code = textwrap.indent(text, indent).replace("\n", source.newline) + source.newline
        if at and source.text[at - 1] not in "\r\n":
            code = source.newline + code
        return Candidate(start=at, end=at, new_text=code, operator=operator, node=node, weight=weight)

    in_loop = _in_loop(source, node)
    is_elif = source.text.startswith("elif", source.span(node)[0])  # nothing can stand before it
    last = index == len(body) - 1 and not isinstance(node, ast.Return | ast.Break | ast.Continue | ast.Raise)
    if last and in_loop:
        yield insert(lines[1], "break", "insert jump", 0.5)
    parent = source.parent(node)
    if last and isinstance(parent, ast.While):
        for text, weight in _progress(parent):
            yield insert(lines[1], text, "make progress", weight)
    for text, weight in source.cached(("new", id(function)), lambda: list(_new_statements(source, function))):
        if last:
            yield insert(lines[1], text, "insert statement", weight)
        if not is_elif and (index == 0 or isinstance(node, ast.Return) or isinstance(body[index - 1], _BLOCKS)):
            yield insert(lines[0], text, "insert statement", weight)
    outermost = source.parent(node) is function
    if outermost and (index == 0 or _is_docstring(body[index - 1])):
        for text, weight in _guards(source, function, step):
            yield insert(lines[0], text, "insert guard", weight)
    if last and outermost:
        for name in source.names_in(function):
            yield insert(lines[1], f"return {name}", "insert return")
    for copied, weight in source.cached(("copied", id(function)), lambda: list(_copied(source, function))):
        if copied != source.code(node) and (last or (index == 0 and not is_elif)):
            yield insert(lines[1] if last else lines[0], copied, "copy statement", weight)


def _progress(loop: ast.While) -> Iterator[tuple[str, float]]:
    """Yield steps for the names of a loop's condition, where nothing in the loop changes any of them."""
    names = [each.id for each in ast.walk(loop.test) if isinstance(each, ast.Name)]
    calls = [each.func for each in ast.walk(loop.test) if isinstance(each, ast.Call)]
    called = {each.id for each in calls if isinstance(each, ast.Name)}
    if any(_may_change(each, name) for name in names for each in ast.walk(loop)):
        return
    for name in dict.fromkeys(names):
        if name not in called:
            yield from ((f"{name} -= 1", 1.0), (f"{name} += 1", 0.7), (f"{name} //= 2", 0.2))


def _may_change(node: ast.AST, name: str) -> bool:
    """Return whether `node` assigns the variable, or calls a method of it."""
    if isinstance(node, ast.Name):
        return node.id == name and isinstance(node.ctx, ast.Store)
    function = node.func if isinstance(node, ast.Call) else None
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == name


def _in_loop(source: Source, node: ast.stmt) -> bool:
    for each in source.ancestors(node):
        if isinstance(each, ast.For | ast.While):
            return True
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            return False
    return False


def _copied(source: Source, function: Function) -> Iterator[tuple[str, float]]:
    """Yield simple statements of the function, as they are and with one name changed to another of its kind."""
    simple = [each for each in ast.walk(function) if isinstance(each, ast.Expr | ast.Assign | ast.AugAssign)]
    short = [each for each in simple if not _is_docstring(each) and each.lineno == each.end_lineno]
    short = [each for each in short if len(source.code(each)) < MAX_COPIED][:12]
    yield from dict.fromkeys((source.code(each), 1.0) for each in short)
    counts = source.names_in(function)
    kinds = source.cached(("kinds", id(function)), lambda: kinds_in(source, function))
    names = sorted(counts, key=lambda name: -counts[name])[:8]
    for statement in short:
        start = source.span(statement)[0]
        code = source.code(statement)
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and node.id in counts:
                first, last = (each - start for each in source.span(node))
                for name in names:
                    if name != node.id and kinds.get(name, "") == kinds.get(node.id, ""):
                        yield code[:first] + name + code[last:], 0.15


def _new_statements(source: Source, function: Function) -> Iterator[tuple[str, float]]:
    """Yield short statements over the names in scope: put into a collection, assign, count."""
    kinds = source.cached(("kinds", id(function)), lambda: kinds_in(source, function))
    counts = source.names_in(function)
    names = sorted(counts, key=lambda name: -counts[name])[:8]
    loop = {each.id for node in ast.walk(function) for each in _targets(node)}
    for holder in names:
        method = {"sequence": "append", "set": "add"}.get(kinds.get(holder, ""))
        called = _methods(function, holder)
        method = method or next((each for each in ("append", "add") if each in called), None)
        for name in names:
            if name != holder and method:
                yield f"{holder}.{method}({name})", 1.0
            if name != holder and holder not in loop and counts[holder] > 1:
                same = kinds.get(holder, "") == kinds.get(name, "")
                yield f"{holder} = {name}", 0.5 if same else 0.1
        if kinds.get(holder) == "number":
            yield f"{holder} += 1", 0.4
            yield f"{holder} -= 1", 0.3


def _targets(node: ast.AST) -> list[ast.Name]:
    if not isinstance(node, ast.For | ast.comprehension):
        return []
    return [each for each in ast.walk(node.target) if isinstance(each, ast.Name)]


def _methods(function: Function, name: str) -> set[str]:
    found = [each for each in ast.walk(function) if isinstance(each, ast.Attribute)]
    return {each.attr for each in found if isinstance(each.value, ast.Name) and each.value.id == name}


def _guards(source: Source, function: Function, step: str) -> Iterator[tuple[str, float]]:
    """Yield early returns for an empty, zero or missing argument, with values like those the function returns."""
    returned = [each.value for each in ast.walk(function) if isinstance(each, ast.Return) and each.value is not None]
    values = {"None": 0.3, "False": 0.3, "True": 0.3, "[]": 0.3, "0": 0.3, "''": 0.2, "1": 0.1, "-1": 0.1}
    for each in returned:
        if isinstance(each, ast.Constant | ast.List | ast.Dict) and len(source.code(each)) < 20:
            values[source.code(each)] = 0.6
    arguments = [each.arg for each in function.args.args if each.arg not in ("self", "cls")]
    kinds = source.cached(("kinds", id(function)), lambda: kinds_in(source, function))
    for name in arguments[:4]:
        conditions = {f"not {name}": 1.0, f"len({name}) == 1": 0.3}
        if kinds.get(name, "") in ("number", ""):
            conditions |= {f"{name} <= 1": 0.5, f"{name} < 0": 0.5, f"{name} == 0": 0.3, f"{name} < 2": 0.5}
        for condition, likely in conditions.items():
            for value, weight in {**values, name: 0.5}.items():
                yield f"if {condition}:\n{step}return {value}", likely * weight


def _reindented(text: str, old: str, new: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(new + line[len(old) :] if line.startswith(old) else line for line in lines)
