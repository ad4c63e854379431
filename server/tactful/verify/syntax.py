"""Whether a text is Python at all: the first question of every verification, answered before any process starts."""

import ast

from tactful.verify.model import VerifyResult

__all__ = ["syntax_problem"]


def syntax_problem(text: str, name: str) -> VerifyResult | None:
    """Return the result for a file `name` whose text cannot be parsed, None for one that can."""
    try:
        ast.parse(text.removeprefix("\ufeff"))
    except SyntaxError as error:
        message = f"{name} has a syntax error at line {error.lineno}: {error.msg}; correct it first."
    except (ValueError, RecursionError, MemoryError) as error:
        message = f"{name} cannot be parsed as Python: {error}."
    else:
        return None
    return VerifyResult(status="cannot_run", cause="syntax_error", message=message)
