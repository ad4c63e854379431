"""Independent samples, nothing learned from one for the next: what the searches are compared with."""

from collections.abc import Sequence

from tactful.verify.repair.strategy import FIRST_TRIES, Attempt, Move, Turn

__all__ = ["Sample"]


class Sample:
    """The strategy `sample`: first tries only, a few at a time."""

    def __init__(self, width: int = FIRST_TRIES) -> None:
        self._width = width
        self._out = 0
        self._asked = 0

    def turns(self, room: int) -> Sequence[Turn]:
        """Return as many first tries as may be out at the same time."""
        count = max(0, min(room, self._width - self._out))
        numbers = range(self._asked, self._asked + count)
        self._asked += count
        self._out += count
        return [Turn(move=Move.FIRST, number=number) for number in numbers]

    def learn(self, turn: Turn, attempt: Attempt | None) -> None:
        """Make room for the next one."""
        self._out -= 1
