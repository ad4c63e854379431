"""A candidate repair: one edit of the source by offsets, who made it and how likely that kind of edit is right."""

import ast
from dataclasses import dataclass

from tactful.verify.repair.source import Source

__all__ = ["Candidate", "applied", "replacement", "swap_point"]

_BINDS_TIGHTER = (ast.BinOp, ast.UnaryOp, ast.Attribute, ast.Starred, ast.Await)
_COMPOUND = (ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda, ast.UnaryOp, ast.NamedExpr)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Replace `start`..`end` by `new_text`; `operator` names the kind of edit, `node` is where in the tree it is made.

    `weight` in (0, 1] says how likely this edit is among those of its operator.
    """

    start: int
    end: int
    new_text: str
    operator: str
    node: ast.AST
    weight: float = 1.0


def applied(text: str, candidate: Candidate) -> str:
    """Return `text` after the edit."""
    return text[: candidate.start] + candidate.new_text + text[candidate.end :]


def replacement(source: Source, node: ast.AST, new: ast.AST | str, operator: str, weight: float = 1.0) -> Candidate:
    """Return the candidate that puts `new` (a node of the same source, or code) in the place of the expression `node`.

    Code that is an operation gets parentheses where what surrounds `node` would bind tighter.
    """
    start, end = source.span(node)
    text = new if isinstance(new, str) else source.code(new)
    if _needs_parentheses(source, node, text, new):
        text = f"({text})"
    if start and source.text[start - 1].isalnum() and text[:1].isalnum():
        text = " " + text
    return Candidate(start=start, end=end, new_text=text, operator=operator, node=node, weight=weight)


def swap_point(source: Source, candidate: Candidate) -> tuple[str, int] | None:
    """Return name and first line (from 1, decorators included) of the function whose code alone the edit changes.

    None when the edit changes what runs at import, so that the module has to be imported again.
    """
    function = source.outermost_function_of(candidate.node)
    if function is None or function.name in source.called_at_import:
        return None
    return function.name, min([function.lineno, *(each.lineno for each in function.decorator_list)])


def _needs_parentheses(source: Source, node: ast.AST, text: str, new: ast.AST | str) -> bool:
    parent = source.parent(node)
    inside = isinstance(parent, _BINDS_TIGHTER) or (
        isinstance(parent, ast.Subscript | ast.Call) and node is getattr(parent, "value", getattr(parent, "func", None))
    )
    if isinstance(parent, ast.BoolOp | ast.Compare):
        inside = " or " in text or " and " in text or " if " in text or text.startswith("not ")
    if not inside:
        return False
    if isinstance(new, str):
        return not text.replace("_", "a").isalnum() and _is_compound(text)
    return isinstance(new, _COMPOUND)


def _is_compound(text: str) -> bool:
    try:
        return isinstance(ast.parse(text, mode="eval").body, _COMPOUND)
    except SyntaxError:
        return False
