import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.verify.repair.candidates import Candidate
from tactful.verify.repair.choose import Passed, chosen
from tactful.verify.runner.forkserver.probe import shown
from tactful.verify.runner.forkserver.variation import MAX_INPUTS, varied


def passed(name: str, score: float, *answers: str) -> Passed:
    candidate = Candidate(start=0, end=0, new_text=name, operator="name", node=ast.Pass())
    return Passed(candidate=candidate, score=score, answers=answers)


def names(*given: Passed) -> list[str]:
    return [each.passed.candidate.new_text for each in chosen(given, failing_tests=2, passing_tests=1)]


def test_likelier_edit_comes_first() -> None:
    assert names(passed("a", 0.1), passed("b", 0.4)) == ["b", "a"]


def test_repairs_that_answer_alike_count_as_one() -> None:
    same = [passed("a", 0.3, "1", "2"), passed("b", 0.2, "1", "2"), passed("c", 0.4, "1", "3")]
    assert names(*same) == ["a", "c"]


def test_repair_that_raises_on_untried_inputs_loses() -> None:
    assert names(passed("a", 0.4, "raises KeyError", "does not end"), passed("b", 0.3, "1", "2")) == ["b", "a"]


def test_answers_that_are_all_the_same_tell_nothing() -> None:
    assert names(passed("a", 0.3, *["False"] * 20), passed("b", 0.2, *["False"] * 20)) == ["a", "b"]


def test_chances_never_exceed_certainty() -> None:
    found = chosen([passed("a", 1.0), passed("b", 0.5), passed("c", 0.5)], failing_tests=3, passing_tests=1)
    assert sum(each.chance for each in found) <= 1.0


def test_one_failing_test_is_thinner_evidence_than_two() -> None:
    one, two = (chosen([passed("a", 0.5)], failing_tests=count, passing_tests=1)[0].chance for count in (1, 2))
    assert one < two


def test_nothing_passed() -> None:
    assert chosen([], failing_tests=1, passing_tests=1) == []


LITERALS = st.recursive(
    st.integers() | st.booleans() | st.text(max_size=5) | st.floats(allow_nan=False, allow_infinity=False) | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(st.lists(LITERALS, min_size=1, max_size=3), min_size=1, max_size=4))
def test_varied_inputs_are_new_and_can_be_written(calls: list[list[object]]) -> None:
    recorded = [tuple(each) for each in calls]
    written = {repr(list(each)) for each in recorded}
    for call in varied(recorded):
        assert repr(list(call)) not in written
        for argument in call:
            ast.literal_eval(repr(argument))


def test_varied_inputs_are_the_same_each_time() -> None:
    calls: list[tuple[object, ...]] = [([1, 2, 3], "abc"), ([], "")]
    assert varied(calls) == varied(calls)
    assert 10 < len(varied(calls)) <= MAX_INPUTS


@pytest.mark.parametrize("calls", [[], [()], [(None,)], [(object(),)]])
def test_nothing_to_vary(calls: list[tuple[object, ...]]) -> None:
    assert varied(calls) == []


class Stack:
    def __init__(self) -> None:
        self.items = [1, 2]
        self.lock = object()


def test_an_object_is_varied_by_its_plain_attributes() -> None:
    stack = Stack()
    found = [call[0] for call in varied([(stack,)])]
    assert found
    assert all(isinstance(each, Stack) and each.items != [1, 2] for each in found)
    assert stack.items == [1, 2]
    assert shown((found[0], 3)).startswith("Stack(items=[")


def test_repairs_are_told_apart_by_an_input_on_which_they_differ() -> None:
    calls = ("f(1)", "f(2)")
    first, other = (
        Passed(candidate=passed("a", 0.3).candidate, score=0.3, answers=answers, calls=calls)
        for answers in (("1", "2"), ("1", "raises KeyError"))
    )
    assert first.told_from(other) == "f(2): 2 with it, raises KeyError with the other"
    assert first.told_from(first) == ""
    assert first.told_from(passed("c", 0.1)) == ""
