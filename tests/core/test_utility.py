"""What a suggestion is worth, and how suggestions of different length compare."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tactful.core.utility import Pace, break_even, comparable, least_score, read_s, worth_s, write_s

SCORES = some.floats(0.001, 0.999)
LENGTHS = some.integers(1, 400)


def test_the_terms_are_those_of_the_docs() -> None:
    assert write_s(10) == pytest.approx(2.4)
    assert read_s(10) == pytest.approx(0.97)
    assert worth_s(0.5, 10) == pytest.approx(0.23)


def test_two_characters_are_never_worth_reading() -> None:
    assert worth_s(1.0, 2) < 0
    assert break_even(2) == 1.0


@given(SCORES, LENGTHS)
def test_at_break_even_nothing_is_won_or_lost(score: float, chars: int) -> None:
    even = break_even(chars)
    assert (worth_s(score, chars) >= 0) == (score >= even) or score == pytest.approx(even)


@given(SCORES, LENGTHS, some.floats(0.01, 0.9))
def test_least_score_is_where_the_comparable_one_reaches_the_threshold(
    score: float, chars: int, threshold: float
) -> None:
    least = least_score(threshold, chars)
    if least < 1 and abs(score - least) > 1e-6:
        assert (comparable(score, chars) >= threshold) == (score >= least)


@given(SCORES, SCORES, LENGTHS)
def test_a_comparable_score_rises_with_the_score(one: float, other: float, chars: int) -> None:
    low, high = sorted((one, other))
    assert 0 <= comparable(low, chars) <= comparable(high, chars) <= 1


@given(SCORES)
def test_ten_characters_are_the_yardstick(score: float) -> None:
    assert comparable(score, 10) == pytest.approx(score)
    assert least_score(score, 10) == pytest.approx(score)


def test_of_two_with_the_same_good_score_the_longer_is_worth_more() -> None:
    assert comparable(0.5, 30) > comparable(0.5, 10) > comparable(0.5, 3)


def test_what_nobody_wants_and_what_nothing_is_promised_of() -> None:
    assert comparable(0.0, 10) == 0
    assert least_score(0.0, 10) == 0


def test_caution_and_pace_move_the_break_even() -> None:
    assert break_even(20, caution=2) == pytest.approx(2 * break_even(20))
    assert break_even(20, Pace(write_s_per_char=0.48)) == pytest.approx(break_even(20) / 2)
    assert break_even(20, Pace(write_s_per_char=0.0)) == 1.0
