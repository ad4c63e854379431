"""A client of Neovim's msgpack-rpc on a Unix socket: one request at a time, each with a time limit."""

import itertools
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import msgpack

_REQUEST, _RESPONSE = 0, 1
_TIMEOUT_S = 30.0


class RpcError(Exception):
    """Neovim refused a request, does not answer, or is gone."""


class Rpc:
    """A connection to the Neovim that listens at `path`."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(_TIMEOUT_S)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._numbers = itertools.count()
        self._messages = self._read()

    def request(self, method: str, *args: Any) -> Any:
        """Call a function of Neovim's API and return its result. Raises RpcError."""
        number = next(self._numbers)
        try:
            self._socket.sendall(msgpack.packb([_REQUEST, number, method, args]))
            for message in self._messages:
                if message[:2] == [_RESPONSE, number]:
                    if message[2] is not None:
                        raise RpcError(f"{method}: {message[2][1]}")
                    return message[3]
        except OSError as error:
            raise RpcError(f"{method}: {error}") from error
        raise RpcError(f"{method}: Neovim is gone")

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> Iterator[Any]:
        unpacker = msgpack.Unpacker(ext_hook=msgpack.ExtType, strict_map_key=False)
        while data := self._socket.recv(1 << 16):
            unpacker.feed(data)
            yield from unpacker
