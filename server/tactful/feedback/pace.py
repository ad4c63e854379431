"""How fast this programmer writes and reads, from their own key presses and from what became of suggestions.

Knows no clock and keeps numbers alone. As in the defaults, the quick quartile counts: slower samples hold thought that
no suggestion spares. Until thirty samples are known, the default stands.
"""

import json
import sqlite3
from collections import deque
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from math import expm1
from pathlib import Path

from tactful.core.types import Outcome
from tactful.core.utility import USUAL_PACE, Pace, read_s

__all__ = ["PaceTracker", "remembered_pace"]

_SAMPLES = 200
_LEAST_SAMPLES = 30
_READ = (Outcome.ACCEPTED, Outcome.REJECTED)  # a person has looked and made up their mind
_SECONDS_READ = (0.25, 60.0)  # sooner was not read, later was something else
_S_PER_CHAR = (0.05, 1.0)
_FACTOR = (0.4, 2.5)  # how far a reader may be from the usual


class PaceTracker:
    """The last two hundred samples of writing and of reading."""

    def __init__(self) -> None:
        self._s_per_char: deque[float] = deque(maxlen=_SAMPLES)
        self._factors: deque[float] = deque(maxlen=_SAMPLES)

    def typed(self, ms_between_edits: float | None) -> None:
        """Take note of the mean time between the last edits."""
        if ms_between_edits:
            self._s_per_char.append(ms_between_edits / 1000)

    def decided(self, outcome: Outcome, chars: int, seconds: float) -> None:
        """Take note of what became of a suggestion of `chars` characters `seconds` after it was shown."""
        if outcome in _READ and _SECONDS_READ[0] <= seconds <= _SECONDS_READ[1]:
            self._factors.append(seconds / read_s(chars))

    def pace(self) -> Pace:
        """Return the programmer's own pace as far as it is known."""
        pace = USUAL_PACE
        if len(self._s_per_char) >= _LEAST_SAMPLES:
            pace = replace(pace, write_s_per_char=_within(_quick(self._s_per_char), _S_PER_CHAR))
        if len(self._factors) >= _LEAST_SAMPLES:
            factor = _within(_quick(self._factors), _FACTOR)
            pace = replace(pace, glance_s=pace.glance_s * factor, read_s_per_char=pace.read_s_per_char * factor)
        return pace


_TYPED = """
SELECT feature_sets.names, decisions.stage1_values FROM decisions
JOIN feature_sets ON feature_sets.id = decisions.stage1_set
ORDER BY decisions.number DESC LIMIT ?
"""
_DECIDED = """
SELECT outcomes.outcome, decisions.suggestion_chars, outcomes.at - decisions.decided_at FROM decisions
JOIN outcomes ON outcomes.suggestion_id = decisions.id
WHERE outcomes.outcome IN (?, ?) AND decisions.suggestion_chars IS NOT NULL
ORDER BY decisions.number DESC LIMIT ?
"""


def remembered_pace(database: Path) -> PaceTracker:
    """Return a tracker with the last samples of earlier sessions; empty where they cannot be read."""
    tracker = PaceTracker()
    if not database.exists():
        return tracker
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            typed = connection.execute(_TYPED, (_SAMPLES,)).fetchall()
            decided = connection.execute(_DECIDED, (*(one.value for one in _READ), _SAMPLES)).fetchall()
    except sqlite3.Error:  # the store itself tells of a database that cannot be used
        return tracker
    for names, values in reversed(typed):
        tracker.typed(_ms_between_edits(names, values))
    for outcome, chars, seconds in reversed(decided):
        tracker.decided(Outcome(outcome), chars, seconds)
    return tracker


def _ms_between_edits(names: str, values: str) -> float | None:
    """Return the feature of that name from a recorded row; it was recorded as log(1 + ms)."""
    found = dict(zip(json.loads(names), json.loads(values), strict=False)).get("ms_between_edits")
    return None if found is None else expm1(found)


def _quick(samples: Iterable[float]) -> float:
    ordered = sorted(samples)
    return ordered[len(ordered) // 4]


def _within(value: float, limits: tuple[float, float]) -> float:
    return min(max(value, limits[0]), limits[1])
