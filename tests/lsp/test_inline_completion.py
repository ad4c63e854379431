"""The handler with an engine that answers when the test says so."""

import asyncio
from collections.abc import Sequence

import pytest
from lsprotocol import types
from pygls.workspace import Workspace

from tactful.config import resolve
from tactful.core.errors import BackendError
from tactful.core.text import Edit, open_document
from tactful.core.types import Completion, CompletionRequest, Features, Stage
from tactful.lsp.handlers.inline_completion import inline_completion
from tactful.lsp.server import TactfulServer

URI = "file:///project/a.py"


class Engine:
    """A backend that waits for `go`."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go = asyncio.Event()
        self.answer: Sequence[Completion] | Exception = [Completion(text="bc", probability=0.9)]

    async def complete(self, _request: CompletionRequest) -> Sequence[Completion]:
        self.asked.set()
        await self.go.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def server() -> TactfulServer:
    server = TactfulServer()
    server.protocol.client_capabilities = types.ClientCapabilities()
    server.protocol._workspace = Workspace(None, types.TextDocumentSyncKind.Incremental, [], "utf-16")
    server.use(*resolve({"gate": {"mode": "off"}}))
    server.session.open(open_document(URI, "python", 1, "x = a"))
    server.engine = Engine()
    return server


def ask(server: TactfulServer, line: int = 0, character: int = 5) -> asyncio.Task[list[types.InlineCompletionItem]]:
    params = types.InlineCompletionParams(
        context=types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic),
        text_document=types.TextDocumentIdentifier(URI),
        position=types.Position(line, character),
    )
    return asyncio.create_task(inline_completion(server, params))


async def test_the_range_is_empty_at_the_cursor_and_the_id_travels_in_the_command(server):
    server.engine.go.set()
    (item,) = await ask(server)
    assert (item.range.start, item.range.end) == (types.Position(0, 5), types.Position(0, 5))
    assert item.insert_text == "bc"
    assert item.command.arguments == [server.session.last_decision().decision_id]


async def test_an_answer_for_a_text_that_has_changed_is_not_sent(server):
    asked = ask(server)
    await server.engine.asked.wait()
    server.session.edit(URI, Edit(start=0, end=0, text="y"), 2)
    server.engine.go.set()
    assert await asked == []
    assert "changed" in server.session.last_decision().reason


async def test_a_newer_request_cancels_the_one_in_flight(server):
    first = ask(server)
    await server.engine.asked.wait()
    second = ask(server)
    server.engine.go.set()
    assert len(await second) == 1
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_closed_document_ends_its_request(server):
    asked = ask(server)
    await server.engine.asked.wait()
    server.session.close(URI)
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_a_failing_engine_is_a_reason_and_not_an_error(server):
    server.engine.answer = BackendError("the engine is gone")
    server.engine.go.set()
    assert await ask(server) == []
    decision = server.session.last_decision()
    assert (decision.stage, decision.reason) == (Stage.BACKEND, "the engine is gone")


def type_text(server: TactfulServer, offset: int, text: str) -> None:
    edit = Edit(start=offset, end=offset, text=text)
    after = server.session.edit(URI, edit, server.session.documents[URI].version + 1)
    server.outcomes.changed(URI, edit, after)


async def test_what_is_typed_through_stays_without_asking_anew(server):
    server.engine.go.set()
    (first,) = await ask(server)
    type_text(server, 5, "b")
    server.engine.answer = [Completion(text="other", probability=0.9)]
    (second,) = await ask(server, character=6)
    assert (second.insert_text, second.range.start.character, second.range.end.character) == ("c", 6, 6)
    assert second.command.arguments == first.command.arguments
    type_text(server, 6, "x")
    (third,) = await ask(server, character=7)
    assert third.insert_text == "other"


async def test_a_key_press_ends_the_wait_for_the_hand_to_rest(server):
    class Doubtful:
        def score_stage1(self, features: Features) -> float:
            return 0.5

        def score_stage2(self, features: Features) -> float:
            return 0.01

        def threshold(self, stage: int, max_lost: float, features: Features) -> float:
            return 0.0

    server.use(*resolve({"gate": {"maxDelayMs": 5000}}))
    server.scorer = Doubtful()
    server.engine.go.set()
    edit = Edit(start=5, end=5, text="b")
    server.session.edit(URI, edit, 2)
    server.session.rhythm.edited(URI, edit, server.clock.now())
    first = ask(server, character=6)
    await server.engine.asked.wait()
    await asyncio.sleep(0.05)
    assert not first.done()
    server.use(*resolve({"gate": {"maxDelayMs": 0}}))
    assert len(await ask(server, character=6)) == 1
    with pytest.raises(asyncio.CancelledError):
        await first
