"""What is counted, from a handful of decisions whose counts anybody can check."""

from datetime import date

import pytest

from tactful.core.types import Features, Outcome, Stage
from tactful.feedback.totals import BLOCKS_A_DAY, Log, Quiet, Shown
from tactful.report.figures import Figures, gather
from tactful.report.judge import is_kept, saved_s

DAY = 20_000  # 4 October 2024
AT = DAY * 86_400 + 12 * 3600.0
NOON = DAY * BLOCKS_A_DAY + 4


def shown(**values) -> Shown:
    base = Shown(
        block=NOON,
        language_id="python",
        source="document",
        decided_at=AT,
        automatic=1,
        propensity=1.0,
        score=0.55,
        chars=10,
        outcome=None,
        outcome_at=AT + 2,
        accepted_chars=0,
        kept_fraction=None,
    )
    return base._replace(**values)


def quiet(stage: Stage, **values) -> Quiet:
    base = Quiet(block=NOON, language_id="python", source=None, stage=stage.value, reason="score 0.01", had_a_chance=1)
    return base._replace(**values)


def figures_of(*, shown=(), quiet=(), ms_by_stage=(), hidden=(), words=None) -> Figures:
    counts = {kind: quiet.count(kind) for kind in quiet}
    return gather(Log(quiet=counts, shown=shown, ms_by_stage=ms_by_stage, hidden=hidden), words)


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
    assert is_kept(shown(**values)) is kept


def test_only_what_was_kept_saves_time_and_all_that_is_seen_costs_some():
    rejected, unseen = shown(outcome=Outcome.REJECTED), shown(outcome=Outcome.UNSEEN)
    whole = shown(outcome=Outcome.ACCEPTED, accepted_chars=10, kept_fraction=1.0)
    assert saved_s(whole) > saved_s(whole._replace(kept_fraction=0.5)) > saved_s(rejected)
    assert saved_s(rejected) < 0
    assert saved_s(unseen) == 0
    assert saved_s(whole._replace(kept_fraction=0.0)) == saved_s(rejected)


def test_every_decision_is_counted_where_it_belongs():
    figures = figures_of(
        shown=[
            shown(outcome=Outcome.ACCEPTED.value, accepted_chars=10),
            shown(outcome=Outcome.REJECTED.value, language_id="lua"),
        ],
        quiet=[
            quiet(Stage.GATE1),
            quiet(Stage.GATE2, source="workspace"),
            quiet(Stage.GATE2, source="workspace"),
            quiet(Stage.BACKEND, reason="the engine took 31.5 ms"),
            quiet(Stage.BACKEND, reason="the engine took 7 ms", block=NOON + 2 * BLOCKS_A_DAY),
        ],
    )
    total = figures.total
    assert (total.moments, total.shown, total.judged, total.kept, total.hidden) == (7, 2, 2, 1, 3)
    assert [(day, tally.moments) for day, tally in figures.by_day.items()] == [
        (date(2024, 10, 4), 6),
        (date(2024, 10, 5), 0),
        (date(2024, 10, 6), 1),
    ]
    assert {name: tally.shown for name, tally in figures.by_language.items()} == {"python": 1, "lua": 1}
    assert {name: tally.hidden for name, tally in figures.by_source.items()} == {"document": 0, "workspace": 2}
    assert figures.hidden_before == 1
    assert figures.nothing == {"the engine took … ms": 2}
    assert figures.outcomes == {"accepted": 1, "rejected": 1}


def test_scores_fall_into_bins_when_it_is_known_whether_they_were_kept():
    found = figures_of(
        shown=[
            shown(outcome=Outcome.ACCEPTED),
            shown(outcome=Outcome.REJECTED, score=1.0),
            shown(outcome=Outcome.UNSEEN, score=0.9),
            shown(outcome=Outcome.ACCEPTED, automatic=0),
            shown(outcome=Outcome.ACCEPTED, score=None),
        ]
    ).bins
    assert [(each.count, each.kept) for each in found] == [(0, 0)] * 5 + [(1, 1)] + [(0, 0)] * 3 + [(1, 0)]


def test_hidden_ones_are_put_into_words_by_the_stage_that_hid_them():
    features = Features(schema=1, values={"depth": 1.0})
    hidden = [(1, features), (2, features)]
    figures = figures_of(hidden=hidden, words=lambda stage, known: f"stage {stage} of {len(known.values)}")
    assert figures.hidden_words == {"stage 1 of 1": 1, "stage 2 of 1": 1}
    assert figures_of(hidden=hidden).hidden_words == {}


def test_times_are_sorted_for_each_stage_and_together():
    assert figures_of(ms_by_stage=[{"gate1": 2.0, "backend": 5.0}, {"gate1": 1.0}, {}]).ms_by_stage == {
        "gate1": [1.0, 2.0],
        "backend": [5.0],
        "all": [1.0, 7.0],
    }


def sessions(count: int, *, propensity: float) -> list[Shown]:
    """Return sessions of ten kept ones above the threshold and one below it, shown by chance and rejected."""
    found = []
    for block in range(count):
        found += [shown(block=block, score=0.9, outcome=Outcome.ACCEPTED)] * 10
        found.append(shown(block=block, score=0.05, propensity=propensity, outcome=Outcome.REJECTED))
    return found


def test_other_policies_are_estimated_from_what_was_shown_by_chance():
    figures = figures_of(shown=sessions(400, propensity=0.1), quiet=[quiet(Stage.GATE2, block=3)])
    policies = dict(figures.policies)
    assert policies["show everything"].kept_share == pytest.approx(10 / 20)
    assert policies["show everything"].shown == pytest.approx(400 * 20)
    assert policies["show what scores at least 0.5"].kept_share == 1
    assert figures.explored == 400


def test_sessions_in_which_something_had_no_chance_tell_nothing():
    hidden = [quiet(Stage.GATE1, block=block, had_a_chance=0) for block in range(100)]
    policies = dict(figures_of(shown=sessions(400, propensity=0.1), quiet=hidden).policies)
    assert policies["show everything"].sessions == 300
    all_hidden = [quiet(Stage.GATE2, block=block, had_a_chance=0) for block in range(400)]
    found = figures_of(shown=sessions(400, propensity=0.1), quiet=all_hidden).policies
    assert all(estimate is None for _, estimate in found)


def test_nothing_decided_is_nothing_counted():
    figures = figures_of()
    assert figures.is_empty
    assert figures.by_day == {}
    assert all(found is None for _, found in figures.policies)
