"""What is promised of a gate can be looked up, and comes back from JSON as it was."""

import json

import pytest

from tactful.acceptance.promises import Promises, promises_data, read_promises

PROMISES = Promises(shares=(0.01, 0.05), stage1=(0.0, 0.1), stage2=(0.2, 0.3))


@pytest.mark.parametrize(
    ("max_lost", "stage1", "stage2"),
    [(0.0, 0.0, 0.0), (0.009, 0.0, 0.0), (0.01, 0.0, 0.2), (0.049, 0.0, 0.2), (0.05, 0.1, 0.3), (1.0, 0.1, 0.3)],
)
def test_the_largest_share_that_is_allowed_counts(max_lost: float, stage1: float, stage2: float) -> None:
    assert (PROMISES.threshold(1, max_lost), PROMISES.threshold(2, max_lost)) == (stage1, stage2)


def test_a_share_worked_out_by_a_factor_is_found() -> None:
    assert PROMISES.threshold(2, 0.05 * 0.2) == 0.2  # 0.05 * 0.2 is a hair above 0.01, 0.3 * 0.1 a hair below 0.03
    assert Promises(shares=(0.03,), stage1=(0.1,), stage2=(0.2,)).threshold(2, 0.3 * 0.1) == 0.2


def test_without_promises_everything_passes() -> None:
    assert Promises().threshold(2, 0.5) == 0


def test_promises_come_back_as_they_were() -> None:
    assert read_promises(json.loads(json.dumps(promises_data(PROMISES)))) == PROMISES
