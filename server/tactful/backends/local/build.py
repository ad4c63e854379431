"""Files to the bytes of one index layer.

It knows how a layer is made and written; it must not know which files belong to it, nor where layers are kept.
"""

import json
import os
import tempfile
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tactful.backends.local.segment import pack_segment
from tactful.backends.local.shapes import ORDERS, shape_table, token_codes
from tactful.backends.local.tokens import FIRST_WORD, SEPARATOR, Vocabulary, text_raws

__all__ = ["Source", "build_segment", "write_atomically"]


_SMALL = 1_000_000  # tokens; in larger layers, shapes that were seen once are not worth their place


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file to index: its path, its text, and what it looked like on disk when it was read."""

    path: str
    text: str
    mtime_ns: int = 0
    size: int = 0


def build_segment(
    sources: Iterable[Source],
    *,
    max_tokens: int,
    meta: dict[str, object],
    on_file: Callable[[], None] = lambda: None,
) -> bytes:
    """Return a layer that holds `sources`, in order, up to `max_tokens` tokens."""
    vocabulary = Vocabulary()
    raws = array("I", [SEPARATOR])
    files: list[tuple[str, int, int, int, int]] = []
    for source in sources:
        start = len(raws)
        raws.extend(text_raws(source.text, vocabulary))
        raws.append(SEPARATOR)
        files.append((source.path, start, len(raws), source.mtime_ns, source.size))
        on_file()
        if len(raws) >= max_tokens:
            break
    numbers, words, word_ends = _sorted_words(vocabulary)
    read = np.frombuffer(raws, np.uint32)
    sorted_raws = (numbers[read >> 2] << 2 | read & 3).astype(np.uint32)
    tokens = sorted_raws >> 2
    sections = {
        **_shape_sections(sorted_raws, words, word_ends, 2 if len(raws) > _SMALL else 1),
        "raws": sorted_raws.tobytes(),
        "order": _context_order(tokens).tobytes(),
        "starts": _starts(tokens, len(word_ends)).tobytes(),
        "word_ends": word_ends.tobytes(),
        "words": words,
        "files": json.dumps(files).encode("utf-8", "surrogatepass"),
    }
    return pack_segment(sections, {**meta, "tokens": len(raws), "files": len(files)})


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that a reader sees all of it or none. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _sorted_words(vocabulary: Vocabulary) -> tuple[NDArray[np.uint32], bytes, NDArray[np.uint32]]:
    """Return the new number of each token (words in byte order), the words in a row, and where each ends."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in vocabulary.texts]
    order = [*range(FIRST_WORD), *sorted(range(FIRST_WORD, len(encoded)), key=encoded.__getitem__)]
    numbers = np.zeros(len(order), np.uint32)
    numbers[order] = np.arange(len(order), dtype=np.uint32)
    in_order = [encoded[token] for token in order]
    ends = np.cumsum([len(word) for word in in_order]).astype(np.uint32)
    return numbers, b"".join(in_order), ends


def _context_order(tokens: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Return all positions, sorted by the tokens that end there, read backwards.

    Suffix array of the reversed tokens. Three bytes a token, most significant first, keep the order of numbers, so the
    byte-wise construction (Mori's divsufsort) can be used and every third of its entries kept.
    """
    from pydivsufsort import divsufsort

    reversed_tokens = tokens[::-1].astype(">u4")
    as_bytes = np.ascontiguousarray(reversed_tokens.view(np.uint8).reshape(-1, 4)[:, 1:]).reshape(-1)
    suffixes = divsufsort(as_bytes)
    whole = suffixes[suffixes % 3 == 0] // 3
    order: NDArray[np.int32] = (len(tokens) - 1 - whole).astype(np.int32)
    return order


def _shape_sections(
    raws: NDArray[np.uint32], words: bytes, word_ends: NDArray[np.uint32], least: int
) -> dict[str, bytes]:
    """Return the tables of shapes; in large layers only what was seen more than once."""
    ends = word_ends.tolist()
    texts = (words[start:end].decode("utf-8", "surrogatepass") for start, end in pairwise([0, *ends]))
    codes = token_codes(texts)
    sections = {}
    for order, (keys, packed) in zip(ORDERS, shape_table(raws, codes, least), strict=True):
        sections[f"shape_keys_{order}"] = keys.tobytes()
        sections[f"shape_targets_{order}"] = packed.tobytes()
    return sections


def _starts(tokens: NDArray[np.uint32], size: int) -> NDArray[np.uint32]:
    counts = np.bincount(tokens, minlength=size)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.uint32)
