"""Secrets out, placeholders in: for prompts with a number that stays the same, for the log with a plain word.

A secret is remembered here for as long as the process lives, to give it the same number again; never on disk.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from tactful.core.placeholders import placeholder
from tactful.privacy.secrets import Span, find_secrets, is_settings_file, key_blocks, merged

__all__ = ["Around", "Redacted", "Redactor", "scrub"]

_PLACEHOLDER = re.compile(placeholder(0).replace("0", r"\d+"))
_SCRUBBED = "[redacted]"
_BLOCK = 1_024  # characters of a text above the cursor, about, that are looked at together
_FAR = 2_000  # characters of a line that are looked at beyond the ends of the text asked for


class Redacted(NamedTuple):
    """A text that may leave the machine, and how many secrets it had."""

    text: str
    redactions: int


class Around(NamedTuple):
    """The text before and after a cursor as it may leave the machine, and how many secrets it had."""

    prefix: str
    suffix: str
    redactions: int


class Redactor:
    """Replaces secrets by placeholders; the same secret has the same one in all texts."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def redact(self, text: str, path: str) -> Redacted:
        """Return `text`, from the file at `path`, without its secrets."""
        spans = _secrets(text, is_settings_file(path))
        return Redacted(self._replace(text, spans, 0, len(text)), len(spans))

    def around(self, text: str, start: int, offset: int, end: int, path: str) -> Around | None:
        """Return `text[start:offset]` and `text[offset:end]` without secrets; None where the cursor stands in one.

        Whole lines are looked at, so that neither the cursor nor an end hides the secret that it divides; and anew only
        those that changed.
        """
        bare = is_settings_file(path)
        first = max(text.rfind("\n", 0, start) + 1, start - _FAR)
        last = min(_line_end(text, end), end + _FAR)
        line_start = max(first, text.rfind("\n", first, offset) + 1)
        line_end = min(last, _line_end(text, offset))
        spans = [span for span in key_blocks(text) if span.end > start and span.start < end]
        for left, right in (*_blocks(text, first, line_start), (line_start, line_end), (line_end, last)):
            spans += [Span(left + span.start, left + span.end) for span in _secrets(text[left:right], bare)]
        spans = [span for span in merged(spans) if span.end > start and span.start < end]
        if any(span.start < offset <= span.end for span in spans):
            return None
        return Around(self._replace(text, spans, start, offset), self._replace(text, spans, offset, end), len(spans))

    def piece(self, text: str, start: int, end: int, path: str) -> Redacted | None:
        """Return `text[start:end]` without secrets, None where it begins within one."""
        around = self.around(text, start, start, end, path)
        return None if around is None else Redacted(around.suffix, around.redactions)

    def restore(self, text: str) -> str:
        """Return `text`, which a model made of redacted ones, with the secrets where their placeholders stand."""
        names = {placeholder(number): secret for secret, number in self._numbers.items()}
        return _PLACEHOLDER.sub(lambda found: names.get(found[0], found[0]), text)

    def _replace(self, text: str, spans: Sequence[Span], start: int, end: int) -> str:
        pieces, at = [], start
        for span in spans:
            if span.end <= start or span.start >= end:
                continue
            number = self._numbers.setdefault(text[span.start : span.end], len(self._numbers) + 1)
            pieces += [text[at : max(at, span.start)], placeholder(number)]
            at = min(end, span.end)
        return "".join([*pieces, text[at:end]])


def scrub(text: str) -> str:
    """Return `text`, a message for the log or the user, with the usual secrets replaced by a word. Loads no library."""
    pieces, at = [], 0
    for span in find_secrets(text, thorough=False):
        pieces += [text[at : span.start], _SCRUBBED]
        at = span.end
    return "".join([*pieces, text[at:]])


def _blocks(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield offsets of whole lines that cover `text[start:end]`, most of them the same as for a start or end near by.

    So what was found in them is known while the programmer goes on below. No secret but a private key has more lines
    than one.
    """
    at = text.rfind("\n", max(0, start - _FAR), start // _BLOCK * _BLOCK) + 1
    at = at if 0 < at <= start or start < _BLOCK else start
    while at < end:
        after = (at // _BLOCK + 1) * _BLOCK
        stop = text.rfind("\n", at, after) + 1 or text.find("\n", after) + 1 or end
        yield at, min(stop, end)
        at = stop


@lru_cache(maxsize=1024)
def _secrets(text: str, bare: bool) -> tuple[Span, ...]:
    return tuple(find_secrets(text, bare=bare))


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return found if found >= 0 else len(text)
