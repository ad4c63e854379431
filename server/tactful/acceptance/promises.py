"""The thresholds of one cascade, by the share of wanted suggestions that may be lost.

The server looks one up whenever the programmer says how much may be lost; nothing is trained again. Must not know: how
thresholds are chosen (`thresholds`), what a score means.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["NOTHING_PROMISED", "SHARES", "Promises", "promises_data", "read_promises"]

SHARES = (0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """For each share that may be lost (ascending) the least score that passes each stage; 0 where none is promised.

    Those of stage 2 are for comparable scores, see `tactful.core.utility`.
    """

    shares: tuple[float, ...] = ()
    stage1: tuple[float, ...] = ()
    stage2: tuple[float, ...] = ()

    def threshold(self, stage: int, max_lost: float) -> float:
        """Return the threshold of the largest share that is not above `max_lost`, 0 where there is none."""
        place = bisect_right(self.shares, max_lost + 1e-9)
        return (self.stage1 if stage == 1 else self.stage2)[place - 1] if place else 0.0


NOTHING_PROMISED = Promises()


def promises_data(promises: Promises) -> dict[str, list[float]]:
    """Return `promises` as JSON holds them."""
    return {"shares": list(promises.shares), "stage1": list(promises.stage1), "stage2": list(promises.stage2)}


def read_promises(data: Mapping[str, Any]) -> Promises:
    """Return what `promises_data` wrote. Raises ValueError, with the end of a sentence, for anything else."""
    columns = [_column(data.get(name)) for name in ("shares", "stage1", "stage2")]
    shares, stage1, stage2 = columns
    if not len(shares) == len(stage1) == len(stage2):
        raise ValueError("its promises are cut")
    if list(shares) != sorted(set(shares)):
        raise ValueError("its promises do not ascend")
    return Promises(shares=shares, stage1=stage1, stage2=stage2)


def _column(data: object) -> tuple[float, ...]:
    found: Sequence[Any] = data if isinstance(data, list) else ()
    if not isinstance(data, list) or any(type(value) not in (int, float) for value in found):
        raise ValueError("a part of its promises is missing")
    if not all(0 <= value <= 1 for value in found):
        raise ValueError("a promise is not a share")
    return tuple(map(float, found))
