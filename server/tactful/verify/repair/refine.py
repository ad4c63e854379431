"""Linear refinement: lines of tries begin side by side, and each goes on from what its last code did.

Self-debugging (Chen et al., arXiv 2304.05128) with the bug named before the code. A line that comes back to code that
was tried before goes in circles; it ends, and a new one begins with another bug.
"""

from collections.abc import Sequence

from tactful.verify.repair.strategy import FIRST_TRIES, Attempt, Move, Turn

__all__ = ["Refine"]


class Refine:
    """The strategy `refine`; `width` lines at a time."""

    def __init__(self, width: int = FIRST_TRIES) -> None:
        self._begun = 0
        self._width = width
        self._idle: list[tuple[Attempt, ...]] = []  # lines that wait for their next turn
        self._ended = 0  # lines that a new one has to take the place of
        self._known: list[Attempt] = []

    def turns(self, room: int) -> Sequence[Turn]:
        """Return the first tries, then the next turn of each line, that with the best code first."""
        found: list[Turn] = []
        while self._begun < self._width and len(found) < room:
            found.append(Turn(move=Move.FIRST, number=self._begun))
            self._begun += 1
        self._idle.sort(key=lambda line: -line[-1].reward)
        while self._idle and len(found) < room:
            line = self._idle.pop(0)
            found.append(Turn(move=Move.REFINE, line=line, others=self._outside(line)))
        while self._ended and len(found) < room:
            found.append(Turn(move=Move.OTHER, others=tuple(self._known), number=len(found)))
            self._ended -= 1
        return found

    def learn(self, turn: Turn, attempt: Attempt | None) -> None:
        """Go on from the attempt; a line without an answer stays where it was."""
        if attempt is None:
            self._idle += [turn.line] if turn.line else []
            self._ended += not turn.line
            return
        circles = bool(attempt.code) and any(attempt.code == each.code for each in self._known)
        self._known.append(attempt)
        if circles:
            self._ended += 1
        else:
            self._idle.append((*turn.line, attempt))

    def _outside(self, line: tuple[Attempt, ...]) -> tuple[Attempt, ...]:
        inside = {each.number for each in line}
        return tuple(each for each in self._known if each.number not in inside)
