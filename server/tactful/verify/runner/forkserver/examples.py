"""Examples in docstrings that nobody ran so far: read as a person does, where doctest minds how a value is written.

`"21"` for `'21'`, `[1,2]` for `[1, 2]`, and an equation (`f(2) == 4`) that holds, without the `True` that would be
printed. Where the project itself runs its examples they are compared as doctest does.
"""

from __future__ import annotations

import ast
import doctest
from typing import Any


def read_leniently(config: Any) -> None:
    """Have examples compared by what they mean, unless the project's own settings make them tests."""
    if "--doctest-modules" in config.getini("addopts") or "--doctest-glob" in " ".join(config.getini("addopts")):
        return
    strict = doctest.OutputChecker.check_output

    def check_output(self: doctest.OutputChecker, want: str, got: str, optionflags: int) -> bool:
        return strict(self, want, got, optionflags) or means_the_same(want, got)

    doctest.OutputChecker.check_output = check_output  # type: ignore[method-assign]


def means_the_same(want: str, got: str) -> bool:
    if not want.strip():
        return got.strip() == "True"
    try:
        wanted, given = ast.literal_eval(want.strip()), ast.literal_eval(got.strip())
        return type(wanted) is type(given) and bool(wanted == given)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
