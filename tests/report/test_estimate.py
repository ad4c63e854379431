"""Estimates of other policies are right on logs whose truth is known, and say when they cannot be made."""

from random import Random

import pytest

from tactful.report.estimate import LEAST_SESSIONS, PolicyLog, together

SHOW_ABOVE = 0.5
EXPLORATION = 0.1


def logged(random: Random, *, sessions: int, moments: int, least: float, spread: float = 0.1) -> PolicyLog:
    """A gate shows what scores above SHOW_ABOVE, and a tenth of the rest; the other policy shows from `least` up.

    A suggestion is kept with probability score, moved by up to `spread` from session to session.
    """
    log = PolicyLog()
    for session in range(sessions):
        moved = random.uniform(-spread, spread)
        for _ in range(moments):
            score = random.random()
            propensity = 1.0 if score >= SHOW_ABOVE else EXPLORATION
            if random.random() < propensity and score >= least:
                log.add(session, propensity, random.random() < score + moved)
    return log


@pytest.mark.parametrize("least", [0.0, 0.25, 0.5, 0.75])
def test_the_truth_lies_in_the_interval_about_as_often_as_promised(least):
    truth = (least + 1) / 2  # kept with probability score, which is uniform above `least`
    found = [together([logged(Random(seed), sessions=40, moments=30, least=least)]) for seed in range(200)]
    assert all(each is not None for each in found)
    covered = sum(each.low <= truth <= each.high for each in found if each)
    assert covered >= 180
    assert abs(sum(each.kept_share for each in found if each) / 200 - truth) < 0.01


def test_the_number_shown_is_estimated_too():
    shown = [together([logged(Random(seed), sessions=40, moments=30, least=0.25)]).shown for seed in range(50)]
    assert sum(shown) / 50 == pytest.approx(0.75 * 40 * 30, rel=0.03)


def test_without_correction_the_answer_would_be_wrong():
    random = Random(1)
    right, naive = PolicyLog(), PolicyLog()
    for session in range(200):
        for _ in range(50):
            score = random.random()
            propensity = 1.0 if score >= SHOW_ABOVE else EXPLORATION
            if random.random() < propensity:
                kept = random.random() < score
                right.add(session, propensity, kept)
                naive.add(session, 1.0, kept)
    assert together([right]).low <= 0.5 <= together([right]).high
    assert together([naive]).low > 0.6


def test_alike_suggestions_of_a_session_widen_the_interval():
    alike, apart = PolicyLog(), PolicyLog()
    for number in range(400):
        alike.add(number // 20, 1.0, number // 20 % 2 == 0)
        apart.add(number // 20, 1.0, number % 2 == 0)
    assert together([alike]).high - together([alike]).low > 3 * (together([apart]).high - together([apart]).low)


def test_all_kept_is_no_certainty():
    log = PolicyLog()
    for number in range(40):
        log.add(number, 1.0, True)
    assert together([log]).kept_share == 1
    assert together([log]).low < 0.95


@pytest.mark.parametrize(
    ("sessions", "each", "enough"), [(LEAST_SESSIONS - 1, 50, False), (LEAST_SESSIONS, 2, False), (30, 1, True)]
)
def test_too_little_data_gives_no_estimate(sessions, each, enough):
    log = PolicyLog()
    for session in range(sessions):
        for number in range(each):
            log.add(session, 1.0, number % 2 == 0)
    assert (together([log]) is not None) is enough


def test_a_few_heavy_weights_are_little_data():
    log = PolicyLog()
    for session in range(100):
        log.add(session, 0.001 if session < 3 else 1.0, True)
    assert together([log]) is None


def test_what_is_not_judged_counts_as_shown_only():
    log = PolicyLog()
    for session in range(40):
        log.add(session, 1.0, True)
        log.add(session, 0.5, None)
    assert together([log]).shown == 40 * 3
    assert together([log]).kept_share == 1


@pytest.mark.parametrize("propensity", [0.0, -1.0, 1.5, float("nan")])
def test_what_was_shown_cannot_have_been_impossible(propensity):
    with pytest.raises(ValueError, match="propensity"):
        PolicyLog().add(0, propensity, True)


def test_a_session_can_be_left_out():
    log = PolicyLog()
    for session in range(40):
        log.add(session, 1.0, session < 30)
    log.drop(range(30, 40))
    assert together([log]).kept_share == 1


def test_what_is_logged_apart_counts_together():
    apart = [PolicyLog(), PolicyLog()]
    whole = PolicyLog()
    for number in range(400):
        apart[number % 2].add(number // 20, 0.5 if number % 2 else 1.0, number % 3 == 0)
        whole.add(number // 20, 0.5 if number % 2 else 1.0, number % 3 == 0)
    assert together(apart) == together([whole])
