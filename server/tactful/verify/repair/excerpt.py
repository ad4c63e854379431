"""The text of one function at its own place in the file, and nothing else; so that it compiles quickly in a large file.

Lines, columns and the classes around it are those of the file: what is compiled from the excerpt can stand for what was
compiled from the file.
"""

import ast

from tactful.verify.repair.source import Function, Source

__all__ = ["excerpt"]

_FUTURE = "from __future__ import "


def excerpt(source: Source, function: Function, start: int, end: int, new_text: str) -> str:
    """Return `function` (an outermost one) with `start`..`end` of the source replaced by `new_text`.

    What is replaced lies within the lines of the function.
    """
    lines = [""] * (_first_line(function) - 1)
    below = source.line_indent(source.span(function)[0])
    for holder in source.ancestors(function):
        if not hasattr(holder, "lineno"):  # the module, or a case
            continue
        indent = source.line_indent(source.span(holder)[0])
        if len(indent) < len(below):  # the `try` of an `except` stands as far in as that
            head = f"class {holder.name}:" if isinstance(holder, ast.ClassDef) else "if 1:"
            lines[holder.lineno - 1], below = indent + head, indent
    features = _future_features(source)
    if features and lines:
        lines[0] = _FUTURE + ", ".join(features)
    first, last = function_span(source, function)
    text = source.text[first:start] + new_text + source.text[end:last]
    return "".join(f"{line}\n" for line in lines) + text


def function_span(source: Source, function: Function) -> tuple[int, int]:
    """Return the offsets of the whole lines of `function`, decorators included."""
    last = function.end_lineno or function.lineno
    return source.offset(_first_line(function), 0), source.line_end(last)


def _first_line(function: Function) -> int:
    return min([function.lineno, *(each.lineno for each in function.decorator_list)])


def _future_features(source: Source) -> list[str]:
    found = [each for each in source.tree.body if isinstance(each, ast.ImportFrom) and each.module == "__future__"]
    return [alias.name for each in found for alias in each.names]
