"""A model as a source of completions, asked only where neither memory nor a request in flight has the answer.

It lives on the event loop; nothing here blocks it. Requests of one document share one generation.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tactful.backends.remote.budget import Budget, Limits, Spending, estimated_tokens
from tactful.backends.remote.call import Call, call_for, way_of, way_without_insert
from tactful.backends.remote.conversation import Conversation, Said, conversation_call
from tactful.backends.remote.ending import Goal, goal_at
from tactful.backends.remote.endpoint import Endpoint
from tactful.backends.remote.generation import Generation
from tactful.backends.remote.health import Health
from tactful.backends.remote.memory import Answer, Memory, completions, rest_of
from tactful.backends.remote.place import place_of, typed_since
from tactful.backends.remote.repair import repair
from tactful.backends.remote.settings import EndpointSettings, ModelStatus
from tactful.backends.remote.trouble import Cause, EndpointTrouble, trouble
from tactful.core.errors import BackendError
from tactful.core.ports import Clock, Egress, PromptSource
from tactful.core.types import Completion, CompletionRequest, EgressEntry, Prompt, Skipped

__all__ = ["ModelBackend"]

_GRACE_S = 0.005  # for a request that comes right behind the cancelling of the one it takes over
_LEAST_CHARS = 500  # of a prompt; with less no model knows what is going on
_PREFETCH_SHARE = 0.5  # of the budget: beyond that nothing is fetched in advance


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What is about to be sent, and what was booked for it."""

    asked: CompletionRequest
    goal: Goal
    call: Call
    prompt: Prompt
    size_bytes: int
    spending: Spending


