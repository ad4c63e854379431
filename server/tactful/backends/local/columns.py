"""What kind of token a candidate is, and what kind of moment this is, as numbers: all columns that are not evidence.

Columns of a candidate that stay the same while a line is searched are computed once for each token. The order of the
columns is part of the model's schema, see features.py. This module must not know how evidence is collected.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tactful.backends.local.scope import Binding
from tactful.backends.local.shapes import NUMBER_CODE, word_code
from tactful.backends.local.sight import Sight
from tactful.backends.local.subwords import Derivation, overlap
from tactful.backends.local.tokens import LINE_SAME, Vocabulary

__all__ = ["MOMENT_COLUMNS", "TOKEN_COLUMNS", "Place", "describe", "describe_moment", "is_name_due", "log_count"]

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_QUOTES = frozenset(("'", '"', "`", '"""', "'''"))
_KINDS = 8
_TELLING = (  # tokens that stand for themselves, as a candidate and as the last token
    *("(", ")", "[", "]", "{", "}", ",", ".", ":", "=", "==", '"', "'", '"""', "#", "@", "*"),
    *("self", "return", "if", "in", "not", "import", "from", "def", "class", "for", "is", "None", "as"),
)
_FIRST = ("def", "class", "import", "from", "for", "if", "return", "self", "@", "with", "raise", "assert", "elif")
_TELLING_PLACES = {text: place for place, text in enumerate(_TELLING)}
_FIRST_PLACES = {text: place for place, text in enumerate(_FIRST)}
_BINDINGS, _DERIVATIONS = len(Binding), len(Derivation)
_FIXED = _KINDS + 6 + len(_TELLING) + _BINDINGS + 3 + 3
_CHANGING = 5 + _DERIVATIONS + 2
TOKEN_COLUMNS = _FIXED + _CHANGING
MOMENT_COLUMNS = _KINDS + 12 + len(_TELLING) + len(_FIRST) + 4
_LINE_NAMES = 6  # names of the line whose pieces a candidate is compared with
_LOG = [math.log1p(number) for number in range(1_025)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The place of the next token in its line, and the tokens that are expected there; -1 where there is none."""

    line: tuple[int, ...]
    words: frozenset[int]  # those of the line
    typed: int  # how many tokens of the line were predicted
    below: int  # the next token, if the line goes on as the line below it
    above: int  # the token at the same place of the line above
    names: tuple[str, ...]  # the last names of the line, newest first
    target: str  # the name that is being bound: `x` of `x = ` and of `call(x=`
    derivations: Mapping[int | None, Derivation]  # tokens that are made of the pieces of names nearby

    @classmethod
    def at(cls, sight: Sight, typed: tuple[int, ...], derivations: Mapping[int | None, Derivation]) -> "Place":
        """Return the place after `typed`."""
        line = (*sight.line, *typed)
        size = len(line)
        texts = sight.vocabulary.texts
        words = [texts[token] for token in line]
        names = [word for word in reversed(words) if word.isidentifier() and word_code(word) == 0]
        bound = next((place for place in range(size - 1, 0, -1) if words[place] == "="), 0)
        follows = sight.line_below[size : size + 1] if line == tuple(sight.line_below[:size]) else []
        return cls(
            line=line,
            words=frozenset(line),
            typed=len(typed),
            below=follows[0] if follows else -1,
            above=sight.line_above[size] if size < len(sight.line_above) else -1,
            names=tuple(dict.fromkeys(names))[:_LINE_NAMES],
            target=words[bound - 1] if bound else "",
            derivations=derivations,
        )


def describe(row: NDArray[np.float32], token: int, place: Place, sight: Sight, next_line_share: float) -> None:
    """Write the columns of the candidate `token` into `row`; `next_line_share` is how surely its line ends as below."""
    fixed = sight.described.get(token)
    if fixed is None:
        fixed = sight.described[token] = _fixed(token, sight)
    row[:_FIXED] = fixed
    line = place.line
    if token in place.words:
        row[_FIXED + 1] = 1.0
        row[_FIXED] = token == line[-1]
    if token == place.below:
        row[_FIXED + 2] = 1.0
    if token == place.above:
        row[_FIXED + 3] = 1.0
    if token == LINE_SAME:
        row[_FIXED + 4] = next_line_share
        return
    begin = _FIXED + 5
    derivation = place.derivations.get(token)
    if derivation is not None:
        row[begin + derivation] = 1.0
    begin += _DERIVATIONS
    if place.names and fixed[1]:
        text = sight.vocabulary.texts[token]
        row[begin] = max([overlap(text, name) for name in place.names])
        if place.target:
            row[begin + 1] = overlap(text, place.target)


def describe_moment(moment: NDArray[np.float32], sight: Sight, place: Place, word: str) -> None:
    """Write what is known of the moment, the same for all candidates, into `moment`."""
    line, texts = place.line, sight.vocabulary.texts
    words = [texts[token] for token in line]
    moment[kind_of(line[-1], sight.vocabulary) if line else 0] = 1.0
    depth = sum((text in _OPENING) - (text in _CLOSING) for text in words)
    quotes = sum(text in _QUOTES for text in words)
    begin = _KINDS
    moment[begin : begin + 12] = (
        len(line) / 16,
        max(-2, min(depth, 3)) / 3,
        not line,
        quotes & 1,
        "#" in words or "//" in words,
        bool(sight.rest),
        sight.next_line > 0,
        len(word) / 8,
        sight.in_long_string,
        place.typed / 8,
        bool(sight.line_below) and line == tuple(sight.line_below[: len(line)]),
        line == tuple(sight.line_above[: len(line)]),
    )
    begin += 12
    last, first = _TELLING_PLACES.get(words[-1] if words else ""), _FIRST_PLACES.get(words[0] if words else "")
    if last is not None:
        moment[begin + last] = 1.0
    begin += len(_TELLING)
    if first is not None:
        moment[begin + first] = 1.0
    begin += len(_FIRST)
    scope = sight.scope
    moment[begin : begin + 4] = (
        scope.function > 0,
        bool(scope.members),
        bool(place.target),
        log_count(sum(scope.uses.get(token, 0) <= 1 for token in sight.in_reach[:16])) / 3,
    )


def is_name_due(place: Place, sight: Sight) -> bool:
    """Say whether a name can come next: not after a dot, a name, a number or a closing bracket."""
    if not place.line:
        return True
    last = place.line[-1]
    return kind_of(last, sight.vocabulary) not in (1, 3, 5) and sight.vocabulary.texts[last] != "."


def log_count(number: int) -> float:
    """Return log(1 + number)."""
    return _LOG[number] if number <= 1_024 else math.log1p(number)


def kind_of(token: int, vocabulary: Vocabulary) -> int:
    """Return the kind of a token: line end, name, plain word, number, quote, closing, opening, other sign."""
    return _kind_of(vocabulary.texts[token])


@lru_cache(maxsize=50_000)
def _kind_of(text: str) -> int:
    if not text:
        return 0
    if text.isidentifier():
        return 1 if word_code(text) == 0 else 2
    if text[0].isdigit():
        return NUMBER_CODE
    if text in _QUOTES:
        return 4
    return 5 if text in _CLOSING else 6 if text in _OPENING else 7


def _fixed(token: int, sight: Sight) -> NDArray[np.float32]:
    row = np.zeros(_FIXED, np.float32)
    text = sight.vocabulary.texts[token]
    kind = kind_of(token, sight.vocabulary)
    row[kind] = 1.0
    begin = _KINDS
    distance = sight.last_places.get(token)
    if distance is not None:
        row[begin] = 1.0
        row[begin + 1] = 1 / (1 + log_count(distance))
    if token in sight.below:
        row[begin + 2] = 1.0
    if sight.rest and token == sight.rest[0]:
        row[begin + 3] = 1.0
    row[begin + 4] = len(text) / 10
    row[begin + 5] = log_count(sight.disk[0].count(token)) / 8 if sight.disk else 0.0
    begin += 6
    telling = _TELLING_PLACES.get(text)
    if telling is not None:
        row[begin + telling] = 1.0
    begin += len(_TELLING)
    if kind == 1:
        _describe_name(row[begin:], token, text, sight)
    return row


def _describe_name(row: NDArray[np.float32], token: int, text: str, sight: Sight) -> None:
    scope = sight.scope
    bound = scope.names.get(token)
    uses = scope.uses.get(token, 0)
    begin = _BINDINGS
    if bound is not None:
        row[bound.kind] = 1.0
        row[begin] = bound.kind <= Binding.LOCAL and uses <= 1
        row[begin + 2] = 1 / (1 + log_count(bound.age)) if bound.age else 0.0
    row[begin + 1] = log_count(uses) / 3
    if token in sight.members_of_anything:
        row[begin + 3] = 1.0
    if token in sight.plain_names:
        row[begin + 4] = 1.0
    if scope.function:
        row[begin + 5] = overlap(text, sight.vocabulary.texts[scope.function])
