"""The model backend against a server of the tests' own: what is sent, reused and cancelled."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from model_server import ModelServer
from tactful.backends.remote import EndpointSettings, Limits, ModelBackend, ModelStatus
from tactful.core.errors import BackendError
from tactful.core.types import CompletionRequest, EgressEntry, PartKind, Prompt, PromptPart, Skipped, Stage


class Near:
    """A prompt of nothing but the document."""

    skipped = ""
    fills_up = False  # the budget, with a comment above the document

    async def gather(self, request: CompletionRequest, budget_chars: int) -> Prompt | Skipped:
        if self.skipped:
            return Skipped(stage=Stage.BACKEND, reason=self.skipped)
        above = "#" * (budget_chars - len(request.text) - 1) + "\n" if self.fills_up else ""
        texts = (above + request.text[: request.offset], request.text[request.offset :])
        kinds = (PartKind.PREFIX, PartKind.SUFFIX)
        parts = [
            PromptPart(kind=kind, path="app.py", text=text, why="") for kind, text in zip(kinds, texts, strict=True)
        ]
        return Prompt(parts=tuple(parts), redactions=0)


class Log:
    def __init__(self) -> None:
        self.entries: list[EgressEntry] = []

    def record(self, entry: EgressEntry) -> None:
        self.entries.append(entry)


class Clock:
    def __init__(self) -> None:
        self.ahead = 0.0
        self.slept = 0.0

    def now(self) -> float:
        return time.time() + self.ahead

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    async def sleep(self, seconds: float) -> None:
        self.slept = seconds


class Bench:
    """A backend, its server, and what it told."""

    def __init__(self, server: ModelServer) -> None:
        self.server = server
        self.clock = Clock()
        self.prompts = Near()
        self.log = Log()
        self.told: list[ModelStatus] = []
        self.made: list[ModelBackend] = []

    def backend(self, limits: Limits | None = None, **settings) -> ModelBackend:
        given = {"base_url": self.server.url, "model": "qwen2.5-coder:1.5b", "timeout_ms": 3000.0, **settings}
        backend = ModelBackend(
            EndpointSettings(**given),
            prompts=self.prompts,
            egress=self.log,
            clock=self.clock,
            limits=limits,
            on_status=self.told.append,
        )
        self.made.append(backend)
        return backend


@pytest_asyncio.fixture
async def bench() -> AsyncIterator[Bench]:
    server = ModelServer("width * height\n")
    await server.start()
    bench = Bench(server)
    yield bench
    for backend in bench.made:
        await backend.close()
    await server.stop()


def at(source: str, uri: str = "file:///app.py") -> CompletionRequest:
    """Return a request at the | in the source."""
    offset = source.index("|")
    text = source.replace("|", "", 1)
    return CompletionRequest(uri=uri, path="/app.py", language_id="python", text=text, offset=offset)


def texts(completions) -> list[str]:
    return [completion.text for completion in completions]


AREA = "def area(width, height):\n    return |"


async def until(condition, timeout_s: float = 3.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.002)


async def test_a_line_comes_with_its_log_probabilities(bench):
    completions = await bench.backend().complete(at(AREA))
    assert texts(completions) == ["width * height"]
    assert completions[0].token_logprobs == pytest.approx((-0.1, -0.1, -0.1))
    assert completions[0].probability == pytest.approx(0.7408, abs=1e-3)
    assert completions[0].source == "model"


async def test_the_request_is_the_familys_and_tells_nothing_of_this_machine(bench, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-for-this-server")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Gateway: secret")
    await bench.backend().complete(at(AREA + "\n\nprint(area(1, 2))\n"))
    seen = bench.server.seen[0]
    assert seen.path == "/v1/completions"
    assert seen.body["prompt"].startswith("<|fim_prefix|>def area")
    assert seen.body["prompt"].endswith("<|fim_suffix|>\n\nprint(area(1, 2))\n<|fim_middle|>")
    assert len(seen.body["stop"]) <= 4
    assert seen.body["stop"][0] == "\n"
    assert set(seen.headers) == {
        "host", "accept", "accept-encoding", "connection", "content-type", "content-length", "user-agent"
    }  # fmt: skip
    assert seen.headers["user-agent"].startswith("tactful/")


async def test_the_key_comes_from_the_variable_that_is_named(bench, monkeypatch):
    monkeypatch.setenv("GATEWAY_KEY", "k-123")
    await bench.backend(api_key_env="GATEWAY_KEY").complete(at(AREA))
    assert bench.server.seen[0].headers["authorization"] == "Bearer k-123"


async def test_reading_stops_where_the_block_is_complete(bench):
    bench.server.answer = "\n    area = width * height\n    return area\n\n\ndef other():\n" + "    pass\n" * 300
    bench.server.token_s = 0.001
    completions = await bench.backend().complete(at("def area(width, height):|"))
    assert texts(completions) == ["\n    area = width * height\n    return area"]
    seen = bench.server.seen[0]
    await asyncio.wait_for(seen.closed.wait(), 1)
    assert seen.tokens_sent < 40


async def test_what_is_typed_along_the_answer_needs_no_request(bench):
    backend = bench.backend()
    await backend.complete(at(AREA))
    assert texts(await backend.complete(at(AREA.replace("|", "wid|")))) == ["th * height"]
    assert texts(await backend.complete(at(AREA.replace("|", "width * |")))) == ["height"]
    assert texts(await backend.complete(at(AREA))) == ["width * height"]
    assert len(bench.server.seen) == 1


async def test_a_bracket_that_the_editor_closed_is_no_other_place(bench):
    bench.server.answer = "(width, height)\n"
    backend = bench.backend()
    await backend.complete(at("width = height = 1\nprint|"))
    assert texts(await backend.complete(at("width = height = 1\nprint(|)"))) == ["width, height)"]
    assert len(bench.server.seen) == 1


async def test_a_request_in_flight_is_taken_over_while_its_answer_fits(bench):
    bench.server.first_s = 0.1
    backend = bench.backend()
    first = asyncio.ensure_future(backend.complete(at(AREA)))
    await until(lambda: bench.server.seen)
    second_request = at(AREA.replace("|", "wi|"))
    assert backend.is_at_hand(second_request)
    second = asyncio.ensure_future(backend.complete(second_request))
    await asyncio.sleep(0)
    first.cancel()
    assert texts(await second) == ["dth * height"]
    assert len(bench.server.seen) == 1
    assert bench.server.seen[0].closed_at is None


async def test_a_request_in_flight_that_turns_out_not_to_fit_is_closed_and_another_one_sent(bench):
    bench.server.first_s = 0.1
    bench.server.token_s = 0.05
    backend = bench.backend()
    first = asyncio.ensure_future(backend.complete(at(AREA)))
    await until(lambda: bench.server.seen)
    bench.server.answer = lambda body: "height / 2\n" if "return heig" in body["prompt"] else "width * height\n"
    second = asyncio.ensure_future(backend.complete(at(AREA.replace("|", "h|"))))
    await asyncio.sleep(0)
    first.cancel()
    bench.server.answer = "eight / 2\n"
    assert texts(await second) == ["eight / 2"]
    assert bench.server.seen[0].tokens_sent <= 2
    assert len(bench.server.seen) == 2


@pytest.mark.parametrize("first_s", [0.0, 10.0])
async def test_a_cancelled_request_closes_its_connection_within_50_ms(bench, first_s):
    bench.server.first_s, bench.server.token_s = first_s, 10.0
    backend = bench.backend(timeout_ms=30_000.0)
    await backend.start()
    asked = asyncio.ensure_future(backend.complete(at(AREA)))
    await until(lambda: bench.server.seen and (first_s or bench.server.seen[0].tokens_sent))
    cancelled_at = time.perf_counter()
    asked.cancel()
    await asyncio.wait_for(bench.server.seen[0].closed.wait(), 1)
    assert bench.server.seen[0].closed_at - cancelled_at < 0.05


async def test_a_change_that_does_not_fit_closes_the_connection(bench):
    bench.server.token_s = 10.0
    backend = bench.backend()
    asked = asyncio.ensure_future(backend.complete(at(AREA)))
    await until(lambda: bench.server.seen and bench.server.seen[0].tokens_sent)
    backend.changed("file:///app.py", AREA.replace("|", "wid"))
    await asyncio.sleep(0.01)
    assert bench.server.seen[0].closed_at is None
    backend.changed("file:///app.py", AREA.replace("|", "wix"))
    await asyncio.wait_for(bench.server.seen[0].closed.wait(), 1)
    assert await asked == ()


async def test_an_answer_of_nothing_is_not_asked_for_again(bench):
    bench.server.answer = "\n"
    backend = bench.backend()
    for _ in range(2):
        with pytest.raises(BackendError, match="nothing to add"):
            await backend.complete(at(AREA))
    assert len(bench.server.seen) == 1


async def test_what_is_fetched_in_advance_is_at_hand(bench):
    backend = bench.backend()
    await backend.prefetch(at(AREA))
    assert backend.is_at_hand(at(AREA))
    assert texts(await backend.complete(at(AREA))) == ["width * height"]
    assert len(bench.server.seen) == 1


async def test_in_advance_at_most_half_of_a_budget_is_spent(bench):
    backend = bench.backend(Limits(requests=3))
    for number in range(2):
        await backend.complete(at(AREA, f"file:///{number}.py"))
    await backend.prefetch(at(AREA, "file:///2.py"))
    assert not backend.is_at_hand(at(AREA, "file:///2.py"))
    assert texts(await backend.complete(at(AREA, "file:///2.py"))) == ["width * height"]


async def test_an_uncertain_request_waits_and_what_is_known_does_not(bench):
    backend = bench.backend()
    uncertain = replace(at(AREA), rest_ms=120.0)
    await backend.complete(uncertain)
    assert bench.clock.slept == pytest.approx(0.12)
    bench.clock.slept = 0.0
    assert texts(await backend.complete(replace(at(AREA.replace("|", "wid|")), rest_ms=120.0))) == ["th * height"]
    assert bench.clock.slept == 0.0


async def test_a_private_document_is_never_sent(bench):
    bench.prompts.skipped = "the file is private"
    with pytest.raises(BackendError, match="private"):
        await bench.backend().complete(at(AREA))
    assert not bench.server.connections


async def test_a_server_without_log_probabilities_is_asked_once_more_and_then_never_for_them(bench):
    bench.server.trouble = "no-logprobs"
    backend = bench.backend()
    assert texts(await backend.complete(at(AREA))) == ["width * height"]
    assert (await backend.complete(at(AREA)))[0].token_logprobs == ()
    await backend.complete(at("width = height = 1\nx = |", "file:///other.py"))
    assert ["logprobs" in seen.body for seen in bench.server.seen] == [True, False, False]
    assert [entry.outcome for entry in bench.log.entries] == ["rejected", "answered", "answered"]  # whatever left


async def test_a_server_that_does_not_stream_is_understood(bench):
    bench.server.trouble = "whole"
    assert texts(await bench.backend().complete(at(AREA))) == ["width * height"]


async def test_an_answer_that_was_read_whole_leaves_its_connection_to_the_next_request(bench):
    backend = bench.backend()
    for number in range(4):
        await backend.complete(at(AREA, f"file:///{number}.py"))
        await asyncio.sleep(0.02)  # the end of the response comes behind the answer
    assert bench.server.connections == 1


async def test_a_chat_model_is_asked_in_its_way(bench):
    bench.server.answer = "Sure! Here is the code:\n```python\nreturn width * height\n```\nIt multiplies."
    completions = await bench.backend(model="gpt-4o-mini").complete(at(AREA))
    assert bench.server.seen[0].path == "/v1/chat/completions"
    assert "<CURSOR>" in bench.server.seen[0].prompt
    assert texts(completions) == ["width * height"]


async def test_each_request_is_written_down(bench):
    await bench.backend().complete(at(AREA))
    (entry,) = bench.log.entries
    assert entry.host == f"127.0.0.1:{bench.server.port}"
    assert entry.files == ("app.py",)
    assert entry.outcome == "answered"
    assert entry.bytes_sent > 50


async def test_what_never_left_is_not_written_down(bench):
    with pytest.raises(BackendError):
        await bench.backend(api_key_env="NO_SUCH_KEY").complete(at(AREA))
    assert bench.log.entries == []
    assert bench.server.connections == 0
