"""What a suggestion is worth in seconds: the time to write it by hand against the time to read it.

Knows: lengths, probabilities, a programmer's pace. Must not know: how a score comes about, modes, what is promised.

The terms, for a suggestion of n characters that is wanted with probability p:

    write(n) = write_s_per_char * n                what is saved when it is taken
    read(n)  = glance_s + read_s_per_char * n      what every suggestion costs that appears
    worth    = p * write(n) - read(n)              expected seconds saved by showing it
"""

from dataclasses import dataclass

__all__ = ["USUAL_PACE", "Pace", "break_even", "comparable", "least_score", "read_s", "worth_s", "write_s"]

_YARDSTICK = 10  # characters of the suggestion that others are compared with


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a programmer writes and reads; the defaults hold until their own is known.

    The defaults are quartiles over the 14 programmers of the CUPS study (Mozannar, Bansal, Fourney, Horvitz, "Reading
    Between the Lines", CHI 2024), the quick ones, because slower ones hold thought that no suggestion spares:
    0.24 s for a character between two suggestions less than 8 s apart, and 0.75 s plus 0.022 s for each character (a
    line through the lower quartile) from a suggestion's appearance to its rejection.
    """

    write_s_per_char: float = 0.24
    glance_s: float = 0.75
    read_s_per_char: float = 0.022


USUAL_PACE = Pace()


def write_s(chars: float, pace: Pace = USUAL_PACE) -> float:
    """Return the seconds that `chars` characters take to write by hand."""
    return pace.write_s_per_char * chars


def read_s(chars: float, pace: Pace = USUAL_PACE) -> float:
    """Return the seconds that a suggestion of `chars` characters takes to notice and to read."""
    return pace.glance_s + pace.read_s_per_char * chars


def worth_s(score: float, chars: float, pace: Pace = USUAL_PACE) -> float:
    """Return the seconds that showing saves on average; negative where it costs more than it saves."""
    return score * write_s(chars, pace) - read_s(chars, pace)


def break_even(chars: float, pace: Pace = USUAL_PACE, caution: float = 1.0) -> float:
    """Return the least probability at which showing pays when reading is taken `caution` times as dear; 1 if none."""
    return min(1.0, caution * read_s(chars, pace) / max(write_s(chars, pace), 1e-9))


def comparable(score: float, chars: float) -> float:
    """Return the score at which a suggestion of ten characters would be as good to hide as this one.

    Who hides the suggestions that cost most time for each wanted one among them hides those with the least
    write - read / p first, so what is equal in that is equal. With it suggestions of all lengths are held against one
    threshold. In [0, 1], rising with `score`; always at the usual pace, so that what was promised of a threshold holds
    for everybody.
    """
    if score <= 0:
        return 0.0
    price = read_s(chars) / score - write_s(chars) + write_s(_YARDSTICK)
    return min(1.0, read_s(_YARDSTICK) / price) if price > 0 else 1.0


def least_score(threshold: float, chars: float) -> float:
    """Return the score at which a suggestion of `chars` characters reaches a comparable score of `threshold`."""
    if threshold <= 0:
        return 0.0
    price = read_s(_YARDSTICK) / threshold - write_s(_YARDSTICK) + write_s(chars)
    return min(1.0, read_s(chars) / price) if price > 0 else 1.0
