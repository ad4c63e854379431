"""What counts as kept, and what a suggestion saved or cost in seconds.

Must not know: where decisions come from, how figures are shown.
"""

from tactful.core.types import Outcome
from tactful.core.utility import read_s, write_s
from tactful.feedback.totals import Shown

__all__ = ["LEAST_SEEN_S", "MOSTLY", "is_kept", "saved_s"]

MOSTLY = 0.5  # the share of an accepted text that has to be there later
LEAST_SEEN_S = 1.0  # what is turned down sooner was hardly read
_TAKEN = (Outcome.ACCEPTED, Outcome.PARTLY_ACCEPTED)


def is_kept(shown: Shown) -> bool | None:
    """Say whether a shown suggestion was wanted: accepted and mostly still there later, or typed by hand just so.

    None where that cannot be told: nothing came of it yet, nobody can have read it, or it was gone within a second.
    """
    outcome = shown.outcome
    if outcome is None or outcome == Outcome.UNSEEN:
        return None
    if outcome == Outcome.TYPED_THROUGH:
        return True
    if outcome in _TAKEN:
        return shown.kept_fraction is None or shown.kept_fraction >= MOSTLY
    seen_s = (shown.outcome_at or shown.decided_at) - shown.decided_at
    return None if seen_s < LEAST_SEEN_S else False


def saved_s(shown: Shown) -> float:
    """Return the seconds a shown suggestion saved: writing what was kept of it by hand, less reading it.

    Negative where reading was all there was; 0 where nobody can have read it. At the usual pace.
    """
    if shown.outcome is None or shown.outcome == Outcome.UNSEEN:
        return 0.0
    kept = 1.0 if shown.kept_fraction is None else shown.kept_fraction
    return write_s((shown.accepted_chars or 0) * kept) - read_s(shown.chars or 0)
