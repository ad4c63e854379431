"""The worker's documents: an edit costs little, and the engine sees it when it is next asked."""

import io
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from tactful.backends.local.engine import Engine
from tactful.backends.local.worker import Worker
from tactful.core.types import Completion, CompletionRequest
from tactful.processes.frames import read_frame


def worker_with(texts: dict[str, str]) -> tuple[Worker, io.BytesIO]:
    sink = io.BytesIO()
    inbox: SimpleQueue[tuple[Any, ...] | None] = SimpleQueue()
    worker = Worker(inbox, sink)
    worker._engine = Engine()
    for uri, text in texts.items():
        worker.handle(("open", uri, None, "python", text))
    return worker, sink


def answer(worker: Worker, sink: io.BytesIO, uri: str, offset: int) -> str:
    sink.seek(0)
    sink.truncate()
    worker.handle(("complete", 1, uri, offset, 1))
    sink.seek(0)
    message = read_frame(sink)
    assert message is not None
    return message[2][0][0] if message[2] else ""


def test_many_edited_documents_are_read_a_few_at_a_time_the_last_first() -> None:
    edited = [f"file:///{number}.py" for number in range(6)]
    worker, sink = worker_with({"u": "gadget = "} | dict.fromkeys(edited, ""))
    for number, uri in enumerate(edited):
        worker.handle(("edit", uri, 0, 0, f"gadget = make_{number}(size)\n"))
    assert answer(worker, sink, "u", 9) in [f"make_{number}(size)" for number in range(2, 6)]
    assert list(worker._edited) == edited[:2]
    assert answer(worker, sink, "u", 9)
    assert not worker._edited


def test_closed_document_is_not_read_again() -> None:
    worker, sink = worker_with({"u": "gadget = ", "b": ""})
    worker.handle(("edit", "b", 0, 0, "gadget = make_gadget(size)\n"))
    worker.handle(("close", "b"))
    assert answer(worker, sink, "u", 9) == ""


def test_a_file_that_changed_before_the_start_is_read(tmp_path: Path) -> None:
    worker, sink = worker_with({"u": "gadget = "})
    path = tmp_path / "a.py"
    path.write_text("gadget = make_gadget(size)\n")
    worker.handle(("changed", str(path)))
    assert answer(worker, sink, "u", 9) == "make_gadget(size)"
    path.unlink()
    worker.handle(("changed", str(path)))
    assert answer(worker, sink, "u", 9) == ""


def test_a_request_that_fails_costs_only_its_own_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    worker, sink = worker_with({"u": "gadget = make_gadget(size)\ngadget = ", "b": "broken"})
    whole = Engine.complete

    def complete(engine: Engine, request: CompletionRequest) -> list[Completion]:
        if request.text == "broken":
            raise IndexError(request.text)
        return whole(engine, request)

    monkeypatch.setattr(Engine, "complete", complete)
    worker.handle(("complete", 1, "b", 0, 1))
    sink.seek(0)
    said, answered = read_frame(sink), read_frame(sink)
    assert said is not None
    assert said[:2] == ("status", "degraded")
    assert "IndexError at test_worker.py:" in said[5]
    assert "broken" not in said[5]
    assert answered == ("completions", 1, [])
    assert answer(worker, sink, "u", 36) == "make_gadget(size)"
