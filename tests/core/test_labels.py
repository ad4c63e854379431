"""What an outcome teaches."""

import pytest

from tactful.core.labels import is_wanted
from tactful.core.types import Outcome


@pytest.mark.parametrize(
    ("outcome", "shown_s", "kept", "expected"),
    [
        (Outcome.ACCEPTED, 0.4, None, True),  # quick acceptance is acceptance
        (Outcome.ACCEPTED, 3.0, 1.0, True),
        (Outcome.ACCEPTED, 3.0, 0.2, False),  # taken and deleted again
        (Outcome.PARTLY_ACCEPTED, 3.0, 0.5, True),
        (Outcome.TYPED_THROUGH, 9.0, None, True),
        (Outcome.REJECTED, 1.0, None, False),
        (Outcome.REJECTED, 0.9, None, None),
        (Outcome.REJECTED, None, None, False),
        (Outcome.IGNORED, 2.0, None, False),
        (Outcome.IGNORED, 0.5, None, None),
        (Outcome.UNSEEN, 30.0, None, None),
    ],
)
def test_the_label(outcome: Outcome, shown_s: float | None, kept: float | None, expected: bool | None) -> None:
    assert is_wanted(outcome, shown_s, kept) is expected
