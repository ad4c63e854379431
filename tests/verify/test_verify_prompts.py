"""What a model is told, in words."""

import ast
from pathlib import Path

import pytest

from tactful.verify.failures import Paths
from tactful.verify.model import Failure
from tactful.verify.repair.answers import read
from tactful.verify.repair.brief import Brief, brief_of, feedback_on, function_to_repair
from tactful.verify.repair.disclosure import Disclosure
from tactful.verify.repair.prompts import LAST_TRY, prompt_for, temperature_of
from tactful.verify.repair.source import Source
from tactful.verify.repair.strategy import Attempt, Move, Turn
from tactful.verify.runner.host import TestRun
from tactful.verify.symbols import symbol_at

BRIEF = Brief(
    path="shop.py",
    name="price",
    function="def price(items):\n    return 0",
    around="import math\n...",
    tests=("def test_price():\n    assert price([1]) == 1",),
    failures="test_price fails at test_shop.py line 3: assert price([1]) == 1",
    passing=("test_none",),
)
TRIED = Attempt(
    number=0,
    thought="it adds nothing",
    sure=0.5,
    code="def price(items):\n    return 1",
    passed=("t.py::test_price",),
    failed=("t.py::test_two",),
    feedback="test_two fails at t.py line 9",
)
OTHER = Attempt(number=1, thought="the sum is missing", sure=0.5, fault="the answer holds no code")


@pytest.mark.parametrize(
    ("turn", "there", "not_there"),
    [
        (Turn(move=Move.FIRST), ("def price", "import math", "assert price([1]) == 1", "test_none", "most likely bug"),
         (LAST_TRY, "What was tried")),
        (Turn(move=Move.REFINE, line=(TRIED,), others=(OTHER,)),
         (LAST_TRY, "BUG: it adds nothing", "return 1", "1 of 2 tests pass; failing: test_two", "t.py line 9",
          "- the sum is missing -> it could not be tried: the answer holds no code", "the bug that is left"), ()),
        (Turn(move=Move.RETHINK, line=(TRIED,)), ("Think again", "BUG: it adds nothing"), ("What was tried",)),
        (Turn(move=Move.DEEPEN, line=(OTHER, TRIED)), ("what else is wrong", "- the sum is missing"), ()),
        (Turn(move=Move.OTHER, others=(TRIED, OTHER)), ("another bug than those", "- it adds nothing -> 1 of 2"),
         (LAST_TRY,)),
    ],
    ids=list(Move),
)  # fmt: skip
def test_each_move_asks_in_its_own_words(turn: Turn, there: tuple[str, ...], not_there: tuple[str, ...]) -> None:
    text = prompt_for(BRIEF, turn)
    assert [each for each in there if each not in text] == []
    assert [each for each in not_there if each in text] == []


def test_code_cannot_end_its_block() -> None:
    attempt = Attempt(number=0, thought="x", sure=0.5, code='def price(items):\n    """```"""\n    return 1')
    text = prompt_for(BRIEF, Turn(move=Move.REFINE, line=(attempt,)))
    assert "````python\n" + attempt.code + "\n````" in text


def test_the_first_of_like_tries_is_the_least_free() -> None:
    turns = [Turn(move=Move.FIRST, number=0), Turn(move=Move.FIRST, number=1), Turn(move=Move.RETHINK, line=(TRIED,))]
    assert [temperature_of(each) for each in turns] == [0.2, 0.8, 0.2]
    assert temperature_of(Turn(move=Move.OTHER)) == 0.8


def test_the_form_that_is_asked_for_is_the_one_that_is_read() -> None:
    from tactful.verify.repair.prompts import RULES

    example = RULES[RULES.index("BUG:") :].replace("a number from 0 to 10", "7")
    example = example.replace(
        "the corrected function, with its name and its parameters as they are", "def f(): return 1"
    )
    answered = read(example)
    assert answered.thought == "what is wrong, and how the failing tests show it"
    assert (answered.sure, answered.code, answered.fault) == (0.7, "def f(): return 1", "")


MODULE = """\
import os

LIMIT = 3

def low(x):
    return x

def high(x):
    return LIMIT[x]

class A:
    def high(self):
        return 1
"""
TESTS = "from m import high\n\ndef test_high():\n    assert high(1) == 3\n"


