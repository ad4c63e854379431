"""What became of a programmer's own suggestions, as rows: the label is kept, not accepted."""

from dataclasses import replace
from math import log1p
from random import Random

import pytest
from tests.acceptance.experienced import Outcomes, features, record

from tactful.acceptance.experience import rows_of_experience
from tactful.acceptance.train import fit
from tactful.core.types import Features, Outcome


def wanted(**changes: object) -> list[bool]:
    return [row.wanted for row in rows_of_experience([replace(record(), **changes)])]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [True]),
        ({"kept_30_s": 0.1}, [False]),
        ({"kept_30_s": 1.0, "kept_5_min": 0.1}, [False]),  # the later look counts
        ({"outcome": Outcome.TYPED_THROUGH}, [True]),
        ({"outcome": Outcome.REJECTED}, [False]),
        ({"outcome": Outcome.REJECTED, "outcome_at": 0.8}, []),  # too fast to have been read
        ({"outcome": Outcome.UNSEEN}, []),
        ({"outcome": None}, []),
        ({"stage2_features": None}, []),
        ({"automatic": False}, []),  # asked for by hand
        ({"stage2_features": Features(schema=1, values={})}, []),  # of an older version
    ],
)
def test_the_label_is_what_was_kept(changes: dict[str, object], expected: list[bool]) -> None:
    assert wanted(**changes) == expected


def test_what_was_explored_counts_for_what_was_hidden() -> None:
    rows = list(rows_of_experience([replace(record(), propensity=share) for share in (1.0, 0.5, 0.001)]))
    assert [row.weight for row in rows] == [1, 2, 10]


def test_a_row_is_learned_from_when_its_label_is_known() -> None:
    plain, later = rows_of_experience([record(), replace(record(), kept_5_min=1.0)])
    assert (plain.known_at, later.known_at) == (3.0, 303.0)


def test_short_suggestions_that_are_taken_and_deleted_again_are_not_favoured() -> None:
    """Short ones are accepted three times as often as long ones, but only the long ones stay."""
    random, records = Random(0), []
    for number in range(600):
        short = number % 2 == 0
        taken = random.random() < (0.75 if short else 0.25)
        kept = (0.0 if random.random() < 0.8 else 1.0) if short else 1.0
        length = log1p(3 if short else 40)
        outcome = Outcome.ACCEPTED if taken else Outcome.REJECTED
        records.append(record(number, outcome, kept if taken else None, length=length, tokens=length))
    by_kept = fit(list(rows_of_experience(records))).scorer
    accepted_only = [replace(each, kept_30_s=None) for each in records]
    by_accepted = fit(list(rows_of_experience(accepted_only))).scorer
    short, long = (features(length=log1p(chars), tokens=log1p(chars))[1] for chars in (3, 40))
    assert by_kept.score_stage2(long) > by_kept.score_stage2(short)
    assert by_accepted.score_stage2(long) < by_accepted.score_stage2(short)


def test_an_empty_memory_gives_no_rows() -> None:
    assert list(rows_of_experience([])) == []
    assert Outcomes().stage1_features is None
