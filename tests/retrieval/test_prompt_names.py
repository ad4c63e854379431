"""Which names count at the cursor, and which definition is meant."""

import pytest

from tactful.retrieval.names import chosen, enclosing, imported, names_near
from tactful.retrieval.store import Found


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("first = 1\nsecond = third + ", "fourth", ["third", "second", "fourth", "first"]),
        ("account.deposit(amount, ", ")", ["amount", "deposit", "account"]),
        ("", "", []),
    ],
)
def test_names_near(before: str, after: str, expected: list[str]) -> None:
    assert names_near(before, after) == expected


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("class A:\n    def f(self):\n        x = ", ["f", "A"]),
        ("class A:\n    def f(self):\n        pass\n\n    def g(self):\n        ", ["g", "A"]),
        ("def f():\n    pass\n\nx = ", []),
        ("class A:\n    ", ["A"]),
    ],
)
def test_enclosing(prefix: str, expected: list[str]) -> None:
    assert enclosing(prefix) == expected


def test_imports_say_where_names_come_from() -> None:
    text = "from a.b import c, d as e\nimport numpy as np\nimport os.path\nfrom .x import (\n  y,\n  z,\n)\n"
    modules = imported(text)
    assert (modules["c"], modules["d"], modules["np"], modules["os"]) == ("a.b", "a.b", "numpy", "os.path")
    assert modules["y"] == modules["z"] == ".x"


def found(path: str) -> Found:
    return Found(path=path, line=0, name="name", text="def name(): ...")


@pytest.mark.parametrize(
    ("paths", "modules", "expected"),
    [
        (["/w/a.py"], {}, "/w/a.py"),
        (["/w/a.py", "/w/b/c.py"], {"name": "b.c"}, "/w/b/c.py"),
        (["/w/a.py", "/w/b/__init__.py"], {"name": "b"}, "/w/b/__init__.py"),
        (["/w/1.py", "/w/2.py", "/w/x/3.py"], {}, None),  # nothing speaks for one of them
        (["/w/1.py", "/w/2.py", "/w/here/near.py"], {}, "/w/here/near.py"),
        (["/w/1.py", "/w/here/near.py", "/w/here/this.py"], {}, "/w/here/this.py"),
        ([], {}, None),
    ],
)
def test_one_definition_is_chosen(paths: list[str], modules: dict[str, str], expected: str | None) -> None:
    meant = chosen([found(path) for path in paths], ["other", "name"], modules, "/w/here/this.py")
    assert [each.path for each in meant] == ([] if expected is None else [expected])
