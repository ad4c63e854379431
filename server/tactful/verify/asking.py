"""What the repair asks of a model and what it is answered, and how that crosses from the worker process to its parent.

The worker has no connection, no key and no log of what left the machine: it asks its parent, over the lines that the
two speak anyway. Knows nothing of endpoints.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

__all__ = ["Answer", "Answering", "Ask", "Asker", "Question", "Reply"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One prompt, its secrets replaced already.

    `opening` is how the answer has to begin, for models that only go on writing. `files` are those whose text takes
    part, as they may be named outside; `redactions` counts the secrets that were replaced.
    """

    rules: str
    text: str
    opening: str
    max_tokens: int
    temperature: float
    within_s: float
    files: tuple[str, ...]
    redactions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back: a text and the tokens it took, or in `trouble` why there is none, in words for people."""

    text: str = ""
    tokens: int = 0
    trouble: str = ""


Ask = Callable[[Question], "Future[Reply]"]  # the port that the repair has; a cancelled future gives the question up
Answer = Callable[[Question], Awaitable[Reply]]  # the port that the parent is given; never raises


class Asker:
    """The worker's port: questions leave through `send`, `take` is told what comes back (in any thread)."""

    def __init__(self, send: Callable[[str, object], None]) -> None:
        self._send = send
        self._numbers = count()
        self._open: dict[int, Future[Reply]] = {}

    def __call__(self, question: Question) -> "Future[Reply]":
        number = next(self._numbers)
        future = self._open[number] = Future[Reply]()
        future.add_done_callback(lambda done: self._send("drop", number) if done.cancelled() else None)
        self._send("ask", {"id": number, "question": asdict(question)})
        return future

    def take(self, answer: Mapping[str, Any]) -> None:
        """Take in an answer; one that nobody waits for any more is dropped."""
        future = self._open.pop(answer["id"], None)
        if future is not None and future.set_running_or_notify_cancel():
            future.set_result(Reply(**answer["reply"]))


class Answering:
    """The parent's side for one verification: each question is answered by a task of its own."""

    def __init__(self, answer: Answer | None, write: Callable[[bytes], None]) -> None:
        self._answer = answer
        self._write = write
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def take(self, event: Mapping[str, Any]) -> bool:
        """Take in an event of the worker; return whether it was about a question."""
        if "ask" in event:
            number, asked = event["ask"]["id"], event["ask"]["question"]
            question = Question(**{**asked, "files": tuple(asked["files"])})
            self._tasks[number] = asyncio.create_task(self._reply(number, question))
        elif "drop" in event:
            task = self._tasks.pop(event["drop"], None)
            if task is not None:
                task.cancel()
        else:
            return False
        return True

    async def close(self) -> None:
        """Give up every question that is still open."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _reply(self, number: int, question: Question) -> None:
        reply = Reply(trouble="No model is configured.") if self._answer is None else await self._answer(question)
        self._write(json.dumps({"answer": {"id": number, "reply": asdict(reply)}}).encode() + b"\n")
