"""The hand and the eye of a simulated programmer: how long each key press and each reading takes.

The CUPS study recorded no key presses, so the shape is assumed and its numbers are set so that stretches of text like
those that its 14 programmers typed between two suggestions take as long per character: lower quartile 0.25 s (study:
0.27), median 0.45 s (0.48), upper quartile 0.7 s (1.03, which holds time that no model of a hand has). Reading a
suggestion takes as long as `tactful.core.utility` says (a line through the lower quartile of the times to rejection in
that study), with the spread of the study's times. Must not know: suggestions, policies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from random import Random

from tactful.core.utility import read_s

__all__ = ["ACCEPT_S", "NOTICED_S", "Typing", "type_text"]

NOTICED_S = 0.25  # a simple visual reaction takes about as long: what goes sooner was not read
ACCEPT_S = 0.17  # one key press
# Median seconds and spread (standard deviation of the logarithm).
_KEY = (0.17, 0.4)
_WORD = (0.5, 1.5)  # before a word, on top of the key
_LINE = (3.0, 1.2)  # before a line: thinking, which no suggestion spares
_READING_SPREAD = 0.6
_LONGEST_S = 60.0  # longer pauses are no part of writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing:
    """For each character of a text the seconds before it: of the hand, and of thinking about the line that begins.

    `reading` is by how much reading takes longer or shorter than usual if something is shown before that character.
    """

    hand: Sequence[float]
    thinking: Sequence[float]
    reading: Sequence[float]

    def pause(self, index: int) -> float:
        """Return the seconds between the key press before the character at `index` and its own."""
        return self.hand[index] + self.thinking[index]

    def read_s(self, index: int, chars: int) -> float:
        """Return the seconds it takes to notice and read a suggestion of `chars` characters."""
        return read_s(chars) * self.reading[index]


def type_text(text: str, random: Random) -> Typing:
    """Return how `text` is typed; it is the same for the same text and state of `random`."""
    hand, thinking = [], []
    before = "\n"
    for character in text:
        word_begins = _in_word(character) and not _in_word(before) and before != "\n"
        hand.append(_draw(_KEY, random) + (_draw(_WORD, random) if word_begins else 0.0))
        thinking.append(_draw(_LINE, random) if before == "\n" else 0.0)
        before = character
    reading = [exp(_READING_SPREAD * random.gauss(0, 1)) for _ in text]
    return Typing(hand=hand, thinking=thinking, reading=reading)


def _draw(shape: tuple[float, float], random: Random) -> float:
    median, spread = shape
    return min(_LONGEST_S, median * exp(spread * random.gauss(0, 1)))


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
