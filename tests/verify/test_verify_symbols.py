import ast

import pytest

from tactful.verify.symbols import callers, mentions, symbol_at, symbols

TEXT = """\
import os

@decorated
def first(a):
    def inner():
        return a
    return inner

class Stack:
    limit = 3

    def pop(self):
        return first(self)

def second():
    return Stack().pop()
"""
TREE = ast.parse(TEXT)


def test_names_are_qualified() -> None:
    assert [each.name for each in symbols(TREE)] == ["first", "first.inner", "Stack", "Stack.pop", "second"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (0, None),
        (2, "first"),
        (3, "first"),
        (5, "first"),
        (8, "Stack"),
        (9, "Stack"),
        (12, "Stack.pop"),
        (15, "second"),
    ],
)
def test_symbol_at_a_line(line: int, name: str | None) -> None:
    found = symbol_at(TREE, line)
    assert (found.name if found else None) == name


def test_callers_are_followed() -> None:
    assert callers(TREE, "first") == {"pop", "Stack", "second"}


def test_mentions_of_names_attributes_and_parameters() -> None:
    assert {"Stack", "pop"} <= mentions(TREE.body[-1])
    assert "a" in mentions(TREE.body[1])
