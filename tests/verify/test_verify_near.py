"""Which tests run, with real projects and a real coverage map: kinds of tests, fixtures, changes, ranges."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from workbench import Project

from tactful.verify import VerifyRequest, VerifyResult, run
from tactful.verify.learn import Background, learn

SHAPES = """\
RATE = 2

def clamp(x, low, high):
    if x < low:
        return low
    return high if x > high else x

def double(x):
    return x * RATE

class Box:
    def __init__(self, n):
        self.n = n

    def size(self):
        return clamp(self.n, 0, 10)
"""
TESTS = """\
import pytest
from shapes import Box, clamp, double

@pytest.fixture(scope="module")
def box():
    return Box(99)

def test_low(): assert clamp(-1, 0, 3) == 0
@pytest.mark.parametrize("x", [4, 9])
def test_high(x): assert clamp(x, 0, 3) == 3
def test_double(): assert double(4) == 8
def test_size(box): assert box.size() == 10
def test_number(box): assert box.n == 99
"""
FILES = {"shapes.py": SHAPES, "test_shapes.py": TESTS}

Check = Callable[..., VerifyResult]


@pytest.fixture
def check(project: Project, tmp_path: Path) -> Check:
    """Return a function that writes files and verifies the first of them with a coverage map that is kept."""

    def verified(files: dict[str, str], **options: object) -> VerifyResult:
        return run(request_for(project(files), files, tmp_path, **options), lambda message, fraction: None)

    return verified


def request_for(root: Path, files: dict[str, str], tmp_path: Path, **options: object) -> VerifyRequest:
    name = next(iter(files))
    chosen = {"text": files[name], "python": Path(sys.executable), "cache_dir": tmp_path / "cache", **options}
    return VerifyRequest(root=root, path=root / name, **chosen)  # type: ignore[arg-type]


def names_of(result: VerifyResult) -> set[str]:
    return {each.test_id.split("::")[-1].split("[")[0] for each in result.evidence.near}


def test_only_what_runs_the_function_runs_once_it_is_known(check: Check) -> None:
    assert names_of(check(FILES, symbol="clamp")) == {
        "test_low",
        "test_high",
        "test_double",
        "test_size",
        "test_number",
    }
    result = check(FILES, symbol="clamp")
    assert names_of(result) == {"test_low", "test_high", "test_size"}
    assert result.message == "4 near tests pass."
    assert result.evidence.near[0].why == "runs clamp"
    expected = "4 seen to run clamp (coverage map), 2 others known not to run clamp, every one that is affected ran"
    assert result.evidence.selection == expected


def test_what_a_shared_fixture_runs_counts_for_each_test_that_has_it(check: Check) -> None:
    check(FILES)
    assert names_of(check(FILES, symbol="Box.__init__")) == {"test_size", "test_number"}


def test_a_change_of_the_function_itself_keeps_what_is_known(check: Check) -> None:
    check(FILES)
    wrong = {**FILES, "shapes.py": SHAPES.replace("return low", "return high")}
    result = check(wrong, symbol="clamp")
    assert (result.status, names_of(result)) == ("failing", {"test_low", "test_high", "test_size"})


def test_a_change_elsewhere_lets_the_text_decide_again(check: Check) -> None:
    check(FILES)
    result = check({**FILES, "shapes.py": SHAPES.replace("RATE = 2", "RATE = 3")}, symbol="double")
    assert (result.status, len(result.failures)) == ("failing", 1)
    assert result.evidence.near[0].why == "ran double when last measured"
    assert "test_low" in names_of(result)


def test_what_failed_last_comes_first(check: Check) -> None:
    wrong = {**FILES, "shapes.py": SHAPES.replace("high if x > high else x", "x")}
    check(wrong)
    ids = [each.test_id for each in check(wrong, symbol="clamp").evidence.near]
    assert {each.split("[")[0] for each in ids[:3]} == {"test_shapes.py::test_high", "test_shapes.py::test_size"}
    assert ids[3:] == ["test_shapes.py::test_low"]


def test_a_repair_is_offered_when_every_test_that_runs_the_function_passed(check: Check) -> None:
    check(FILES)
    wrong = {**FILES, "shapes.py": SHAPES.replace("x < low", "x > low")}
    result = check(wrong, symbol="clamp", fix=True)
    assert result.status == "fixed", result.message
    assert len(result.evidence.tests_after.passed) == 4


def test_nothing_runs_a_function_that_is_known_to_be_run_by_none(check: Check) -> None:
    files = {**FILES, "shapes.py": SHAPES + "\ndef alone():\n    return 1\n"}
    check(files)
    result = check(files, symbol="alone")
    assert (result.status, result.message) == (
        "no_tests",
        "None of the 6 near tests runs alone; write a test that calls it.",
    )


@pytest.mark.parametrize(
    ("first", "last", "names"),
    [
        (3, 4, {"test_low", "test_high", "test_size"}),
        (5, 8, {"test_low", "test_high", "test_size", "test_double"}),
        (10, 12, {"test_size", "test_number"}),
        (8, 8, {"test_double"}),
    ],
)
def test_a_range_means_the_functions_that_it_touches(check: Check, first: int, last: int, names: set[str]) -> None:
    check(FILES)
    assert names_of(check(FILES, line=first, end_line=last)) == names


def test_tests_that_run_the_lines_of_a_range_come_first(check: Check) -> None:
    check(FILES)
    check(FILES, symbol="clamp")  # its lines are known from now on
    near = check(FILES, line=4, end_line=5).evidence.near
    whys = {each.test_id.split("::")[1]: each.why for each in near}
    assert whys["test_low"] == "runs the lines of clamp"


def test_background_measures_what_was_never_run(project: Project, tmp_path: Path) -> None:
    request = request_for(project(FILES), FILES, tmp_path, budget_s=30.0)
    assert learn(request, None, threading.Event(), []) == 6
    assert learn(request, None, threading.Event(), []) == 0
    (request.root / "test_shapes.py").write_text(TESTS.replace("clamp(-1, 0, 3) == 0", "clamp(-2, 0, 3) == 0"))
    assert learn(request, None, threading.Event(), []) == 1


def test_background_is_given_up_when_it_is_stopped(project: Project, tmp_path: Path) -> None:
    tests = "import shapes, time\ndef test_slow():\n    shapes.double(1)\n    time.sleep(4)\n"
    files = {**FILES, "test_shapes.py": tests}
    request = request_for(project(files), files, tmp_path, budget_s=30.0)
    background = Background(tmp_path)
    background.add(request)
    started = threading.Event()
    while not background.is_running_tests():
        started.wait(0.02)
    background.stop()
    assert background.wait(5.0)
    assert not list(tmp_path.glob("tactful-learn-*"))


ASYNCIO = """\
import unittest
from shapes import clamp

class ClampTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.high = 3

    async def test_high(self):
        self.assertEqual(clamp(9, 0, self.high), 3)
"""
PYTEST_ASYNCIO = """\
import pytest
from shapes import clamp

@pytest.mark.asyncio
async def test_high():
    assert clamp(9, 0, 3) == 3
"""
CLASSES = """\
import pytest
from shapes import clamp

class TestHigh:
    @pytest.fixture(autouse=True)
    def high(self):
        self.top = 3

    @pytest.mark.parametrize("x", [4, 5])
    class TestInner:
        def test_high(self, x):
            assert clamp(x, 0, 3) == 3

    def test_own(self):
        assert clamp(7, 0, self.top) == 3
"""
SUBTESTS = """\
import unittest
from shapes import clamp

class ClampTest(unittest.TestCase):
    def test_all(self):
        for x, expected in ((-1, 0), (2, 2), (9, 3)):
            with self.subTest(x=x):
                self.assertEqual(clamp(x, 0, 3), expected)
"""
CONFTEST = {
    "conftest.py": "import pytest\nfrom shapes import clamp\n@pytest.fixture\ndef cut(): return clamp\n",
    "tests/test_cut.py": "def test_high(cut): assert cut(9, 0, 3) == 3\n",
}
LOADED = """\
def load_tests(loader, tests, pattern): return tests

from shapes import clamp
def test_high(): assert clamp(9, 0, 3) == 3
"""
DOCTEST = SHAPES.replace(
    "    if x <", '    """Keep x between.\n\n    >>> clamp(9, 0, 3)\n    3\n    """\n    if x <', 1
)


@pytest.mark.parametrize(
    "tests",
    [
        {"test_shapes.py": ASYNCIO},
        {"test_shapes.py": PYTEST_ASYNCIO},
        {"test_shapes.py": PYTEST_ASYNCIO.replace("mark.asyncio", "mark.anyio")},
        {"test_shapes.py": CLASSES},
        {"test_shapes.py": SUBTESTS},
        {"test_shapes.py": LOADED},
        CONFTEST,
        {"shapes.py": DOCTEST},
    ],
    ids=["asyncio", "pytest-asyncio", "anyio", "classes", "subtests", "function", "conftest", "doctest"],
)
def test_kinds_of_tests_are_found_run_and_remembered(check: Check, tests: dict[str, str]) -> None:
    files = {"shapes.py": SHAPES, **tests}
    wrong = {**files, "shapes.py": files["shapes.py"].replace("high if x > high else x", "x")}
    assert check(files, symbol="clamp").status == "verified"
    result = check(wrong, symbol="clamp")
    assert result.status == "failing"
    assert "seen to run clamp (coverage map)" in result.evidence.selection


def test_tests_are_found_that_come_to_a_module_by_way_of_another(check: Check) -> None:
    files = {
        "pkg/_inner.py": "def deep(x):\n    return x + 1\n",
        "pkg/__init__.py": "from .outer import surface\n",
        "pkg/outer.py": "from ._inner import deep\ndef surface(x):\n    return deep(x)\n",
        "tests/test_pkg.py": "import pkg\ndef test_surface(): assert pkg.surface(1) == 2\n",
    }
    result = check(files, symbol="deep")
    assert (result.status, result.evidence.near[0].why) == ("verified", "imports pkg, which leads to pkg._inner")
    assert check(files, symbol="deep").evidence.near[0].why == "runs deep"
