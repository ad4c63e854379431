"""What counts as kept, and what a suggestion saved or cost in seconds.

Must not know: where decisions come from, how figures are shown.
"""

from tactful.core.labels import is_wanted
from tactful.core.types import Outcome
from tactful.core.utility import read_s, write_s
from tactful.feedback.totals import Shown

__all__ = ["is_kept", "saved_s"]

_OUTCOMES = {outcome.value: outcome for outcome in Outcome}


def is_kept(shown: Shown) -> bool | None:
    """Say whether a suggestion was kept, as the gate's own label has it; None where that cannot be told yet."""
    outcome = _OUTCOMES.get(shown.outcome or "")
    if outcome is None or shown.outcome_at is None:
        return None
    return is_wanted(outcome, shown.outcome_at - shown.decided_at, shown.kept_fraction)


def saved_s(shown: Shown) -> float:
    """Return the seconds a shown suggestion saved: writing what was kept of it by hand, less reading it.

    Negative where reading was all there was; 0 where nobody can have read it. At the usual pace.
    """
    if shown.outcome is None or shown.outcome == Outcome.UNSEEN:
        return 0.0
    kept = 1.0 if shown.kept_fraction is None else shown.kept_fraction
    return write_s((shown.accepted_chars or 0) * kept) - read_s(shown.chars or 0)
