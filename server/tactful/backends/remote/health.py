"""Whether the endpoint may be asked now: after trouble it is left in peace for a while, then one request tries again.

Nothing is sent on its own account; the next request that is wanted anyway is the trial. Pure: the time is given.
"""

from tactful.backends.remote.trouble import Cause, EndpointTrouble

__all__ = ["Health"]

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_STEADY_PAUSE_S = 15.0  # for trouble that a person has to mend
_LONGEST_ASKED_S = 3600.0
_TRIAL_S = 10.0
_STEADY = (
    *(Cause.UNAUTHORIZED, Cause.NO_MODEL, Cause.NO_INSERT, Cause.REJECTED),
    *(Cause.CERTIFICATE, Cause.PROXY, Cause.FOREIGN),
)


class Health:
    """The endpoint's last trouble, and when it may be asked again (seconds on the monotonic clock)."""

    def __init__(self) -> None:
        self.trouble: EndpointTrouble | None = None
        self._failures = 0
        self._closed_until = 0.0

    def may_ask(self, now: float) -> bool:
        """Say whether a request may be sent; after trouble, one at a time."""
        if self.is_closed(now):
            return False
        self._closed_until = now + _TRIAL_S
        return True

    def is_closed(self, now: float) -> bool:
        """Say whether the endpoint is left in peace now."""
        return self.trouble is not None and now < self._closed_until

    def failed(self, trouble: EndpointTrouble, now: float) -> None:
        """Take in that a request failed."""
        self._failures += 1
        self.trouble = trouble
        self._closed_until = now + self._pause_s(trouble)

    def answered(self) -> None:
        """Take in that a request was answered: all is well again."""
        self.trouble = None
        self._failures = 0

    def given_up(self, now: float) -> None:
        """Take in that a request was closed before it told anything: a trial may be made again at once."""
        if self.trouble is not None:
            self._closed_until = now

    def _pause_s(self, trouble: EndpointTrouble) -> float:
        if trouble.retry_after_s is not None:
            return min(max(trouble.retry_after_s, _FIRST_PAUSE_S), _LONGEST_ASKED_S)
        if trouble.cause in _STEADY:
            return _STEADY_PAUSE_S
        return min(_FIRST_PAUSE_S * 2.0 ** min(self._failures - 1, 10), _LONGEST_PAUSE_S)
