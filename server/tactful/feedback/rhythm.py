"""How the programmer has been typing in each document, from the last edits alone.

Knows no clock: times are passed in, in seconds. Keeps lengths and times, never text.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from tactful.core.text import Edit
from tactful.core.types import Rhythm

__all__ = ["RhythmTracker"]

_EDITS = 10  # how far back the figures look
_PAUSE_S = 1.0  # a run of typing ends with a pause of this length


@dataclass(slots=True, kw_only=True)
class _Typing:
    times: deque[float] = field(default_factory=lambda: deque(maxlen=_EDITS))
    deletions: deque[bool] = field(default_factory=lambda: deque(maxlen=_EDITS))
    edits: deque[tuple[int, int, int]] = field(default_factory=lambda: deque(maxlen=_EDITS))  # place, removed, written
    undone: deque[bool] = field(default_factory=lambda: deque(maxlen=_EDITS))
    chars_in_run: int = 0
    last_length: int = 0


class RhythmTracker:
    """The rhythm of every open document."""

    def __init__(self) -> None:
        self._typing: dict[str, _Typing] = {}

    def edited(self, uri: str, edit: Edit, at: float) -> None:
        """Take note of an edit at `at` seconds."""
        typing = self._typing.setdefault(uri, _Typing())
        if typing.times and at - typing.times[-1] >= _PAUSE_S:
            typing.chars_in_run = 0
        typing.times.append(at)
        typing.deletions.append(not edit.text)
        typing.undone.append(_takes_back(edit, typing.edits))
        typing.edits.append((edit.start, edit.end - edit.start, len(edit.text)))
        typing.chars_in_run += len(edit.text)
        typing.last_length = len(edit.text)

    def closed(self, uri: str) -> None:
        """Forget a document."""
        self._typing.pop(uri, None)

    def rhythm(self, uri: str, at: float) -> Rhythm:
        """Return the rhythm as it stands at `at` seconds."""
        typing = self._typing.get(uri)
        if typing is None:
            return Rhythm()
        since_s = max(0.0, at - typing.times[-1])
        gaps = len(typing.times) - 1
        between_s = (typing.times[-1] - typing.times[0]) / gaps if gaps else None
        return Rhythm(
            ms_since_last_edit=since_s * 1000,
            ms_between_edits=None if between_s is None else max(0.0, between_s) * 1000,
            chars_in_run=typing.chars_in_run if since_s < _PAUSE_S else 0,
            deletions_in_last_ten=sum(typing.deletions),
            last_edit_length=typing.last_length,
            undone_in_last_ten=sum(typing.undone),
        )


def _takes_back(edit: Edit, earlier: Iterable[tuple[int, int, int]]) -> bool:
    """Say whether `edit` is an earlier one the other way round, as undo makes them; single strokes are typing."""
    removed, written = edit.end - edit.start, len(edit.text)
    return max(removed, written) > 1 and (edit.start, written, removed) in earlier
