"""One layer of the index as a file: tokens, their order by what stands before them, words and files.

The order is a suffix array over the reversed tokens: all places where the same tokens stand before the next one are
neighbours, so a longer context is found by narrowing one interval. The file is memory-mapped and never changed in
place. This module reads and checks it; it must not know which files belong in a layer or how it is used.
"""

import json
import mmap
import struct
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tactful.backends.local.shapes import ORDERS, REACH, shape_table, token_codes
from tactful.backends.local.tokens import FIRST_WORD
from tactful.core.errors import IndexUnusable

__all__ = ["FORMAT_VERSION", "FileEntry", "Segment", "load_segment", "pack_segment"]

FORMAT_VERSION = 3
MAX_ORDER = 12  # tokens of context that are compared

_MAGIC = b"TACTIDX\0"
_PREFIX = struct.Struct("<8sIII")  # magic, format version, header length, crc32 of the header
_ALIGN = 16
_MAX_PREFIX_WORDS = 2_000  # words that are compared for one prefix


_ShapeTable = tuple["memoryview[int]", "memoryview[int]"]  # sorted keys, and what follows each; see shapes.py


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """A file of the layer: where its tokens are, and what it looked like when it was read."""

    path: str
    start: int
    end: int
    mtime_ns: int
    size: int


