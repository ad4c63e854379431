"""Thresholds keep their promise on data that they were not chosen on."""

import numpy as np
import pytest

from tactful.acceptance.thresholds import choose_promises, choose_threshold, upper_bound

RANDOM = np.random.default_rng


def test_few_rows_promise_nothing() -> None:
    scores = np.linspace(0.1, 0.9, 20)
    assert choose_threshold(scores, [str(n) for n in range(20)], 0.05) == 0


def test_many_rows_come_near_to_what_may_be_lost() -> None:
    scores = RANDOM(0).random(4_000)
    threshold = choose_threshold(scores, [str(n % 400) for n in range(4_000)], 0.05)
    assert 0.03 < float((scores < threshold).mean()) < 0.05


def test_the_promise_holds_nine_times_in_ten() -> None:
    broken = 0
    for seed in range(200):
        scores = RANDOM(seed).random(300)
        # A uniform score: the true share below a threshold is the threshold itself.
        broken += choose_threshold(scores, [str(n) for n in range(300)], 0.1) > 0.1
    assert broken <= 30


def test_rows_that_resemble_one_another_count_for_less() -> None:
    # Whole groups are lost or kept together: a hundred rows of ten groups are no more than ten rows.
    groups = np.repeat(np.arange(10), 10)
    lost = groups == 3
    alone = np.arange(100)
    assert upper_bound(lost, groups, 0.1) > upper_bound(lost, alone, 0.1) + 0.1


def test_what_was_lost_before_counts() -> None:
    scores, groups = RANDOM(1).random(2_000), [str(n) for n in range(2_000)]
    before = np.zeros(2_000, bool)
    before[:80] = True
    assert 0 < choose_threshold(scores, groups, 0.1, lost=before) < choose_threshold(scores, groups, 0.1)


def test_more_may_be_lost_means_a_higher_bar() -> None:
    scores, groups = RANDOM(2).random(3_000), [str(n) for n in range(3_000)]
    bars = [choose_threshold(scores, groups, share) for share in (0.01, 0.05, 0.15)]
    assert bars == sorted(bars)
    assert bars[0] < bars[2]


@pytest.mark.parametrize(("hits", "count", "expected"), [(0, 100, 0.0228), (5, 100, 0.0908), (100, 100, 1.0)])
def test_the_bound_is_the_exact_binomial_one(hits: int, count: int, expected: float) -> None:
    lost = np.arange(count) < hits
    assert upper_bound(lost, np.arange(count), 0.1) == pytest.approx(expected, abs=1e-3)


def test_both_stages_together_keep_each_promise() -> None:
    random = RANDOM(3)
    first, second = random.random(6_000), random.random(6_000)
    groups = [str(n % 600) for n in range(6_000)]
    promises = choose_promises(first, second, groups, (0.02, 0.1))
    fresh1, fresh2 = random.random(50_000), random.random(50_000)
    for share in (0.02, 0.1):
        lost = (fresh1 < promises.threshold(1, share)) | (fresh2 < promises.threshold(2, share))
        assert 0.5 * share < float(lost.mean()) <= share
