"""The policies that Tactful is compared with, on rows whose truth is known."""

from dataclasses import dataclass
from random import Random

import numpy as np
import pytest

from tactful.acceptance.published import SURFACE, SurfaceFilter, published_policies, right_hiding_threshold
from tactful.acceptance.rows import Row
from tactful.core.features import SCHEMA, STAGE1_NAMES, STAGE2_NAMES
from tactful.core.types import Features


@dataclass(frozen=True)
class Knowing:
    """Scores by one feature."""

    def score_stage1(self, features: Features) -> float:
        return features.values["after_dot"]

    def score_stage2(self, features: Features) -> float:
        return features.values["engine_probability"]

    def threshold(self, stage: int, max_lost: float, features: Features) -> float:
        return 0.0


def rows(count: int = 600) -> list[Row]:
    random, made = Random(0), []
    for number in range(count):
        likely = random.random()
        values = dict.fromkeys(STAGE2_NAMES, 0.0) | {"engine_probability": likely, "after_dot": likely}
        stage1 = Features(schema=SCHEMA, values={name: values[name] for name in STAGE1_NAMES})
        stage2 = Features(schema=SCHEMA, values=values)
        made.append(Row(group=str(number % 3), stage1=stage1, stage2=stage2, wanted=random.random() < likely**3))
    return made


def hidden(policy: object, given: list[Row]) -> float:
    shown = [policy.generates(row.stage1) and policy.shows(row.stage2) is not None for row in given]  # type: ignore[attr-defined]
    return 1 - sum(shown) / len(shown)


def test_each_hides_the_share_that_was_published() -> None:
    given = rows()
    policies = published_policies(Knowing(), given, seed=0)
    assert hidden(policies["filter 2022"], given) == pytest.approx(0.35, abs=0.01)
    assert hidden(policies["CDHF, a quarter"], given) == pytest.approx(0.25, abs=0.02)


def test_of_what_the_rule_hides_nineteen_in_twenty_are_unwanted() -> None:
    given = rows()
    rule = published_policies(Knowing(), given, seed=0)["CDHF, 95% right"]
    gone = [row for row in given if not (rule.generates(row.stage1) and rule.shows(row.stage2))]
    assert 0.94 <= sum(not row.wanted for row in gone) / len(gone) < 0.97


def test_the_threshold_of_the_rule() -> None:
    scores = np.arange(100) / 100
    assert right_hiding_threshold(scores, scores >= 0.5) == pytest.approx(0.52)
    assert right_hiding_threshold(scores, np.ones(100, bool)) == 0
    assert right_hiding_threshold(scores, np.zeros(100, bool)) > scores.max()


def test_the_filter_says_nothing_in_the_middle_of_a_line() -> None:
    policy = published_policies(Knowing(), rows(), seed=0)["filter 2022"]
    assert isinstance(policy, SurfaceFilter)
    best = dict.fromkeys(SURFACE, 0.0) | {"after_dot": 1.0, "line_after_closes_only": 0.0}
    assert policy.generates(Features(schema=SCHEMA, values=best | {"line_after_length": 0.0}))
    assert not policy.generates(Features(schema=SCHEMA, values=best | {"line_after_length": 5.0}))
    closed = best | {"line_after_length": 1.0, "line_after_closes_only": 1.0}
    assert policy.generates(Features(schema=SCHEMA, values=closed))


def test_rows_of_one_kind_teach_nothing() -> None:
    assert published_policies(Knowing(), [row for row in rows() if not row.wanted], seed=0) == {}
