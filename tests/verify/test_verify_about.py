"""Which of the near tests count for one function: those that run it, and those that a repair must not break."""

from workbench import Verify

CART = """\
def average(values):
    return sum(values) / (len(values) - 1)


def words(text):
    return len(text.split(","))


def lonely(x):
    return x
"""
TESTS = """\
from cart import average, words

def test_average():
    assert average([2, 4]) == 3
    assert average([1, 2, 3]) == 2

def test_words():
    assert words("a b c") == 3
"""


def test_a_test_that_fails_for_another_reason_does_not_stand_in_the_way(verify: Verify) -> None:
    result = verify({"cart.py": CART, "test_cart.py": TESTS}, symbol="average", fix=True)
    assert result.status == "fixed"
    assert [failure.test_id for failure in result.failures] == ["test_cart.py::test_average"]


def test_the_other_failure_is_mentioned(verify: Verify) -> None:
    result = verify({"cart.py": CART, "test_cart.py": TESTS}, symbol="average")
    assert result.message == "1 of 1 near test fails. 1 other test fails without running average."


def test_an_operand_of_nothing_is_left_out_instead_of_written(verify: Verify) -> None:
    result = verify({"cart.py": CART, "test_cart.py": TESTS}, symbol="average", fix=True)
    assert result.offers[0].new_text == "len(values)"


def test_a_function_that_no_test_runs_is_not_said_to_pass(verify: Verify) -> None:
    passing = TESTS.split("def test_average")[0] + "def test_words():\n    assert words('a,b') == 2\n"
    result = verify({"cart.py": CART, "test_cart.py": passing}, symbol="lonely")
    assert result.status == "no_tests"
    assert result.message == "The near test does not run lonely; write a test that calls it."


def test_nothing_is_repaired_for_a_function_that_no_test_runs(verify: Verify) -> None:
    result = verify({"cart.py": CART, "test_cart.py": TESTS}, symbol="lonely", fix=True)
    assert result.status == "failing"
    assert not result.offers
    assert "None of the 2 near tests runs lonely" in result.message
