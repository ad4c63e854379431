"""Numbers and names as people read them in the report."""

from collections.abc import Sequence

from tactful.core.types import Outcome

__all__ = ["OUTCOMES", "STAGES", "duration", "percent", "quantile", "share"]

STAGES = {
    "gate1": "gate, before generating",
    "backend": "generating",
    "gate2": "gate, with the suggestion",
    "all": "all together",
}
OUTCOMES = {
    Outcome.ACCEPTED.value: "accepted",
    Outcome.PARTLY_ACCEPTED.value: "accepted in part",
    Outcome.TYPED_THROUGH.value: "typed by hand, just so",
    Outcome.REJECTED.value: "something else was typed",
    Outcome.IGNORED.value: "left alone",
    Outcome.UNSEEN.value: "gone before it could be read",
}


def percent(part: float | None) -> str:
    """Return a share as a percentage, a dash where it is not known."""
    return "-" if part is None else f"{part:.0%}"


def share(part: int, whole: int) -> str:
    """Return how large a part of the whole is, a dash where there is no whole."""
    return percent(part / whole if whole else None)


def duration(seconds: float) -> str:
    """Return a time in its two largest units, with a minus sign where it is negative."""
    sign, left = ("-" if seconds < 0 else ""), abs(seconds)
    if left < 60:
        return f"{sign}{left:.0f} s" if round(left) else "0 s"
    minutes = round(left / 60)
    if minutes < 60:
        return f"{sign}{minutes} min"
    return f"{sign}{minutes // 60} h {minutes % 60} min"


def quantile(ordered: Sequence[float], part: float) -> float:
    """Return the value below which `part` of the ordered values lie; there is at least one."""
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
