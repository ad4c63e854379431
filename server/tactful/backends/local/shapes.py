"""Shapes: contexts whose names are replaced by where they stood before, so that a pattern carries over to other names.

In `self.width = |` the shape of the last four tokens is `self . NEW =` and what follows is "the name two tokens back",
whatever it is called. A name in a shape is either new or "the same as so many tokens later"; everything else
(operators, keywords, line tokens) stands for itself. What follows is a name within reach (a copy) or a token.

Shapes are known by a 32-bit hash that does not depend on any vocabulary. This module knows tokens and arrays; it must
not know of layers.
"""

import zlib
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from tactful.backends.local.tokens import FIRST_WORD, SEPARATOR, Vocabulary
from tactful.core.languages import LANGUAGES

__all__ = [
    "NUMBER_CODE",
    "ORDERS",
    "REACH",
    "NameCodes",
    "shape_hashes",
    "shape_key",
    "shape_table",
    "token_codes",
    "word_code",
]

ORDERS = (3, 6)  # tokens of context in a shape
REACH = 16  # how many tokens back a copied name may stand

NUMBER_CODE = 3  # the code of a token that is a number
_NAME = 0  # the code of a token that is a name
_NEW = 0x9E3779B1
_BACK = 0x85EBCA6B
_MULTIPLIER = 0x01000193
_MASK = 0xFFFFFFFF
_FAR = 2**31 - 1
_OTHER_WORDS = (
    "self cls super print len range str int float bool dict list set tuple isinstance getattr hasattr None True False"
    " undefined null true false struct impl fn pub mut use match func package nil end then local unless require"
)
_PLAIN_WORDS = frozenset(_OTHER_WORDS.split()).union(*(known.keywords for known in LANGUAGES))


def word_code(text: str) -> int:
    """Return what the token `text` stands for in a shape; 0 for a name."""
    if text.isidentifier():
        return _NAME if text not in _PLAIN_WORDS else zlib.crc32(text.encode()) | 1
    if text[:1].isdigit():
        return NUMBER_CODE
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) | 1


def token_codes(texts: Iterable[str], first: int = 0) -> NDArray[np.uint32]:
    """Return the codes of tokens numbered from `first`; separators and line tokens (no text) stand for themselves."""
    codes = [word_code(text) if number >= FIRST_WORD else 2 * number + 1 for number, text in enumerate(texts, first)]
    return np.array(codes, np.uint32)


class NameCodes:
    """The codes of a growing vocabulary's tokens, as an array that is extended when words are added."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._texts = vocabulary.texts
        self._codes = np.zeros(0, np.uint32)

    @property
    def codes(self) -> NDArray[np.uint32]:
        """Return one code for each token that the vocabulary has now."""
        known = len(self._codes)
        if known < len(self._texts):
            self._codes = np.concatenate([self._codes, token_codes(self._texts[known:], known)])
        return self._codes


def shape_hashes(
    tokens: NDArray[np.uint32], codes: NDArray[np.uint32]
) -> tuple[list[NDArray[np.uint32]], NDArray[np.int32]]:
    """Return for each order the hash of the shape before each token, and how far back each token stood before.

    The second array is 0 where the token is no name or did not occur within REACH. Hashes near the start, where the
    context is too short, are those of a context of separators.
    """
    size = len(tokens)
    token_codes = codes[tokens]
    is_name = token_codes == _NAME
    distance = _distance_to_next(tokens, is_name)
    hashes = []
    value = np.zeros(size, np.uint32)
    for depth in range(1, max(ORDERS) + 1):
        code = np.full(size, 1, np.uint32)
        if depth < size:
            ahead = distance[: size - depth]
            named = np.where(ahead < depth, np.uint32(_BACK) * ahead.astype(np.uint32), np.uint32(_NEW))
            code[depth:] = np.where(is_name[: size - depth], named, token_codes[: size - depth])
        value = (value ^ code) * np.uint32(_MULTIPLIER)
        value ^= value >> np.uint32(15)
        if depth in ORDERS:
            hashes.append(value.copy())
    back = np.zeros(size, np.int32)
    origins = np.flatnonzero(distance <= REACH)
    back[origins + distance[origins]] = distance[origins]
    return hashes, back


def shape_key(context: Sequence[int], codes: NDArray[np.uint32]) -> list[int]:
    """Return for each order the hash of the shape of `context` (tokens, newest last)."""
    keys = []
    value = 0
    seen: dict[int, int] = {}
    for depth in range(1, max(ORDERS) + 1):
        code = 1
        if depth <= len(context):
            token = context[-depth]
            code = int(codes[token])
            if code == _NAME:
                later = seen.get(token)
                code = _NEW if later is None else (_BACK * (depth - later)) & _MASK
                seen[token] = depth
        value = ((value ^ code) * _MULTIPLIER) & _MASK
        value ^= value >> 15
        if depth in ORDERS:
            keys.append(value)
    return keys


def shape_table(
    raws: NDArray[np.uint32], codes: NDArray[np.uint32], least: int, skip: int = 0
) -> list[tuple[NDArray[np.uint32], NDArray[np.uint32]]]:
    """Return for each order what follows its shapes: sorted keys, and `target << 8 | blanks << 6 | count` beside each.

    A target is a distance up to REACH (a copy) or REACH + token. Pairs seen fewer than `least` times are left out, a
    count is at most 63. Within a key the most frequent target comes first. The first `skip` tokens are context only.
    """
    tokens = raws >> np.uint32(2)
    hashes, back = shape_hashes(tokens, codes)
    keep = tokens != SEPARATOR
    keep[:skip] = False
    targets = np.where(back > 0, back, tokens.astype(np.int64) + REACH)[keep].astype(np.uint64)
    targets = targets << np.uint64(2) | (raws[keep] & np.uint32(3)).astype(np.uint64)
    tables = []
    for keys in hashes:
        pairs, counts = np.unique(keys[keep].astype(np.uint64) << np.uint64(32) | targets, return_counts=True)
        often = counts >= least
        pairs, counts = pairs[often], np.minimum(counts[often], 63)
        by_count = np.lexsort((-counts, pairs >> np.uint64(32)))
        packed = (pairs[by_count] & np.uint64(_MASK)) << np.uint64(6) | counts[by_count].astype(np.uint64)
        tables.append(((pairs[by_count] >> np.uint64(32)).astype(np.uint32), packed.astype(np.uint32)))
    return tables


def _distance_to_next(tokens: NDArray[np.uint32], is_name: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many tokens later each name occurs again; a very large number where it does not, or is no name."""
    distance = np.full(len(tokens), _FAR, np.int64)
    places = np.flatnonzero(is_name)
    ordered = places[np.argsort(tokens[places], kind="stable")]
    same = tokens[ordered[1:]] == tokens[ordered[:-1]]
    distance[ordered[:-1][same]] = np.diff(ordered)[same]
    return distance
