"""The simulated hand and eye are as quick as the programmers of the study."""

from random import Random
from statistics import median, quantiles

import pytest

from tactful.acceptance.typist import type_text

TEXT = "def area(width, height):\n    return width * height\n\n\nclass Shape:\n    name = 'round'\n" * 40


def test_stretches_take_as_long_per_character_as_in_the_study() -> None:
    typing = type_text(TEXT, Random(0))
    pauses = [typing.pause(index) for index in range(len(TEXT))]
    # Stretches between two suggestions there: a quarter had 6 characters or fewer, half 11, a quarter 19 or more.
    lengths = [6, 11, 19]
    rates = [sum(pauses[start : start + n]) / n for n in lengths for start in range(0, len(TEXT) - n, n)]
    low, middle, high = quantiles(rates, n=4)
    assert 0.2 < low < 0.35
    assert 0.3 < middle < 0.6
    assert 0.5 < high < 1.3


def test_only_the_beginning_of_a_line_takes_thought() -> None:
    typing = type_text("ab c\nd", Random(1))
    assert [thought > 0 for thought in typing.thinking] == [True, False, False, False, False, True]


def test_reading_is_around_the_usual_and_longer_for_longer_texts() -> None:
    typing = type_text(TEXT, Random(2))
    assert median(typing.read_s(index, 10) for index in range(len(TEXT))) == pytest.approx(0.97, rel=0.05)
    assert typing.read_s(5, 60) > typing.read_s(5, 10)


def test_the_same_seed_types_the_same() -> None:
    assert type_text("x = 1\n", Random(3)) == type_text("x = 1\n", Random(3))
