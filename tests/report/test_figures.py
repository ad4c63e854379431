"""What is counted, from a handful of decisions whose counts anybody can check."""

from datetime import date

import pytest

from tactful.core.types import Features, Outcome, Stage
from tactful.feedback.totals import Moment
from tactful.report.figures import gather
from tactful.report.judge import is_kept, saved_s

DAY = 86_400
AT = 20_000 * DAY + 12 * 3600.0  # noon of 4 October 2024


def moment(stage: Stage = Stage.SHOWN, **values) -> Moment:
    base = Moment(
        decided_at=AT,
        language_id="python",
        source="document",
        mode="balanced",
        stage=stage,
        reason="",
        automatic=True,
        propensity=1.0,
        score=0.55,
        suggestion_chars=10,
        outcome=None,
        outcome_at=AT + 2,
        accepted_chars=0,
        kept_fraction=None,
        ms_by_stage=None,
        features=None,
    )
    return base._replace(**values)


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ({"outcome": Outcome.ACCEPTED}, True),
        ({"outcome": Outcome.ACCEPTED, "kept_fraction": 0.5}, True),
        ({"outcome": Outcome.ACCEPTED, "kept_fraction": 0.2}, False),
        ({"outcome": Outcome.PARTLY_ACCEPTED}, True),
        ({"outcome": Outcome.TYPED_THROUGH}, True),
        ({"outcome": Outcome.REJECTED}, False),
        ({"outcome": Outcome.REJECTED, "outcome_at": AT + 0.9}, None),
        ({"outcome": Outcome.IGNORED}, False),
        ({"outcome": Outcome.UNSEEN}, None),
        ({}, None),
    ],
)
def test_what_counts_as_kept(values, kept):
    assert is_kept(moment(**values)) is kept


def test_only_what_was_kept_saves_time_and_all_that_is_seen_costs_some():
    rejected, unseen = moment(outcome=Outcome.REJECTED), moment(outcome=Outcome.UNSEEN)
    whole = moment(outcome=Outcome.ACCEPTED, accepted_chars=10, kept_fraction=1.0)
    assert saved_s(whole) > saved_s(whole._replace(kept_fraction=0.5)) > saved_s(rejected)
    assert saved_s(rejected) < 0
    assert saved_s(unseen) == 0
    assert saved_s(whole._replace(kept_fraction=0.0)) == saved_s(rejected)


def test_every_decision_is_counted_where_it_belongs():
    figures = gather(
        [
            moment(outcome=Outcome.ACCEPTED, accepted_chars=10),
            moment(outcome=Outcome.REJECTED, language_id="lua"),
            moment(Stage.GATE1, source=None, score=None, reason="score 0.01 below 0.03"),
            moment(Stage.GATE2, source="workspace"),
            moment(Stage.BACKEND, source=None, reason="the engine took 31.5 ms"),
            moment(Stage.BACKEND, source=None, reason="the engine took 7 ms", decided_at=AT + 2 * DAY),
        ]
    )
    total = figures.total
    assert (total.moments, total.shown, total.judged, total.kept, total.hidden) == (6, 2, 2, 1, 2)
    assert [(day, tally.moments) for day, tally in figures.by_day.items()] == [
        (date(2024, 10, 4), 5),
        (date(2024, 10, 5), 0),
        (date(2024, 10, 6), 1),
    ]
    assert {name: tally.shown for name, tally in figures.by_language.items()} == {"python": 1, "lua": 1}
    assert {name: tally.hidden for name, tally in figures.by_source.items()} == {"document": 0, "workspace": 1}
    assert figures.hidden_before == 1
    assert figures.nothing == {"the engine took … ms": 2}
    assert figures.outcomes == {Outcome.ACCEPTED: 1, Outcome.REJECTED: 1}


def test_days_begin_where_the_reader_lives():
    late = moment(decided_at=AT + 11.5 * 3600)
    assert list(gather([late]).by_day) == [date(2024, 10, 4)]
    assert list(gather([late], utc_offset_s=3600).by_day) == [date(2024, 10, 5)]


def test_scores_fall_into_bins_when_it_is_known_whether_they_were_kept():
    found = gather(
        [
            moment(outcome=Outcome.ACCEPTED),
            moment(outcome=Outcome.REJECTED, score=1.0),
            moment(outcome=Outcome.UNSEEN, score=0.9),
            moment(outcome=Outcome.ACCEPTED, automatic=False),
        ]
    ).bins
    assert [(each.count, each.kept) for each in found] == [(0, 0)] * 5 + [(1, 1)] + [(0, 0)] * 3 + [(1, 0)]


def test_hidden_ones_are_put_into_words_by_the_stage_that_hid_them():
    features = Features(schema=1, values={"depth": 1.0})
    hidden = [moment(Stage.GATE1, features=features), moment(Stage.GATE2, features=features), moment(Stage.GATE2)]
    figures = gather(hidden, words=lambda stage, known: f"stage {stage} of {len(known.values)}")
    assert figures.hidden_words == {"stage 1 of 1": 1, "stage 2 of 1": 1}
    assert gather(hidden).hidden_words == {}


def test_times_are_sorted_for_each_stage_and_together():
    times = [{"gate1": 2.0, "backend": 5.0}, {"gate1": 1.0}]
    assert gather([moment(ms_by_stage=each) for each in times]).ms_by_stage == {
        "gate1": [1.0, 2.0],
        "backend": [5.0],
        "all": [1.0, 7.0],
    }


def sessions(count: int, *, propensity: float, hidden_propensity: float) -> list[Moment]:
    """Return sessions of ten kept ones above the threshold, one shown by chance and rejected, and one hidden."""
    found = []
    for session in range(count):
        at = AT + session * 7200
        high = [
            moment(decided_at=at + n, score=0.9, outcome=Outcome.ACCEPTED, outcome_at=at + n + 2) for n in range(10)
        ]
        chance = moment(
            decided_at=at + 20, score=0.05, propensity=propensity, outcome=Outcome.REJECTED, outcome_at=at + 25
        )
        found += [*high, chance, moment(Stage.GATE2, decided_at=at + 30, score=0.05, propensity=hidden_propensity)]
    return found


def test_other_policies_are_estimated_from_what_was_shown_by_chance():
    policies = dict(gather(sessions(400, propensity=0.1, hidden_propensity=0.1)).policies)
    everything = policies["show everything"]
    assert everything.kept_share == pytest.approx(10 / 20)
    assert everything.shown == pytest.approx(400 * 20)
    assert policies["show what scores at least 0.5"].kept_share == 1
    assert gather(sessions(400, propensity=0.1, hidden_propensity=0.1)).explored == 400


def test_sessions_in_which_something_had_no_chance_tell_nothing():
    assert all(found is None for _, found in gather(sessions(400, propensity=0.1, hidden_propensity=0.0)).policies)


def test_nothing_decided_is_nothing_counted():
    figures = gather([])
    assert figures.is_empty
    assert figures.by_day == {}
    assert all(found is None for _, found in figures.policies)
