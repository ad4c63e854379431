"""One function's text at its own place compiles to what the file compiles to."""

import argparse
import ast
import dataclasses
import inspect
import json.decoder
import textwrap
from types import CodeType, ModuleType

import pytest

from tactful.verify.repair.excerpt import excerpt, function_span
from tactful.verify.repair.source import Source
from tactful.verify.runner.forkserver.holder import find_code

SMALL = """\
from __future__ import annotations
if True:
    class A(dict):
        '''Text.'''

        @property
        def m(self, __p: int = 1) -> int:
            return super().get(self.__x, f"{__p}")
    class B:
        class C:
            async def w(self):
                yield await self
try:
    import nothing
except ImportError:
    def fallback(): return 1
if A: pass
elif B:
    def other(): return 2
match A:
    case 1:
        def matched(): return 3
def f(a):
    return a
"""


def compiled(text: str) -> CodeType:
    return compile(text, "a.py", "exec", dont_inherit=True)


def alike(code: CodeType) -> tuple[object, ...]:
    """Return what two compilations have in common that differ in whether the compiler saw the file's imports."""
    inner = tuple(alike(each) for each in code.co_consts if isinstance(each, CodeType))
    plain = tuple(repr(each) for each in code.co_consts if not isinstance(each, CodeType))
    lines = {line for _, _, line in code.co_lines()}
    return inner, plain, lines, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, code.co_flags


def check_all(text: str) -> int:
    source, count = Source(text), 0
    base = compiled(text)
    for function in source.functions:
        if source.function_of(function) is not None or function.name.startswith("<"):
            continue
        first, last = function_span(source, function)
        line = min([function.lineno, *(each.lineno for each in function.decorator_list)])
        part = excerpt(source, function, first, last, source.text[first:last])
        old, new = find_code(base, function.name, line), find_code(compiled(part), function.name, line)
        assert old is not None
        assert new is not None
        assert alike(new) == alike(old)
        count += 1
    return count


def test_small_text() -> None:
    assert check_all(SMALL) == 6


@pytest.mark.parametrize("module", [argparse, dataclasses, json.decoder, inspect, textwrap, ast])
def test_modules_of_the_standard_library(module: ModuleType) -> None:
    assert check_all(inspect.getsource(module)) > 5


def test_an_edit_is_in_it() -> None:
    source = Source(SMALL)
    function = next(each for each in source.functions if each.name == "f")
    at = SMALL.rindex("a\n")
    text = excerpt(source, function, at, at + 1, "a + 1")
    assert text.rstrip().endswith("return a + 1")
    assert text.count("\n") == SMALL.count("\n")