class Segment:
    """A layer that can be asked what followed a context. Positions that are masked are not part of any answer."""

    def __init__(self, buffer: bytes | mmap.mmap) -> None:
        header, base = _header(buffer)
        view = memoryview(buffer)

        def section(name: str, dtype: type[np.generic]) -> NDArray[np.generic]:
            offset, length = header["sections"][name]
            return np.frombuffer(view, dtype, length // np.dtype(dtype).itemsize, base + offset)

        self._buffer = buffer
        self.raws: NDArray[np.uint32] = section("raws", np.uint32)  # type: ignore[assignment]
        self._order: NDArray[np.int32] = section("order", np.int32)  # type: ignore[assignment]
        self._raw_at = _view(self.raws)
        self._order_at = _view(self._order)
        self._starts = _view(section("starts", np.uint32))
        self._word_ends = _view(section("word_ends", np.uint32))
        self._shapes = [
            (
                _view(section(f"shape_keys_{order}", np.uint32)),
                _view(section(f"shape_targets_{order}", np.uint32)),
            )
            for order in ORDERS
        ]
        words, words_length = header["sections"]["words"]
        self._words = view[base + words : base + words + words_length]
        files, files_length = header["sections"]["files"]
        entries = json.loads(bytes(view[base + files : base + files + files_length]))
        names = ("path", "start", "end", "mtime_ns", "size")
        self.files = tuple(FileEntry(**dict(zip(names, entry, strict=True))) for entry in entries)
        self.meta: Mapping[str, object] = header["meta"]
        self._masks: dict[str, tuple[int, int]] = {}
        self._shapes_of_masked: dict[str, list[_ShapeTable]] = {}

    @property
    def vocabulary_size(self) -> int:
        """Return the number of different tokens, line tokens included."""
        return len(self._word_ends)

    def text(self, token: int) -> str:
        """Return the text of `token`, empty for line tokens and separators."""
        start = self._word_ends[token - 1] if token else 0
        return str(self._words[start : self._word_ends[token]], "utf-8", "surrogatepass")

    def token(self, text: str) -> int | None:
        """Return the number of the token `text` in this layer."""
        found = self._first_word(text.encode("utf-8", "surrogatepass"))
        return found if found < self.vocabulary_size and self.text(found) == text else None

    def words_with_prefix(self, prefix: str, limit: int) -> list[int]:
        """Return at most `limit` tokens whose text begins with `prefix`, the most frequent first."""
        encoded = prefix.encode("utf-8", "surrogatepass")
        first, last = self._first_word(encoded), self._first_word(encoded + b"\xff")
        last = min(last, first + _MAX_PREFIX_WORDS)
        by_count = sorted(range(first, last), key=lambda token: self._starts[token] - self._starts[token + 1])
        return by_count[:limit]

    def count(self, token: int) -> int:
        """Return how often `token` stands in this layer."""
        return int(self._starts[token + 1] - self._starts[token])

    def mask(self, path: str) -> bool:
        """Leave `path` out of all answers from now on; False when it is not part of this layer."""
        for entry in self.files:
            if entry.path == path:
                self._masks[path] = (entry.start, entry.end)
                return True
        return False

    def unmask(self, path: str) -> None:
        """Let `path` be part of answers again."""
        self._masks.pop(path, None)
        self._shapes_of_masked.pop(path, None)

    def intervals(self, context: Sequence[int]) -> list[tuple[int, int]]:
        """Return the interval of the order that matches the last 1, 2, .. tokens of `context`, as long as not empty.

        `context` holds this layer's token numbers, newest last; a negative number matches nothing.
        """
        found: list[tuple[int, int]] = []
        low, high = 0, len(self._order)
        raw_at = self._raw_at
        for depth, token in enumerate(reversed(context[-MAX_ORDER:])):
            if token <= 0:
                break
            if not depth:
                low, high = self._starts[token], self._starts[token + 1]
            else:

                def key(position: int, depth: int = depth) -> int:
                    return raw_at[position - depth] >> 2

                low = bisect_left(self._order_at, token, low, high, key=key)
                high = bisect_right(self._order_at, token, low, high, key=key)
            if low >= high:
                break
            found.append((low, high))
        return found

    def followers(self, low: int, high: int, limit: int) -> list[int]:
        """Return the raws that follow the contexts of an interval: all, or `limit` evenly spread ones."""
        places = self._order[low:high] if high - low <= limit else self._order[self._spread(low, high, limit)]
        for start, end in self._masks.values():
            places = places[(places < start) | (places >= end)]
        following: list[int] = self.raws[places + 1].tolist()
        return following

    def shape_targets(self, index: int, key: int, limit: int) -> list[int]:
        """Return what follows the shape `key` of order ORDERS[index], the most frequent first; see shapes.py."""
        found = _entries(self._shapes[index], key, limit)
        for path in self._masks if found else ():
            # The table counts all files together, so what a masked file said is taken off again.
            own = {entry >> 6: entry & 63 for entry in _entries(self._masked_shapes(path)[index], key, 1_000)}
            found = [entry - min(own.get(entry >> 6, 0), entry & 63) for entry in found]
        return [entry for entry in found if entry & 63]

    def _masked_shapes(self, path: str) -> "list[_ShapeTable]":
        if path not in self._shapes_of_masked:
            start, end = self._masks[path]
            skip = min(start, max(*ORDERS, REACH))
            raws = self.raws[start - skip : end]
            tokens = np.unique(raws >> np.uint32(2))
            codes = np.zeros(int(tokens[-1]) + 1, np.uint32)
            codes[tokens] = [token_codes([self.text(token)], token)[0] for token in tokens.tolist()]
            tables = shape_table(raws, codes, 1, skip)
            self._shapes_of_masked[path] = [(_view(keys), _view(packed)) for keys, packed in tables]
        return self._shapes_of_masked[path]

    @staticmethod
    def _spread(low: int, high: int, limit: int) -> NDArray[np.int64]:
        return low + (np.arange(limit) * (high - low)) // limit

    def _first_word(self, encoded: bytes) -> int:
        low, high = FIRST_WORD, self.vocabulary_size
        while low < high:
            middle = (low + high) // 2
            if bytes(self._words[self._word_ends[middle - 1] : self._word_ends[middle]]) < encoded:
                low = middle + 1
            else:
                high = middle
        return low


def load_segment(path: Path) -> Segment:
    """Map the layer stored at `path`. Raises IndexUnusable when it is missing, damaged or outdated."""
    try:
        with path.open("rb") as file:
            return Segment(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexUnusable(f"The index file {path} cannot be used ({error}). It will be built again.") from error


def pack_segment(sections: Mapping[str, bytes], meta: Mapping[str, object]) -> bytes:
    """Return the bytes of a layer's file."""
    table: dict[str, tuple[int, int]] = {}
    body = bytearray()
    for name, content in sections.items():
        body.extend(bytes(-len(body) % _ALIGN))
        table[name] = (len(body), len(content))
        body.extend(content)
    header = json.dumps({"sections": table, "size": len(body), "meta": dict(meta)}).encode()
    header += b" " * (-(_PREFIX.size + len(header)) % _ALIGN)
    return _PREFIX.pack(_MAGIC, FORMAT_VERSION, len(header), zlib.crc32(header)) + header + bytes(body)


def _entries(table: _ShapeTable, key: int, limit: int) -> list[int]:
    keys, targets = table
    low = bisect_left(keys, key)
    high = bisect_right(keys, key, low, min(len(keys), low + limit))
    return targets[low:high].tolist()


def _view(values: NDArray[Any]) -> "memoryview[int]":
    """Return `values` for reading single numbers, which a memoryview does several times faster than numpy."""
    return memoryview(values)  # type: ignore[arg-type]


def _header(buffer: bytes | mmap.mmap) -> tuple[dict[str, dict[str, list[int]]], int]:
    if len(buffer) < _PREFIX.size:
        raise IndexUnusable("The index file is cut off. It will be built again.")
    magic, version, length, checksum = _PREFIX.unpack(buffer[: _PREFIX.size])
    base = _PREFIX.size + length
    encoded = buffer[_PREFIX.size : base]
    if magic != _MAGIC or version != FORMAT_VERSION or zlib.crc32(encoded) != checksum:
        raise IndexUnusable("The index file is damaged or of another version. It will be built again.")
    header = json.loads(encoded)
    if len(buffer) != base + header["size"]:
        raise IndexUnusable("The index file is cut off. It will be built again.")
    return header, base
