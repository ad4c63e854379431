"""A candidate repair: one edit of the source by offsets, who made it and how likely that kind of edit is right."""

import ast
from dataclasses import dataclass

from tactful.verify.repair.source import Source

__all__ = ["Candidate", "applied", "swap_point"]


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


def swap_point(source: Source, candidate: Candidate) -> tuple[str, int] | None:
    """Return name and first line (from 1, decorators included) of the function whose code alone the edit changes.

    None when the edit changes what runs at import, so that the module has to be imported again.
    """
    function = source.outermost_function_of(candidate.node)
    if function is None:
        return None
    return function.name, min([function.lineno, *(each.lineno for each in function.decorator_list)])
