"""Whole verifications, each in a real sandbox with a real pytest."""

import hashlib
import sys
from pathlib import Path

import pytest
from workbench import Project, Verify

from tactful.verify import VerifyRequest, run

CLAMP = """\
def clamp(x, low, high):
    if x < low:
        return low
    if x > high:
        return low
    return x
"""
TESTS = """\
import pytest
from shapes import clamp

def test_low():
    assert clamp(-1, 0, 3) == 0

@pytest.mark.parametrize("x", [4, 9])
def test_high(x):
    assert clamp(x, 0, 3) == 3

class TestMore:
    def test_inside(self):
        assert clamp(2, 0, 3) == 2
"""
RIGHT = CLAMP.replace("if x > high:\n        return low", "if x > high:\n        return high")


def fingerprint(folder: Path) -> dict[str, str]:
    files = sorted(folder.rglob("*"))
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "" for path in files}


def test_right_code_passes(verify: Verify) -> None:
    result = verify({"shapes.py": RIGHT, "test_shapes.py": TESTS})
    assert (result.status, len(result.evidence.tests_before.passed)) == ("verified", 4)
    assert result.message == "4 near tests pass."
    assert result.evidence.near[0].why == "mentions clamp"


def test_failure_is_told_where_it_shows(verify: Verify) -> None:
    result = verify({"shapes.py": CLAMP, "test_shapes.py": TESTS}, symbol="clamp")
    failure = result.failures[0]
    assert result.status == "failing"
    assert not result.offers
    assert failure.test_id == "test_shapes.py::test_high[4]"
    assert failure.assertion == "assert clamp(x, 0, 3) == 3"
    assert failure.line == 8
    assert Path(failure.path).name == "test_shapes.py"
    assert failure.message.startswith("assert 0 == 3")


@pytest.mark.parametrize("sandbox", ["bubblewrap", "landlock", "off"])
def test_repair_leaves_the_tree_alone(project: Project, sandbox: str) -> None:
    root = project({"shapes.py": CLAMP, "test_shapes.py": TESTS + "\nopen('written.txt', 'w').close()\n"})
    before = fingerprint(root)
    path = root / "shapes.py"
    request = VerifyRequest(
        root=root, path=path, text=CLAMP, line=4, sandbox=sandbox, python=Path(sys.executable), fix=True
    )  # type: ignore[arg-type]
    result = run(request, lambda message, fraction: None)
    if result.cause == "no_sandbox":
        pytest.skip(result.message)
    assert result.status == "fixed", result.message
    assert result.offers
    assert CLAMP[: result.offers[0].start] + result.offers[0].new_text + CLAMP[result.offers[0].end :] == RIGHT
    assert result.offers[0].description == "`low` -> `high` at line 5"
    assert len(result.evidence.tests_after.passed) == 4
    assert fingerprint(root) == before


def test_unsaved_text_is_what_is_verified(project: Project) -> None:
    root = project({"shapes.py": "broken(", "test_shapes.py": "", "helper.py": "HIGH = 0\n"})
    tests = TESTS + "\nfrom helper import HIGH\ndef test_helper(): assert clamp(9, 0, HIGH) == 3\n"
    others = {str(root / "test_shapes.py"): tests, str(root / "helper.py"): "HIGH = 3\n"}
    request = VerifyRequest(
        root=root, path=root / "shapes.py", text=RIGHT, other_texts=others, python=Path(sys.executable)
    )
    assert run(request, lambda message, fraction: None).message == "5 near tests pass."


UNITTEST = """\
import unittest
from shapes import clamp

class ClampTest(unittest.TestCase):
    def setUp(self):
        self.high = 3

    def test_high(self):
        self.assertEqual(clamp(9, 0, self.high), 3)
"""
OWN_TESTS = """

def test_own():
    assert [clamp(x, 0, 3) for x in (-1, 0, 2, 3, 4, 9)] == [0, 0, 2, 3, 3, 3]
    assert clamp(5, 1, 4) == 4
"""
PACKAGED = {
    "src/pack/shapes.py": CLAMP,
    "src/pack/__init__.py": "",
    "tests/test_it.py": TESTS.replace("shapes", "pack.shapes"),
}


@pytest.mark.parametrize(
    "files",
    [
        {"shapes.py": CLAMP, "test_shapes.py": UNITTEST},
        PACKAGED,
        {"shapes.py": CLAMP + OWN_TESTS},
        {"shapes.py": CLAMP.replace("    if", '    """Clamp.\n\n    >>> clamp(9, 0, 3)\n    3\n    """\n    if', 1)},
        {
            "shapes.py": CLAMP,
            "conftest.py": "import pytest\n@pytest.fixture\ndef high(): return 3\n",
            "pytest.ini": "[pytest]\naddopts = -q --strict-markers\n",
            "test_a.py": "from shapes import clamp\ndef test_high(high): assert clamp(9, 0, high) == 3\n",
        },
    ],
    ids=["unittest", "src layout", "same file", "doctest", "conftest and settings"],
)
def test_kinds_of_tests(verify: Verify, files: dict[str, str]) -> None:
    result = verify(files, fix=True)
    assert result.status == "fixed", (result.message, result.failures)
    assert result.offers
    assert result.offers[0].new_text == "high"


