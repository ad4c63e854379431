"""How long a suggestion waits for the hand to rest."""

import pytest

from tactful.core.delay import rest_ms, wait_ms


@pytest.mark.parametrize(
    ("score", "expected"),
    [(0.0, 800), (0.1, 337.5), (0.2, 100), (0.3, 12.5), (0.4, 0), (0.9, 0)],
)
def test_the_less_a_suggestion_pays_the_longer_it_waits(score: float, expected: float) -> None:
    assert wait_ms(score, even=0.4, longest_ms=800) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("rested", "elapsed", "expected"),
    [(0.0, 0.0, 300), (200.0, 0.0, 100), (200.0, 50.0, 50), (500.0, 0.0, 0), (None, 0.0, 0)],
)
def test_the_hand_may_have_rested_before(rested: float | None, elapsed: float, expected: float) -> None:
    assert rest_ms(300, rested, elapsed) == pytest.approx(expected)