class ModelBackend:
    """Completions from one endpoint."""

    def __init__(
        self,
        settings: EndpointSettings,
        *,
        prompts: PromptSource,
        egress: Egress,
        clock: Clock,
        limits: Limits | None = None,
        on_status: Callable[[ModelStatus], None] = lambda status: None,
    ) -> None:
        self._settings = settings
        self._way = way_of(settings)
        self._context_chars = settings.context_chars
        self._endpoint = Endpoint(settings)
        self._prompts = prompts
        self._egress = egress
        self._clock = clock
        self._budget = Budget(limits or Limits())
        self._health = Health()
        self._memory = Memory()
        self._running: dict[str, Generation] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._on_status = on_status
        self._status = ModelStatus(phase="ready")
        self._closed = False

    @property
    def status(self) -> ModelStatus:
        """Return the endpoint's state, as last told."""
        return self._status

    async def start(self) -> None:
        """Load what is needed and look at the settings; connects to nothing. Trouble shows in the status."""
        try:
            await self._endpoint.open()
        except EndpointTrouble as error:
            self._failed(error)

    def is_at_hand(self, request: CompletionRequest) -> bool:
        """Say whether an answer is known or on its way, so that to ask costs nothing."""
        if self._memory.recall(request, self._clock.monotonic()) is not None:
            return True
        return self._fitting(request) is not None

    async def complete(self, request: CompletionRequest) -> Sequence[Completion]:
        """Return what the model writes at the cursor. Raises BackendError when it cannot be asked, or failed."""
        known = self._memory.recall(request, self._clock.monotonic())
        if known is not None:
            return _shown(known)
        running = self._fitting(request)
        if running is not None:
            answer = await self._wait(running, request)
            if answer is not None:
                return _shown(answer)
        self._refuse_while_closed()
        if request.rest_ms > 0:
            await self._clock.sleep(request.rest_ms / 1000)
        generation = await self._begin(request)
        answer = await self._wait(generation, request)
        return () if answer is None else _shown(answer)

    async def prefetch(self, request: CompletionRequest) -> None:
        """Ask for what will probably be asked for next, if that is not known and the budget has room. Never raises."""
        if self.is_at_hand(request) or self._budget.share_spent(self._clock.monotonic()) > _PREFETCH_SHARE:
            return
        with suppress(BackendError):
            await self._begin(request)

    async def converse(self, asked: Conversation) -> Said:
        """Return what the model says to a question, within the same budget. Raises BackendUnavailable."""
        if self._closed:
            raise trouble(Cause.NETWORK_OFF, host=self._endpoint.host)
        self._refuse_while_closed()
        call, said = conversation_call(self._way, asked)
        size_bytes = call.size_bytes()
        spending = self._spend(call, size_bytes)
        outcome, sending = "cancelled", False
        try:
            await self._endpoint.open()
            sending = True
            async with asyncio.timeout(asked.within_s):
                await self._endpoint.stream(call, said.take, lambda: self._sent_again(size_bytes, asked))
            outcome = "answered"
            self._answered()
        except TimeoutError:
            outcome = Cause.TIMEOUT
            self._health.given_up(self._clock.monotonic())
            message = f"{self._endpoint.host} did not answer within the {asked.within_s:.0f} s that there were."
            raise EndpointTrouble(Cause.TIMEOUT, message) from None
        except EndpointTrouble as error:
            outcome = error.cause
            self._failed(error)
            raise
        except asyncio.CancelledError:
            self._health.given_up(self._clock.monotonic())
            raise
        finally:
            self._budget.settle(spending, said.tokens)
            if sending:
                self._record(size_bytes, asked, outcome)
        return said

    def changed(self, uri: str, text: str) -> None:
        """Take in a document's new text: a generation that no longer fits is closed at once."""
        generation = self._running.get(uri)
        if generation is not None and not generation.fits(text):
            self._close(generation)

    def forget(self, uri: str) -> None:
        """Take in that a document was closed."""
        generation = self._running.get(uri)
        if generation is not None:
            self._close(generation)

    async def close(self) -> None:
        """Close every connection; nothing is sent any more."""
        self._closed = True
        for generation in list(self._running.values()):
            self._close(generation)
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._endpoint.close()

    def _fitting(self, request: CompletionRequest) -> Generation | None:
        """Return the generation of this document whose answer may still fit the request."""
        generation = self._running.get(request.uri)
        if generation is None:
            return None
        typed = typed_since(generation.place, request)
        return generation if typed is not None and generation.agrees_with(typed) else None

    async def _begin(self, request: CompletionRequest) -> Generation:
        """Send a request. Raises BackendError when that is not possible, or not wanted."""
        if self._closed:
            raise trouble(Cause.NETWORK_OFF, host=self._endpoint.host)
        self._refuse_while_closed()
        prompt = await self._prompts.gather(request, self._context_chars)
        if isinstance(prompt, Skipped):
            raise BackendError(prompt.reason)
        goal = goal_at(request.text[: request.offset], request.text[request.offset :])
        call = call_for(self._way, prompt, request.language_id, goal)
        size_bytes = call.size_bytes()
        spending = self._spend(call, size_bytes)
        sent = _Request(asked=request, goal=goal, call=call, prompt=prompt, size_bytes=size_bytes, spending=spending)
        if (before := self._running.get(request.uri)) is not None:
            self._close(before)
        generation = Generation(place_of(request), request, self._way, goal)
        generation.task = asyncio.create_task(self._generate(generation, sent))
        self._running[request.uri] = generation
        self._tasks.add(generation.task)
        generation.task.add_done_callback(self._tasks.discard)
        return generation

    def _refuse_while_closed(self) -> None:
        trouble_now = self._health.trouble
        if trouble_now is not None and self._health.is_closed(self._clock.monotonic()):
            raise trouble_now

    def _spend(self, call: Call, size_bytes: int) -> Spending:
        """Book a request. Raises EndpointTrouble when the budget or the endpoint's health forbids it."""
        now = self._clock.monotonic()
        tokens_in = estimated_tokens(size_bytes)
        over = self._budget.why_not(now, tokens_in, call.max_tokens)
        if over is not None:
            error = EndpointTrouble(Cause.BUDGET, over)
            self._tell(ModelStatus(phase="paused", cause=Cause.BUDGET, message=over))
            raise error
        if not self._health.may_ask(now):
            assert self._health.trouble is not None
            raise self._health.trouble
        return self._budget.reserve(now, tokens_in, call.max_tokens)

    async def _wait(self, generation: Generation, request: CompletionRequest) -> Answer | None:
        """Return the rest of the generation's answer, None as soon as it cannot fit what was typed since."""
        typed = typed_since(generation.place, request)
        generation.waiting += 1
        try:
            while typed is not None and generation.agrees_with(typed) and not generation.is_over:
                await generation.change()
            if generation.trouble is not None:
                raise generation.trouble
            answer = generation.answer
            if answer is None or typed is None:
                return None
            return rest_of(answer, typed) if generation.agrees_with(typed) or answer.text == typed == "" else None
        finally:
            generation.waiting -= 1
            if not generation.waiting and not generation.is_over:
                asyncio.get_running_loop().call_later(_GRACE_S, self._close_if_alone, generation)

    async def _generate(self, generation: Generation, sent: _Request) -> None:
        self._tell(ModelStatus(phase="thinking"))
        outcome, sending = "cancelled", False
        try:
            await self._endpoint.open()  # outside of the time limit: to load the libraries may take a second, once
            sending = True
            async with asyncio.timeout(self._settings.timeout_ms / 1000):
                await self._stream(sent, generation)
            generation.finish(lambda text: repair(text, sent.asked, sent.prompt))
            assert generation.answer is not None
            self._memory.keep(generation.place, generation.answer, self._clock.monotonic())
            self._answered()
            outcome = "answered"
        except (EndpointTrouble, TimeoutError) as error:
            found = error if isinstance(error, EndpointTrouble) else self._timed_out()
            outcome = found.cause
            self._failed(found)
            generation.fail(found)
        except asyncio.CancelledError:
            self._health.given_up(self._clock.monotonic())
            self._tell(ModelStatus(phase="ready") if self._health.trouble is None else self._status)
            raise
        finally:
            if self._running.get(sent.asked.uri) is generation:
                del self._running[sent.asked.uri]
            self._budget.settle(sent.spending, generation.tokens_out)
            if sending:
                self._record(sent.size_bytes, sent.prompt, outcome)
            generation.end()

    async def _stream(self, sent: _Request, generation: Generation) -> None:
        """Send the request; once more in another way where the server turns out to be unable to fill in by itself."""

        def again() -> None:
            self._sent_again(sent.size_bytes, sent.prompt)

        try:
            await self._endpoint.stream(sent.call, generation.take, again)
        except EndpointTrouble as error:
            other = way_without_insert(self._settings) if error.cause is Cause.NO_INSERT else None
            if other is None or other == self._way:
                raise
            self._way = other
            again()
            call = call_for(other, sent.prompt, sent.asked.language_id, sent.goal)
            await self._endpoint.stream(call, generation.take, again)

    def _sent_again(self, size_bytes: int, about: Prompt | Conversation) -> None:
        """Book and write down a request that the server refused for its form: it is sent again in another one."""
        self._budget.reserve(self._clock.monotonic(), estimated_tokens(size_bytes), 0)
        self._record(size_bytes, about, Cause.REJECTED)

    def _timed_out(self) -> EndpointTrouble:
        return trouble(Cause.TIMEOUT, host=self._endpoint.host)

    def _record(self, size_bytes: int, about: Prompt | Conversation, outcome: str) -> None:
        self._egress.record(
            EgressEntry(
                at=self._clock.now(),
                host=self._endpoint.host,
                bytes_sent=size_bytes,
                files=about.files,
                redactions=about.redactions,
                outcome=outcome,
            )
        )

    def _close_if_alone(self, generation: Generation) -> None:
        if not generation.waiting and not generation.is_over:
            self._close(generation)

    def _close(self, generation: Generation) -> None:
        if self._running.get(generation.place.uri) is generation:
            del self._running[generation.place.uri]
        generation.close()

    def _answered(self) -> None:
        self._health.answered()
        self._tell(ModelStatus(phase="ready"))

    def _failed(self, error: EndpointTrouble) -> None:
        if error.cause is Cause.TOO_LONG:
            self._context_chars = max(self._context_chars // 2, _LEAST_CHARS)
        self._health.failed(error, self._clock.monotonic())
        paused = error.cause is Cause.SATURATED
        self._tell(ModelStatus(phase="paused" if paused else "failed", cause=error.cause, message=str(error)))

    def _tell(self, status: ModelStatus) -> None:
        if status != self._status and not self._closed:
            self._status = status
            self._on_status(status)


def _shown(answer: Answer) -> Sequence[Completion]:
    """Return the candidates. Raises BackendError with the reason where there is no text."""
    if not answer.text and answer.reason:
        raise BackendError(answer.reason)
    return completions(answer)
