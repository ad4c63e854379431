"""Who imports whom, read from the text."""

import ast
from pathlib import Path

import pytest
from workbench import Project

from tactful.verify.discover import aim_at, find_python, further_files, near_files
from tactful.verify.imports import importers_of, module_name
from tactful.verify.mentioned import mentioned_by_tests, mentions_in

PACKAGE = {
    "src/pkg/__init__.py": "from pkg.outer import (\n    surface,\n)\n",
    "src/pkg/outer.py": "import os\nfrom ._inner import deep as d\n",
    "src/pkg/_inner.py": "def deep(): pass\n",
    "src/pkg/other.py": "import json\n",
    "src/pkg/sub/__init__.py": "",
    "src/pkg/sub/lower.py": "from .._inner import deep\n",
    "src/pkg/sub/plain.py": "import pkg._inner as inner\n",
}


def names(root: Path, found: dict[Path, str]) -> dict[str, str]:
    return {path.relative_to(root / "src").as_posix(): module for path, module in found.items()}


def test_importers_are_found_directly_and_by_way_of_others(project: Project) -> None:
    root = project(PACKAGE)
    found = importers_of(root / "src/pkg/_inner.py", find_python(root).sources, {})
    assert names(root, found) == {
        "pkg/outer.py": "pkg.outer",
        "pkg/sub/lower.py": "pkg.sub.lower",
        "pkg/sub/plain.py": "pkg.sub.plain",
        "pkg/__init__.py": "pkg",
    }


def test_unsaved_texts_count(project: Project) -> None:
    root = project(PACKAGE)
    texts = {root / "src/pkg/other.py": "from pkg import _inner\n"}
    found = importers_of(root / "src/pkg/_inner.py", find_python(root).sources, texts)
    assert root / "src/pkg/other.py" in found


@pytest.mark.parametrize(
    "statement",
    ["import json", "# from pkg import _inner", "text = 'import pkg.other'", "import"],
)
def test_other_statements_do_not_count(project: Project, statement: str) -> None:
    root = project({**PACKAGE, "src/pkg/other.py": statement + "\n"})
    assert root / "src/pkg/other.py" not in importers_of(root / "src/pkg/_inner.py", find_python(root).sources, {})


def test_tests_further_away_are_found_nearest_first(project: Project) -> None:
    tests = {
        "tests/test_a.py": "import pkg\ndef test_a(): pkg.surface()\n",
        "tests/test_b.py": "from pkg.outer import surface\ndef test_b(): surface()\n",
        "tests/test_c.py": "import json\n",
    }
    root = project({**PACKAGE, **tests})
    path = root / "src/pkg/_inner.py"
    aim = aim_at(path, ast.parse(PACKAGE["src/pkg/_inner.py"]), [])
    files = find_python(root)
    assert near_files(aim, files, {}) == []
    found = further_files(aim, files, {}, [])
    assert [each.path.name for each in found] == ["test_b.py", "test_a.py"]
    assert found[0].why == "imports pkg.outer, which leads to pkg._inner"
    assert [each.path.name for each in further_files(aim, files, {}, found[:1])] == ["test_a.py"]


def test_tests_are_near_whose_conftest_leads_to_the_module(project: Project) -> None:
    root = project(
        {
            "app.py": "def serve(): pass\n",
            "tests/conftest.py": "import pytest, app\n@pytest.fixture\ndef client(): return app.serve()\n",
            "tests/test_a.py": "def test_a(client): pass\n",
            "tests/deep/test_b.py": "def test_b(client): pass\ndef test_c(): pass\n",
            "test_d.py": "def test_d(client): pass\n",
        }
    )
    aim = aim_at(root / "app.py", ast.parse("def serve(): pass"), [])
    found = near_files(aim, find_python(root), {})
    assert {each.path.name: each.why for each in found} == {
        "test_a.py": "its conftest.py leads to app",
        "test_b.py": "its conftest.py leads to app",
    }


@pytest.mark.parametrize(
    ("test", "expected"),
    [("test_plain", False), ("test_helped", True), ("test_fixture", True), ("TestIt.test_it", True)],
)
def test_what_tests_mention_by_way_of_what_is_set_up(test: str, expected: bool) -> None:
    text = """\
def helper(): return wanted()
def test_plain(): other()
def test_helped(): helper()
def test_fixture(given): assert given
class TestIt:
    def setUp(self): self.it = wanted()
    def test_it(self): assert self.it
"""
    own, conftest = mentions_in(text), mentions_in("@pytest.fixture\ndef given(): return wanted()\n")
    assert own is not None
    assert conftest is not None
    assert ("wanted" in mentioned_by_tests(own, [conftest])[test]) is expected


def test_an_automatic_fixture_counts_for_every_test() -> None:
    text = "@pytest.fixture(autouse=True)\ndef always(): wanted()\ndef test_plain(): pass\n"
    own = mentions_in(text)
    assert own is not None
    assert "wanted" in mentioned_by_tests(own, [])["test_plain"]


@pytest.mark.parametrize(
    ("path", "name"),
    [("pkg/shapes.py", "pkg.shapes"), ("pkg/__init__.py", "pkg"), ("loose.py", "loose"), ("src/pkg2/m.py", "m")],
)
def test_module_names(project: Project, path: str, name: str) -> None:
    root = project({"pkg/__init__.py": "", "pkg/shapes.py": "", "loose.py": "", "src/pkg2/m.py": ""})
    assert module_name(root / path) == name
