"""What a repair is called."""

import ast

import pytest

from tactful.verify.model import Offer
from tactful.verify.repair.candidates import Candidate
from tactful.verify.repair.offers import described, why_nothing

TEXT = "def f(a):\n    if a > 3:\n        return a\n"
TEXT += "    return 'a text of some length, so that it fills the line', a, a - 1\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a > 3", "a >= 3", "`a > 3` -> `a >= 3` at line 2"),
        ("        return a\n", "", "delete `return a` at line 3"),
        ("", "    b = 1\n", "insert `b = 1` at line 1"),
        (
            TEXT[TEXT.index("a > 3") : TEXT.index(" - 1")],
            TEXT[TEXT.index("a > 3") : TEXT.index(" - 1")].replace("> 3", "< 3").replace("length, so", "size, so"),
            "`>` -> `<` at line 2, `length` -> `size` at line 4",
        ),
    ],
)
def test_described(old: str, new: str, expected: str) -> None:
    start = TEXT.index(old)
    edit = Candidate(start=start, end=start + len(old), new_text=new, operator="x", node=ast.Pass())
    assert described(TEXT, edit) == expected


OFFER = Offer(start=0, end=0, old_text="", new_text="", description="`a` -> `b` at line 1")


@pytest.mark.parametrize(
    ("passed", "examples", "is_late", "expected"),
    [
        (0, [], False, "None of 7 candidate repairs"),
        (0, [], True, "time budget ended after 7"),
        (1, [OFFER], False, "One repair makes the near tests pass, but it is too unlikely"),
        (3, [OFFER, OFFER], True, "3 different repairs make the near tests pass, but the tests cannot tell"),
    ],
)
def test_why_nothing(passed: int, examples: list[Offer], is_late: bool, expected: str) -> None:
    assert expected in why_nothing(passed, examples, 7, is_late)
