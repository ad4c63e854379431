import ast
from pathlib import Path

import pytest
from workbench import Project

from tactful.verify.discover import PythonFiles, aim_at, find_python, is_test_file, near_files, why_near
from tactful.verify.symbols import symbols

SOURCE = "def area(r):\n    return _square(r) * 3\n\ndef _square(x):\n    return x * x\n\ndef other():\n    return 1\n"


def near(
    project: Project, tests: dict[str, str], symbol: str | None = None, path: str = "pkg/shapes.py"
) -> dict[str, str]:
    """Return why each near file is near."""
    root = project({path: SOURCE, "pkg/__init__.py": "", **tests})
    tree = ast.parse(SOURCE)
    chosen = [each for each in symbols(tree) if each.name == symbol]
    found = near_files(aim_at(root / path, tree, chosen), find_python(root), {})
    return {each.path.relative_to(root).as_posix(): each.why for each in found}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("test_a.py", True),
        ("a_test.py", True),
        ("tests.py", True),
        ("testing.py", False),
        ("test_a.txt", False),
        ("conftest.py", False),
    ],
)
def test_names_of_test_files(name: str, expected: bool) -> None:
    assert is_test_file(Path(name)) is expected


@pytest.mark.parametrize(
    "statement",
    [
        "import pkg.shapes",
        "from pkg.shapes import area",
        "from pkg import shapes",
        "from pkg import shapes as s",
        "def test_x():\n    from pkg.shapes import area",
    ],
)
def test_file_is_near_that_imports_the_module(project: Project, statement: str) -> None:
    assert near(project, {"tests/test_x.py": statement}) == {"tests/test_x.py": "imports pkg.shapes"}


def test_relative_import_is_followed(project: Project) -> None:
    tests = {"pkg/tests/__init__.py": "", "pkg/tests/test_x.py": "from ..shapes import area"}
    assert near(project, tests) == {"pkg/tests/test_x.py": "imports pkg.shapes"}


def test_file_is_near_that_is_named_after_the_module(project: Project) -> None:
    assert near(project, {"test_shapes.py": "def test_a(shapes): pass"}) == {"test_shapes.py": "named after shapes.py"}


def test_reexported_name_is_near(project: Project) -> None:
    found = near(project, {"test_api.py": "import pkg\ndef test_a(): assert pkg.area(1)"})
    assert found == {"test_api.py": "imports pkg and mentions names of shapes.py"}


@pytest.mark.parametrize("text", ["import json", "from pkg import colours", "def broken(:", "shapes = 1", ""])
def test_other_files_are_not_near(project: Project, text: str) -> None:
    assert near(project, {"test_other.py": text}) == {}


def test_environments_and_caches_are_not_searched(project: Project) -> None:
    tests = {
        f"{folder}/test_shapes.py": "from pkg.shapes import area" for folder in (".venv", "node_modules", "__pycache__")
    }
    assert near(project, tests | {"env9/pyvenv.cfg": "", "env9/test_shapes.py": "import pkg.shapes"}) == {}


def test_folder_with_many_files_named_alike_keeps_the_nearest_first(project: Project) -> None:
    tests = {"test_shapes.py": "from pkg.shapes import area", "test_b.py": "import pkg.shapes"}
    assert list(near(project, tests)) == ["test_shapes.py", "test_b.py"]


@pytest.mark.parametrize(
    ("symbol", "test", "why"),
    [
        ("area", "test_area", "named after area"),
        ("area", "test_round", "mentions area"),
        ("area", "test_helped", "mentions area"),
        ("area", "test_fixture", "mentions area"),
        ("_square", "test_round", "mentions area, which leads to _square"),
        ("other", "test_round", "imports pkg.shapes"),
    ],
)
def test_why_a_test_is_near(project: Project, symbol: str, test: str, why: str) -> None:
    text = """\
import pytest
from pkg.shapes import area
def helper(): return area(1)
@pytest.fixture
def circle(): return area(2)
def test_area(): pass
def test_round(): assert area(0) == 0
def test_helped(): assert helper()
def test_fixture(circle): assert circle
"""
    root = project({"pkg/shapes.py": SOURCE, "pkg/__init__.py": "", "test_it.py": text})
    tree = ast.parse(SOURCE)
    aim = aim_at(root / "pkg/shapes.py", tree, [each for each in symbols(tree) if each.name == symbol])
    found = near_files(aim, find_python(root), {})
    assert why_near(aim, found[0], test)[1] == why


def test_unsaved_test_file_counts_as_it_is_in_the_editor(project: Project) -> None:
    root = project({"shapes.py": SOURCE, "test_x.py": ""})
    aim = aim_at(root / "shapes.py", ast.parse(SOURCE), [])
    assert near_files(aim, PythonFiles(tests=(root / "test_x.py",)), {root / "test_x.py": "from shapes import area"})
