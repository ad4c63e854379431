"""Standard input read by the event loop itself.

pygls reads it in a thread, which costs three hand-overs between threads for each message. Where standard input is no
pipe or socket (a file, a terminal, Windows), pygls's own way is taken.
"""

import asyncio
import logging
import os
import stat
import sys
import threading

from pygls.io_ import StdoutWriter, run_async

from tactful.lsp.server import TactfulServer

__all__ = ["serve_standard_io"]

_log = logging.getLogger(__name__)
_LARGEST_HEADER = 2**16
_LONGEST_END_S = 10.0


def serve_standard_io(server: TactfulServer) -> None:
    """Serve one client over standard input and output until it ends the session or goes away."""
    if sys.platform == "win32" or not _is_stream(sys.stdin.fileno()):
        server.start_io()
        return
    try:
        asyncio.run(_serve(server))
    except BrokenPipeError:
        _log.warning("the client went away")
    finally:
        server.shutdown()  # type: ignore[no-untyped-call] # pygls is untyped here


async def _serve(server: TactfulServer) -> None:
    reader = asyncio.StreamReader(limit=_LARGEST_HEADER)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    server.protocol.set_writer(StdoutWriter(sys.stdout.buffer))
    stopped = server._stop_event = threading.Event()
    silent = logging.getLogger("pygls")
    try:
        await run_async(stopped, reader, server.protocol, silent, server.report_server_error)
    finally:
        watchdog = threading.Timer(_LONGEST_END_S, os._exit, (1,))
        watchdog.daemon = True
        watchdog.start()  # whatever hangs now, no server outlives its editor
        await server.stop()


def _is_stream(descriptor: int) -> bool:
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