def test_method_of_a_class_is_repaired(verify: Verify) -> None:
    source = "class Stack:\n    def __init__(self, *items):\n        self.items = items\n\n"
    source += "    def top(self):\n        return self.items[0]\n"
    tests = "from stack import Stack\ndef test_top():\n"
    tests += "    assert Stack(1, 2).top() == 2\n    assert Stack(7, 8, 9).top() == 9\n"
    result = verify({"stack.py": source, "test_stack.py": tests}, symbol="Stack.top", fix=True)
    assert result.status == "fixed", result.message


def test_two_edits_are_joined(verify: Verify) -> None:
    source = "def both(a, b):\n    low = max(a, b)\n    high = min(a, b)\n    return [low, high]\n"
    tests = "from two import both\ndef test_a(): assert both(1, 2)[0] == 1\ndef test_b(): assert both(1, 2)[1] == 2\n"
    result = verify({"two.py": source, "test_two.py": tests}, fix=True)
    assert result.status == "fixed", result.message


@pytest.mark.parametrize(
    ("files", "status", "message"),
    [
        ({"a.py": "def f():\n    retrun 1\n"}, "cannot_run", "a.py has a syntax error at line 2"),
        (
            {"a.py": "def f(): return 1\n"},
            "no_tests",
            "No test near a.py was found; write one in a file named test_a.py.",
        ),
        ({"a.py": "def f(): return 1\n", "test_a.py": "import a\n"}, "no_tests", "hold no test"),
        ({"a.py": "import gone\n", "test_a.py": "import a\ndef test(): pass\n"}, "failing", "cannot be imported"),
        (
            {
                "a.py": "def f(): pass\n",
                "pytest.ini": "[pytest]\naddopts = --unknown\n",
                "test_a.py": "import a\ndef test_f(): pass",
            },
            "cannot_run",
            "pytest could not start: unrecognized arguments: --unknown",
        ),
    ],
)
def test_what_cannot_be_verified_says_why(verify: Verify, files: dict[str, str], status: str, message: str) -> None:
    result = verify(files)
    assert result.status == status, result.message
    assert message in result.message


def test_symbol_that_is_not_there(verify: Verify) -> None:
    result = verify({"a.py": "def f(): pass\n", "test_a.py": "import a"}, symbol="g")
    assert (result.cause, result.message) == ("error", "a.py has no function or class named g.")


def test_interpreter_without_pytest(verify: Verify, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    result = verify({"a.py": "def f(): pass\n", "test_a.py": "import a\ndef test_f(): a.f()"}, python=bare)
    assert result.cause == "no_pytest"
    assert f"pytest is not installed in {bare}: run `{bare} -m pip install pytest`" in result.message


def test_repair_that_cannot_be_found_is_not_offered(verify: Verify) -> None:
    tests = "from a import f\ndef test_f(): assert f(3) == 'a long way from here'\n"
    result = verify({"a.py": "def f(x):\n    return x\n", "test_a.py": tests}, fix=True)
    assert (result.status, result.offers) == ("failing", ())
    assert "candidate repairs makes the near tests pass, so nothing is offered" in result.message


def test_missing_import_is_shown_at_its_place(verify: Verify) -> None:
    result = verify({"a.py": "x = 1\nimport gone_away\n", "test_a.py": "import a\ndef test_a(): pass\n"})
    assert "gone_away" in result.failures[0].message
    assert (Path(result.failures[0].path).name, result.failures[0].line) == ("a.py", 1)


def test_hanging_candidates_and_tests_end(verify: Verify) -> None:
    source = "def count(n):\n    found = []\n    while n > 0:\n        found.append(n)\n    return found\n"
    tests = "from a import count\ndef test_none(): assert count(0) == []\ndef test_two(): assert count(2) == [2, 1]\n"
    tests += "def test_three(): assert count(3) == [3, 2, 1]\n"
    result = verify({"a.py": source, "test_a.py": tests}, budget_s=20.0, fix=True)
    assert result.status == "fixed", result.message
    assert "had not ended" in result.failures[0].message
    assert ("a.py", True) in {(Path(path).name, 1 < line < 4) for path, line in result.failures[0].traceback_lines}


def test_constant_of_the_module_is_repaired(verify: Verify) -> None:
    source = "RATES = {\n    'low': 1,\n    'high': 2,\n}\n\ndef rate(name):\n    return RATES[name]\n"
    tests = "from a import rate\ndef test_low(): assert rate('low') == 1\ndef test_high(): assert rate('high') == 3\n"
    result = verify({"a.py": source, "test_a.py": tests}, fix=True)
    assert result.status == "fixed", result.message
    assert result.offers
    assert result.offers[0].description == "`2` -> `3` at line 3"


def test_flaky_test_is_named_and_not_repaired(verify: Verify) -> None:
    tests = """\
import pathlib, a
def test_f():
    seen = pathlib.Path(__file__).with_name("seen")
    first = not seen.exists()
    seen.touch()
    assert a.f() == 1 and not first
"""
    result = verify({"a.py": "def f(): return 1\n", "test_a.py": tests}, fix=True)
    assert (result.status, result.evidence.flaky) == ("verified", ("test_a.py::test_f",))
    assert "1 failed once and passed when run again (flaky)" in result.message
