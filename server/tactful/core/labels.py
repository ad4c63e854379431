"""What an outcome teaches: was the suggestion wanted? The label that the gate learns from its user.

Knows: outcomes, how long a suggestion was there, how much of it stayed. Must not know: models, the store, the clock.
"""

from tactful.core.types import Outcome

__all__ = ["BLINK_S", "KEPT_SHARE", "is_wanted"]

BLINK_S = 1.0  # a refusal faster than this says nothing: in the CUPS study 18% were, and nobody reads so fast
KEPT_SHARE = 0.5  # of an accepted text that has to be there still for it to count as kept

_TAKEN = (Outcome.ACCEPTED, Outcome.PARTLY_ACCEPTED)


def is_wanted(outcome: Outcome, shown_s: float | None, kept_share: float | None) -> bool | None:
    """Say whether a suggestion was wanted, None where its outcome does not tell.

    Wanted is what was typed through, and what was accepted and is mostly still there later (`kept_share` in [0, 1]; an
    accepted text of which nothing more is known yet counts as kept). Acceptance alone would favour short suggestions,
    which are quickly taken and quickly deleted. Not wanted is what was refused or left after a second or more
    (`shown_s`); what was unseen, or refused sooner, tells nothing.
    """
    if outcome is Outcome.TYPED_THROUGH:
        return True
    if outcome in _TAKEN:
        return kept_share is None or kept_share >= KEPT_SHARE
    seen = outcome is not Outcome.UNSEEN and (shown_s is None or shown_s >= BLINK_S)
    return False if seen else None
