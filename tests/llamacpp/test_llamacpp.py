"""The model backend against a real inference engine, llama.cpp's server with a tiny model: `make test-llamacpp`."""

import asyncio
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tactful.backends.remote.call import Call
from tactful.backends.remote.endpoint import Endpoint
from tactful.backends.remote.settings import EndpointSettings
from tactful.backends.remote.wire import Piece

PYTHON = os.environ.get("TACTFUL_LLAMACPP", "")
pytestmark = pytest.mark.skipif(not PYTHON, reason="needs llama.cpp's server: make test-llamacpp")

PROMPT = "def area(width, height):\n    return "
START_S = 60.0


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server that has loaded a model made for this test."""
    model = tmp_path_factory.mktemp("model") / "tiny.gguf"
    subprocess.run([PYTHON, str(Path(__file__).with_name("tiny_gguf.py")), str(model)], check=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [PYTHON, "-m", "llama_cpp.server", "--model", str(model), "--host", "127.0.0.1", "--port", str(port)]
    log = model.with_name("server.log").open("wb")
    server = subprocess.Popen([*command, "--n_ctx", "2048", "--logits_all", "True"], stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/v1/models", server)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the server did not start")


async def written(url: str, call: Call, most: int = 10_000) -> list[Piece]:
    endpoint = Endpoint(EndpointSettings(base_url=url, model="tiny", timeout_ms=60_000.0))
    pieces: list[Piece] = []

    def take(piece: Piece) -> bool:
        pieces.append(piece)
        return len(pieces) >= most

    try:
        async with asyncio.timeout(60):
            await endpoint.stream(call, take)
    finally:
        await endpoint.close()
    return pieces


async def test_completions_stream_with_log_probabilities(url):
    pieces = await written(url, Call(chat=False, body={"prompt": PROMPT}, max_tokens=24))
    assert sum(bool(piece.text) for piece in pieces) > 1  # in parts, not at once
    numbers = [logprob for piece in pieces for _, logprob in piece.logprobs]
    assert numbers
    assert all(logprob <= 0 for logprob in numbers)
    assert any(piece.finish in ("stop", "length") for piece in pieces)


async def test_the_text_after_the_cursor_is_taken(url):
    body = {"prompt": PROMPT, "suffix": "\n\n\nprint(area(1, 2))\n", "stop": ["\n", "</s>"]}
    assert (await written(url, Call(chat=False, body=body, max_tokens=8)))[-1].finish


async def test_chat_streams_too(url):
    body = {"messages": [{"role": "user", "content": PROMPT}]}
    pieces = await written(url, Call(chat=True, body=body, max_tokens=8))
    assert any(piece.finish for piece in pieces)


async def test_a_request_that_is_given_up_leaves_the_server_free_for_the_next(url):
    begun = time.monotonic()
    assert len(await written(url, Call(chat=False, body={"prompt": PROMPT}, max_tokens=1500), most=2)) == 2
    await written(url, Call(chat=False, body={"prompt": PROMPT}, max_tokens=2))
    gave_up_s = time.monotonic() - begun
    begun = time.monotonic()
    await written(url, Call(chat=False, body={"prompt": PROMPT}, max_tokens=1500))
    assert gave_up_s < time.monotonic() - begun