def failure(root: Path, **more: object) -> Failure:
    given = {"test_id": "test_m.py::test_high", "path": str(root / "test_m.py"), "line": 3, "message": "TypeError: no",
             "assertion": "assert high(1) == 3", "values": (("x", "1" * 500),)}  # fmt: skip
    return Failure(**{**given, **more})  # type: ignore[arg-type]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    (tmp_path / "test_m.py").write_text(TESTS)
    (tmp_path / "hidden.py").write_text("secret = 1\n")
    (tmp_path / ".tactfulignore").write_text("hidden.py\n")
    return Paths(inside=tmp_path, root=tmp_path, texts={tmp_path / "m.py": MODULE})


def brief(paths: Paths, context_chars: int = 6000) -> tuple[Brief, Disclosure]:
    source, disclosure = Source(MODULE), Disclosure(paths.root)
    function = next(each for each in source.functions if each.name == "high")
    path = str(paths.root / "m.py")
    told = brief_of(source, function, [failure(paths.root)], ["t::test_low"], paths, disclosure, path, context_chars)
    return told, disclosure


def test_the_brief_holds_the_function_its_file_and_its_tests(paths: Paths) -> None:
    told, disclosure = brief(paths)
    assert (told.path, told.name, told.function) == ("m.py", "high", "def high(x):\n    return LIMIT[x]")
    assert "def low(x)" in told.around
    assert "def high(x)" not in told.around
    assert told.tests == ("def test_high():\n    assert high(1) == 3",)
    assert told.passing == ("test_low",)
    assert disclosure.files == ("m.py", "test_m.py")


def test_a_large_file_is_cut_to_its_imports_and_the_lines_above(paths: Paths) -> None:
    told, _ = brief(paths, context_chars=60)
    assert told.around.startswith("import os\n...")
    assert "class A" not in told.around


def test_failures_are_told_with_values_that_are_cut(paths: Paths) -> None:
    words = feedback_on([failure(paths.root)], paths, Disclosure(paths.root))
    assert "test_high fails at test_m.py line 4: assert high(1) == 3" in words
    assert "TypeError: no" in words
    assert "x = " + "1" * 159 + "…" in words


def test_what_was_raised_in_an_ignored_file_is_not_told(paths: Paths) -> None:
    place = ((str(paths.root / "m.py"), 8), (str(paths.root / "hidden.py"), 0))
    raised = failure(paths.root, traceback_lines=place, message="KeyError: 'private'", output="private")
    words = feedback_on([raised], paths, Disclosure(paths.root))
    assert "private" not in words
    assert "hidden" not in words
    assert "secret" not in words
    assert "via m.py line 9: return LIMIT[x]" in words


def test_files_outside_of_the_workspace_are_not_told_of(paths: Paths, tmp_path: Path) -> None:
    disclosure = Disclosure(paths.root)
    assert not disclosure.allows(str(tmp_path.parent / "elsewhere.py"))
    assert disclosure.shown(str(tmp_path.parent / "elsewhere.py")) == "elsewhere.py"
    assert not disclosure.allows(str(paths.root / "hidden.py"))
    assert disclosure.allows(str(paths.root / "m.py"))


@pytest.mark.parametrize(
    ("line", "lines", "name"),
    [
        (7, (), "high"),  # the function that was chosen
        (None, (5,), "low"),  # else the most suspicious one
        (None, (8,), "high"),
        (10, (12,), "high"),  # of the class that was chosen
        (None, (), None),
    ],
)
def test_the_function_to_repair(line: int | None, lines: tuple[int, ...], name: str | None) -> None:
    symbol = None if line is None else symbol_at(ast.parse(MODULE), line)
    run = TestRun(id="t", outcome="failed", seconds=0.1, lines=frozenset(lines), failure={})
    found = function_to_repair(Source(MODULE), symbol, [run], [], "m.py")
    assert (found.name if found else None) == name
    if line == 10:
        assert found is not None
        assert found.lineno == 12


def test_a_test_is_not_to_be_repaired() -> None:
    text = "def test_a():\n    assert 0\n"
    run = TestRun(id="t", outcome="failed", seconds=0.1, lines=frozenset({1}), failure={})
    assert function_to_repair(Source(text), symbol_at(ast.parse(text), 0), [run], [], "m.py") is None
    assert function_to_repair(Source(text), None, [run], [], "m.py") is None
