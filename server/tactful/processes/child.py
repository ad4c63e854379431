"""A process that the server talks to over its standard input and output, from the server's side."""

import asyncio
import contextlib
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from typing import Any

from tactful.processes.frames import LENGTH, decode

__all__ = ["end_child", "messages_from"]

_CLOSE_TIMEOUT_S = 2.0


async def end_child(process: Process) -> None:
    """Let the process end, which it does when its stdin is closed; kill it when it takes too long."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), _CLOSE_TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await process.wait()


async def messages_from(process: Process) -> AsyncIterator[tuple[Any, ...]]:
    """Yield the messages of the process until it ends."""
    assert process.stdout is not None
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
            yield decode(await process.stdout.readexactly(length))
    await process.wait()
