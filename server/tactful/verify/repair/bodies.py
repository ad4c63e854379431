"""The text of a function's header and body, to put the one under the other: what of the two stays, what is moved where.

Pure; it must not know who wrote which.
"""

import ast

from tactful.verify.repair.source import Function, Source

__all__ = ["body", "body_lines", "colon", "header_end", "indent_of_body", "new_header", "parameters"]


def body(function: Function) -> list[ast.stmt]:
    """Return the statements without the docstring."""
    return function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    """Return the parameters, those that take the rest last."""
    rest = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]


def new_header(old: Function, new: Function) -> str | None:
    """Return the header with the defaults of the answer; None where they are the same."""
    olds, news = ([ast.dump(d) if d else "" for d in [*a.defaults, *a.kw_defaults]] for a in (old.args, new.args))
    if olds == news:
        return None
    for before, after in zip(parameters(old.args), parameters(new.args), strict=True):
        after.annotation = before.annotation
    word = "async def" if isinstance(old, ast.AsyncFunctionDef) else "def"
    returns = f" -> {ast.unparse(old.returns)}" if old.returns is not None else ""
    return f"{word} {old.name}({ast.unparse(new.args)}){returns}:"


def header_end(source: Source, function: Function) -> int:
    """Return the offset where the part that stays ends: the docstring, else the colon and what follows in its line."""
    if ast.get_docstring(function, clean=False) is not None:
        return source.span(function.body[0])[1]
    after = colon(source, function)
    line_end = source.text.find("\n", after)
    first = source.span(function.body[0])[0]
    kept = source.text[after : line_end if line_end >= 0 else first]
    return after + len(kept.rstrip()) if 0 <= line_end < first else after


def indent_of_body(source: Source, function: Function) -> str:
    """Return the white space that the body's lines begin with, or would begin with."""
    statement = function.body[0]
    if statement.lineno > function.lineno and source.text[: source.span(statement)[0]].rpartition("\n")[2].isspace():
        return source.line_indent(source.span(statement)[0])
    return source.line_indent(source.span(function)[0]) + "    "


def body_lines(code: Source, function: Function, indent: str) -> list[str]:
    """Return the lines of the body, docstring left out, moved to `indent`; lines within texts stay as they are."""
    start, end = header_end(code, function), code.span(function)[1]
    statement = body(function)[0]
    first = code.span(statement)[0]
    if "\n" not in code.text[start:first]:  # the body stands in the header's own line
        return [indent + code.text[first:end]]
    own = code.line_indent(first)
    number = code.text.count("\n", 0, start) + 1
    inside = _lines_in_texts(code, function)
    lines = code.text[start:end].split("\n")[1:]
    moved = [
        line if number + place in inside or not line.strip() else indent + line.removeprefix(own)
        for place, line in enumerate(lines, 1)
    ]
    while moved and not moved[0].strip():
        moved.pop(0)
    return moved


def colon(source: Source, function: Function) -> int:
    """Return the offset behind the colon that ends the header."""
    first = source.span(function.body[0])[0]
    at = source.span(function.returns)[1] if function.returns is not None else source.span(function)[0]
    inside = [source.span(each)[1] for each in ast.walk(function.args) if hasattr(each, "end_lineno")]
    at = max([at, *inside])
    found = source.text.find(":", at, first)
    while found >= 0 and "#" in source.text[source.text.rfind("\n", 0, found) + 1 : found]:  # in a comment
        found = source.text.find(":", found + 1, first)
    return found + 1 if found >= 0 else first


def _lines_in_texts(code: Source, function: Function) -> set[int]:
    """Return the lines (from 1) that begin within a text of several lines."""
    found: set[int] = set()
    for each in ast.walk(function):
        if isinstance(each, ast.JoinedStr) or (isinstance(each, ast.Constant) and isinstance(each.value, str | bytes)):
            found.update(range(each.lineno + 1, (each.end_lineno or each.lineno) + 1))
    return found
