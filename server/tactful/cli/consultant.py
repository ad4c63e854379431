"""A model for one command: an event loop in a thread of its own, the connection, the egress log."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from tactful import paths
from tactful.backends.remote import EndpointSettings, ModelBackend
from tactful.core.types import CompletionRequest, Prompt, Skipped, Stage
from tactful.lsp.clock import SystemClock
from tactful.lsp.consult import answer_from
from tactful.privacy.egress import EgressLog
from tactful.verify import Ask, Question, Reply

__all__ = ["consultant"]


class _NoPrompts:
    """Nothing is completed here."""

    async def gather(self, request: CompletionRequest, budget_chars: int) -> Prompt | Skipped:
        return Skipped(stage=Stage.BACKEND, reason="no completion is asked for here")


@contextmanager
def consultant(base_url: str, model: str, template: str, api_key_env: str, budget_s: float) -> Iterator[Ask]:
    """Yield what puts questions to a model; afterwards what is still out is given up and the log is written."""
    settings = EndpointSettings(
        base_url=base_url, model=model, template=template, api_key_env=api_key_env, timeout_ms=budget_s * 1000
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="model", daemon=True)
    thread.start()
    egress = EgressLog(paths.egress_log())
    backend = asyncio.run_coroutine_threadsafe(_open(settings, egress), loop).result()

    def ask(question: Question) -> "Future[Reply]":
        return asyncio.run_coroutine_threadsafe(answer_from(backend, question), loop)

    try:
        yield ask
    finally:
        asyncio.run_coroutine_threadsafe(_close(backend), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        egress.close()


async def _open(settings: EndpointSettings, egress: EgressLog) -> ModelBackend:
    return ModelBackend(settings, prompts=_NoPrompts(), egress=egress, clock=SystemClock())


async def _close(backend: ModelBackend) -> None:
    """End what is still being asked, then the connections."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others)
    await backend.close()
