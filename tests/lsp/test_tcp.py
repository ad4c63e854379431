"""The server over TCP: loopback unless asked otherwise, one clear line when the address cannot be had."""

import asyncio
import socket
import sys
from contextlib import asynccontextmanager

import pytest
from lsprotocol import types

from tactful.lsp.client import EditorClient

pytestmark = pytest.mark.e2e


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@asynccontextmanager
async def serving(address: str):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tactful", "serve", "--tcp", address, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def connected(port: int) -> EditorClient:
    client = EditorClient()
    async with asyncio.timeout(20):
        while True:
            try:
                await client.start_tcp("127.0.0.1", port)
                return client
            except OSError:
                await asyncio.sleep(0.05)


async def test_a_port_alone_means_loopback():
    port = free_port()
    async with serving(str(port)) as process:
        client = await connected(port)
        result = await client.initialize_async(types.InitializeParams(capabilities=types.ClientCapabilities()))
        assert result.server_info.name == "tactful"
        await client.shutdown_async(None)
        client.exit(None)
        async with asyncio.timeout(10):
            assert await process.wait() == 0


async def test_an_address_in_use_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with serving(f"127.0.0.1:{port}") as process:
            _, said = await process.communicate()
            assert process.returncode == 1
            assert f"cannot listen at 127.0.0.1:{port}" in said.decode()
            assert "Traceback" not in said.decode()
