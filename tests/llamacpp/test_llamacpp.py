"""The model backend against real inference engines: how they really stream, refuse and notice that one has gone.

The model knows one line by heart, see tiny_gguf.py, so that what arrives can be compared.
"""

import asyncio
import re
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tactful.backends.remote import EndpointSettings, ModelBackend
from tactful.backends.remote.call import Call
from tactful.backends.remote.endpoint import Endpoint
from tactful.backends.remote.trouble import Cause, EndpointTrouble
from tactful.backends.remote.wire import Piece
from tactful.core.types import CompletionRequest, EgressEntry
from tactful.lsp.client import EditorClient
from tactful.lsp.clock import SystemClock
from tactful.retrieval import WorkspacePrompts

LINE = "sum([1])"
FILL_IN = "<|fim_prefix|>total = <|fim_suffix|>\n<|fim_middle|>"
FOR_EVER = "x"
SOURCE = "total = "

Stream = Callable[..., Awaitable[list[Piece]]]


@pytest_asyncio.fixture
async def stream(url: str) -> AsyncIterator[Stream]:
    """Return a function that sends a call and returns the pieces, `most` at most."""
    endpoint = Endpoint(EndpointSettings(base_url=url, model="tiny", timeout_ms=60_000.0))
    await endpoint.open()

    async def pieces_of(call: Call, most: int = 10_000) -> list[Piece]:
        pieces: list[Piece] = []

        def take(piece: Piece) -> bool:
            pieces.append(piece)
            return len(pieces) >= most

        async with asyncio.timeout(60):
            await endpoint.stream(call, take)
        return pieces

    yield pieces_of
    await endpoint.close()


def text_of(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


async def test_completions_stream_with_log_probabilities(stream):
    pieces = await stream(Call(chat=False, body={"prompt": FILL_IN, "stop": ["\n"]}, max_tokens=24))
    assert text_of(pieces) == LINE
    assert sum(bool(piece.text) for piece in pieces) > 3  # in parts, not at once
    numbers = [logprob for piece in pieces for _, logprob in piece.logprobs]
    assert len(numbers) >= len(LINE)
    assert all(-2 < logprob < 0 for logprob in numbers)
    assert "stop" in [piece.finish for piece in pieces]


async def test_control_tokens_count_as_such_only_where_they_were_not_defused(stream):
    spelled = FILL_IN.replace("<|fim_middle|>", "<\N{WORD JOINER}|fim_middle|>")
    pieces = await stream(Call(chat=False, body={"prompt": spelled, "stop": ["\n"]}, max_tokens=24))
    assert text_of(pieces) != LINE


async def test_the_text_after_the_cursor_is_taken(stream):
    body = {"prompt": SOURCE, "suffix": "\n\n\nprint(total)\n", "stop": ["\n"]}
    assert (await stream(Call(chat=False, body=body, max_tokens=24)))[-1].finish


async def test_chat_streams_too_with_log_probabilities_of_what_was_written_only(stream):
    pieces = await stream(Call(chat=True, body={"messages": [{"role": "user", "content": "Hi"}]}, max_tokens=24))
    assert text_of(pieces) == f"```python\n{LINE}\n```"
    assert sum(len(piece.logprobs) for piece in pieces) in (len(LINE) + 2, len(LINE) + 3)  # some count the end too


async def test_a_request_that_is_given_up_leaves_the_server_free(engine, url, stream):
    most = 3000 if engine == "llama.cpp" else 600
    begun, before = time.monotonic(), generated(engine, url)
    await stream(Call(chat=False, body={"prompt": FOR_EVER}, max_tokens=most))
    whole_s, whole = time.monotonic() - begun, generated(engine, url) - before
    begun, before = time.monotonic(), generated(engine, url)
    assert len(await stream(Call(chat=False, body={"prompt": FOR_EVER}, max_tokens=most), most=2)) == 2
    await stream(Call(chat=False, body={"prompt": FILL_IN}, max_tokens=2))
    if engine == "llama.cpp":
        assert whole == most
        assert generated(engine, url) - before < most
    else:  # does not count, and has one request after the other
        assert time.monotonic() - begun < whole_s


def generated(engine: str, url: str) -> int:
    """Return how many tokens llama.cpp's server says that it has generated, 0 for one that does not say."""
    if engine != "llama.cpp":
        return 0
    with urllib.request.urlopen(url.removesuffix("v1") + "metrics", timeout=10) as told:
        (count,) = re.findall(r"^llamacpp:tokens_predicted_total (\d+)", told.read().decode(), re.MULTILINE)
    return int(count)


async def test_a_prompt_that_is_too_long_is_said_to_be_so(engine, stream):
    with pytest.raises(EndpointTrouble) as caught:
        await stream(Call(chat=False, body={"prompt": "ab" * 5000}, max_tokens=8))
    # llama-cpp-python has begun a stream by then, breaks it off, and says why in its log only
    assert caught.value.cause is (Cause.TOO_LONG if engine == "llama.cpp" else Cause.CUT)


class Log:
    """An egress log in memory."""

    def __init__(self) -> None:
        self.entries: list[EgressEntry] = []

    def record(self, entry: EgressEntry) -> None:
        self.entries.append(entry)


@pytest.mark.parametrize("template", ["qwen", "chat", "suffix"])
async def test_the_backend_makes_a_suggestion_of_it(url, template, tmp_path):
    prompts = WorkspacePrompts(cache_dir=tmp_path / "cache", roots=[tmp_path])
    settings = EndpointSettings(base_url=url, model="tiny", template=template, timeout_ms=60_000.0)
    log = Log()
    backend = ModelBackend(settings, prompts=prompts, egress=log, clock=SystemClock())
    path = str(tmp_path / "app.py")
    request = CompletionRequest(
        uri="file:///app.py", path=path, language_id="python", text=SOURCE + "\n", offset=len(SOURCE)
    )
    try:
        (completion,) = await backend.complete(request)
    finally:
        await backend.close()
        await prompts.close()
    assert completion.text == LINE
    assert 0.05 < completion.probability < 1
    assert [entry.outcome for entry in log.entries] == ["answered"]


@pytest.mark.e2e
async def test_an_editor_shows_the_models_line(url, project: Path, home: Path):
    backend = {"mode": "model", "baseUrl": url, "model": "tiny-qwen2.5-coder", "timeoutMs": 20_000}
    client = EditorClient()
    await client.start(project, options={"gate": {"mode": "off"}, "backend": backend})
    try:
        uri = client.open(project / "area.py", SOURCE)
        (item,) = await client.suggest(uri, len(SOURCE), automatic=False)
        told = await client.command("tactful.explain", uri)
    finally:
        await client.stop()
    assert item.insert_text == LINE
    assert 0.05 < told["probability"] < 1
    assert "answered" in next(home.rglob("egress.jsonl")).read_text()
