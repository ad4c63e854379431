"""Values that failing tests and documentation speak of."""

import pytest

from tactful.verify.model import Failure
from tactful.verify.repair.hints import hints_from, likeness


def failing(assertion: str) -> Failure:
    return Failure(test_id="t", path="test_a.py", line=0, message="", assertion=assertion)


@pytest.mark.parametrize(
    ("assertions", "documentation", "texts", "numbers"),
    [
        (["assert f('a b') == 'Yes'"], "", ("Yes", "a b"), ()),
        (["assert f(1) =="], "", (), ()),  # the first line of a longer statement
        ([], "Return 'Jupiter', or \"Mars\" for 12 and 3.5.", ("Jupiter", "Mars"), (12,)),
        (["assert f() == ''"], "''", (), ()),
        (["assert f() == '" + "x" * 60 + "'"], "", (), ()),
        (["assert f() == 1"], "v2 and x3 are names, 40 is a number", (), (40,)),
    ],
)
def test_hints(assertions: list[str], documentation: str, texts: tuple[str, ...], numbers: tuple[int, ...]) -> None:
    found = hints_from([failing(each) for each in assertions], documentation)
    assert set(found.texts) == set(texts)
    assert found.numbers == numbers


@pytest.mark.parametrize(
    ("one", "other", "is_alike"),
    [("Jupyter", "Jupiter", True), ("yes", "YES", True), ("yes", "no", False), ("", "a", False)],
)
def test_likeness(one: str, other: str, is_alike: bool) -> None:
    assert (likeness(one, other) > 0.6) is is_alike
