"""Messages between Tactful's processes: plain values, each with its length before it.

Both ends are this program, of one version, over a pipe that only they hold; the format is Python's own `marshal`, the
fastest for plain values. This module must not know what the messages mean.
"""

import marshal
import struct
from typing import IO, Any

__all__ = ["LENGTH", "decode", "encode", "read_frame", "write_frame"]

LENGTH = struct.Struct("<I")


def encode(message: tuple[Any, ...]) -> bytes:
    """Return the bytes of one message: numbers, strings, None, tuples and lists of them."""
    content = marshal.dumps(message)
    return LENGTH.pack(len(content)) + content


def decode(content: bytes) -> tuple[Any, ...]:
    """Return the message that `content` (without its length) holds."""
    message: tuple[Any, ...] = marshal.loads(content)  # noqa: S302 - both ends are this program
    return message


def read_frame(stream: IO[bytes]) -> tuple[Any, ...] | None:
    """Wait for the next message; None at the end of the stream."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    content = stream.read(length)
    return decode(content) if len(content) == length else None


def write_frame(stream: IO[bytes], message: tuple[Any, ...]) -> None:
    """Send one message. Raises OSError when the other end is gone."""
    stream.write(encode(message))
    stream.flush()
