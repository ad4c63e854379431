"""What a file defines, read without a parser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.backends.local.outline import outline

SOURCE = '''\
"""Docstring."""
from __future__ import annotations
import os.path, json as js
from .near import (
    one,  # why
    two as zwei,
)
LIMIT: int = 3
count = 0
if LIMIT == 3: pass


class Shape(Base, other.Mixin, metaclass=Meta):
    sides = 4

    @property
    async def area(self):
        inner = 1
        self.width = inner
        return self.height


def work(size):
    local = size
'''


def test_names_of_the_top_level() -> None:
    found = outline(SOURCE)
    assert found.names == {"annotations", "os", "js", "one", "zwei", "LIMIT", "count", "Shape", "work"}
    assert found.imports["zwei"] == ".near.two"
    assert found.imports["js"] == "json"
    assert found.imports["os"] == "os"


def test_members_of_a_class() -> None:
    shape = outline(SOURCE).classes["Shape"]
    assert shape.members == {"sides", "area", "width", "height"}
    assert shape.bases == ("Base", "other.Mixin")


@pytest.mark.parametrize(
    ("line", "name", "target"),
    [
        ("import a", "a", "a"),
        ("import a.b", "a", "a"),
        ("import a.b as c", "c", "a.b"),
        ("from a import b", "b", "a.b"),
        ("from . import b", "b", ".b"),
        ("from ..a import b as c  # why", "c", "..a.b"),
        ("from a import \\\n    b", "b", "a.b"),
    ],
)
def test_imports(line: str, name: str, target: str) -> None:
    assert outline(line + "\n").imports == {name: target}


@given(
    st.lists(
        st.sampled_from(["class A", "(", "B", ")", ":\n", "    ", "def f", "self.x", " = 1", "\n", "import a", "é"])
    )
)
def test_any_text_has_an_outline(parts: list[str]) -> None:
    found = outline("".join(parts))
    assert set(found.imports) <= found.names
