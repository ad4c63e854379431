"""The names in scope at a cursor in Python, in whole and in half-typed code."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.backends.local.engine import Engine
from tactful.backends.local.scope import Binding, Scope
from tactful.backends.local.sight import Sight


def sight_at(source: str, language_id: str = "python") -> Sight:
    offset = source.index("|")
    engine = Engine()
    engine.set_document("u", None, language_id, source[:offset] + source[offset + 1 :])
    return engine.sight("u", engine.cursor("u", offset))


def names(source: str) -> dict[str, str]:
    sight = sight_at(source)
    return {sight.vocabulary.texts[token]: bound.kind.name for token, bound in sight.scope.names.items()}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def area(width, height=1, *rest, **options):\n    |", "width height rest options"),
        ("def area(\n    width: int,\n    height: dict[str, int] = call(other),\n) -> None:\n    |", "width height"),
        ("async def area(width):\n    |", "width"),
        ("def outer(one):\n    def inner(two):\n        |", "one two"),
        ("def done(one):\n    pass\n|", ""),
        ("class A:\n    def f(self, value):\n        |", "value"),
    ],
)
def test_parameters(source: str, expected: str) -> None:
    found = {name for name, kind in names(source).items() if kind == Binding.PARAMETER.name}
    assert found == set(expected.split())


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("total = 1", "total"),
        ("one, two = pair", "one two"),
        ("total: int = 1", "total"),
        ("call(key=1)", ""),
        ("table.key = 1", ""),
        ("for place, item in items:", "place item"),
        ("with open(path) as handle:", "handle"),
        ("if ready and (found := find(path)):", "found"),
        ("table[key] = 1", ""),
        ("equal == other", ""),
    ],
)
def test_locals(body: str, expected: str) -> None:
    found = names(f"def work():\n    {body}\n    |")
    assert {name for name, kind in found.items() if kind == Binding.LOCAL.name} == set(expected.split())


@pytest.mark.parametrize(
    ("line", "kind", "expected"),
    [
        ("import os", "IMPORT", "os"),
        ("import os.path", "IMPORT", "os"),
        ("import numpy as np, re", "IMPORT", "np re"),
        ("from a.b import (\n    one,\n    two as zwei,\n)", "IMPORT", "one zwei"),
        ("from . import one", "IMPORT", "one"),
        ("def work():\n    pass", "DEFINITION", "work"),
        ("async def work():\n    pass", "DEFINITION", "work"),
        ("class Work(Base):\n    inner = 1", "DEFINITION", "Work"),
        ("LIMIT = 3", "GLOBAL", "LIMIT"),
        ("LIMIT: int = 3", "GLOBAL", "LIMIT"),
    ],
)
@pytest.mark.parametrize("frame", ["{}\nx|", "def first():\n    |\n\n{}\n"])
def test_names_of_the_module(line: str, kind: str, expected: str, frame: str) -> None:
    found = {name for name, known in names(frame.replace("{}", line)).items() if known == kind}
    assert found - {"first"} == set(expected.split())


CLASS = """\
class Shape(Base, other.Mixin, metaclass=Meta):
    sides = 4

    def area(self):
        return self.width * |

    def later(self):
        self.height = 1


class Other:
    def foreign(self):
        self.alien = 1
"""


def test_members_of_the_class_around_the_cursor() -> None:
    sight = sight_at(CLASS)
    texts = sight.vocabulary.texts
    assert {texts[token] for token in sight.scope.members} == {"sides", "area", "width", "later", "height"}
    assert [texts[token] for token in sight.scope.bases] == ["Base", "Mixin"]
    assert texts[sight.scope.function] == "area"


def test_other_languages_have_no_scope_yet() -> None:
    assert sight_at("def area(width):\n    |", "cobol").scope == Scope()


CODE = st.sampled_from(
    ["def f(", "a, b", "):\n", "    ", "class C", "(", ")", "self.", "x = ", "import ", "from . ", "\n", "as"]
)


@settings(deadline=None, max_examples=150)
@given(st.lists(CODE, max_size=16), st.data())
def test_any_text_has_a_scope(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    offset = data.draw(st.integers(0, len(text)))
    scope = sight_at(text[:offset] + "|" + text[offset:]).scope
    assert all(bound.age >= 0 for bound in scope.names.values())
