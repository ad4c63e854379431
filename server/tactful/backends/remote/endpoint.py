"""The connection to an endpoint; the only importer of openai and httpx, and the one place where their errors end.

Both are imported in a thread when a model is first used. Redirects are not followed, a proxy is never asked for this
machine, and only the headers that an endpoint needs leave: neither what the library tells of this machine nor what it
reads from OPENAI_* variables.
"""

import asyncio
import email.utils
import errno
import re
import ssl
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from tactful import __version__
from tactful.backends.remote.address import host_of, is_loopback, problem_with
from tactful.backends.remote.call import Call, way_of
from tactful.backends.remote.keys import find_key
from tactful.backends.remote.settings import EndpointSettings
from tactful.backends.remote.trouble import Cause, EndpointTrouble, trouble
from tactful.backends.remote.wire import Malformed, Piece, piece_of, read_line
from tactful.processes.pauses import spare_what_is_loaded

if TYPE_CHECKING:
    import httpx
    from openai import AsyncOpenAI

__all__ = ["Endpoint"]

_CONNECT_S = 3.0
_KEPT_ALIVE_S = 120.0
_LEVELS = 3
_LAST_BYTES_S = 0.2  # between the end mark of an answer and the end of the response
_HEADERS = ("host", "content-type", "content-length", "accept", "accept-encoding", "connection")
_WRONG_BODY = (400, 422)
_TELLING = (400, 422, 500)  # statuses with which servers say in words what is wrong
_CAUSE_OF_WORDS = {
    re.compile(pattern, re.IGNORECASE): cause
    for pattern, cause in {
        # llama.cpp, llama-cpp-python, OpenAI, vLLM and Mistral, in this order
        r"exceed_context_size|exceed context window|context_length_exceeded|maximum context length"
        r"|model with \d+ maximum context": Cause.TOO_LONG,
        r"does not support insert": Cause.NO_INSERT,  # Ollama
    }.items()
}
_CAUSE_OF_STATUS = {
    401: Cause.UNAUTHORIZED,
    403: Cause.UNAUTHORIZED,
    404: Cause.NO_MODEL,
    405: Cause.NO_MODEL,
    407: Cause.PROXY,
    429: Cause.SATURATED,
    503: Cause.SATURATED,
    529: Cause.SATURATED,
}


class Endpoint:
    """One endpoint; nothing is opened before `stream`."""

    def __init__(self, settings: EndpointSettings) -> None:
        self._settings = settings
        self._host = host_of(settings.base_url)
        self._base_url = way_of(settings).base_url
        self._client: AsyncOpenAI | None = None
        self._building = asyncio.Lock()
        self._levels: dict[int, int] = {}  # how few wishes the server takes, by the first level, once one was answered
        self._closed = False
        self._endings: set[asyncio.Task[None]] = set()

    @property
    def host(self) -> str:
        """Return the endpoint's host and port."""
        return self._host

    async def open(self) -> "AsyncOpenAI":
        """Load the libraries and find the key, in a thread; connects to nothing. Raises EndpointTrouble."""
        if self._closed:
            raise self._trouble(Cause.NETWORK_OFF)
        if self._client is not None:
            return self._client
        async with self._building:
            if self._client is None:
                self._client = await asyncio.to_thread(self._build)
        return self._client

    async def stream(
        self, call: Call, take: Callable[[Piece], bool], on_again: Callable[[], None] = lambda: None
    ) -> None:
        """Send the request and hand over each piece until `take` says that it is enough; then the connection closes.

        `on_again` hears of each time that the server has refused a wish, so that the request is sent once more without.
        Raises EndpointTrouble. A cancellation closes the connection too.
        """
        client = await self.open()
        known = self._levels.get(call.first_level)
        for level in range(call.first_level if known is None else known, _LEVELS):
            try:
                await self._ask(client, call, level, take)
            except _Unwilling as unwilling:
                if known is not None or level + 1 == _LEVELS:
                    raise self._refused(unwilling.status) from None
                on_again()
            else:
                self._levels[call.first_level] = level
                return

    async def close(self) -> None:
        """Close every connection; nothing can be sent any more."""
        self._closed = True
        client, self._client = self._client, None
        if self._endings:
            await asyncio.wait(self._endings)
        if client is not None:
            await client.close()

    async def _ask(self, client: "AsyncOpenAI", call: Call, level: int, take: Callable[[Piece], bool]) -> None:
        import httpx
        import openai

        body = {"model": self._settings.model, "stream": True, **call.body_at(level)}
        path = "/chat/completions" if call.chat else "/completions"
        options: Any = {}
        if call.timeout_s is not None:
            options["timeout"] = httpx.Timeout(call.timeout_s, connect=min(_CONNECT_S, call.timeout_s))
        try:
            # The response as it is: to check body and chunks against the library's types would take a millisecond more.
            answer: Any = await client.post(
                path,
                body=body,
                options=options,
                cast_to=httpx.Response,
                stream=True,
                stream_cls=openai.AsyncStream[object],
            )
            response: httpx.Response = answer
            lines = cast("AsyncGenerator[str, None]", response.aiter_lines())
            whole = False
            try:
                whole = await self._read(response, lines, take)
            finally:
                self._end_soon(response, lines, whole=whole)
        except openai.APIStatusError as error:
            raise self._from_status(error.response, level) from None
        except (openai.APIConnectionError, httpx.HTTPError) as error:
            raise self._trouble(self._cause_of(error)) from None
        except Malformed:
            raise self._trouble(Cause.MALFORMED) from None

    async def _read(
        self, response: "httpx.Response", lines: AsyncGenerator[str, None], take: Callable[[Piece], bool]
    ) -> bool:
        """Hand over the pieces; return whether the answer came whole, so that only the response's end is missing."""
        kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind == "application/json":  # a server that does not stream
            piece = piece_of((await response.aread()).decode("utf-8", "replace"))
            take(Piece(text=piece.text, logprobs=piece.logprobs, finish=piece.finish or "stop"))
            return False
        if kind != "text/event-stream":
            raise self._trouble(Cause.FOREIGN)
        finished = False
        async for line in lines:
            part = read_line(line)
            if part is None:
                continue
            finished = finished or bool(part.finish)
            if take(part) or part.finish == "done":
                return part.finish == "done"
        if not finished:
            raise self._trouble(Cause.CUT)
        return True

    def _end_soon(self, response: "httpx.Response", lines: AsyncGenerator[str, None], *, whole: bool) -> None:
        """End the response in the background: one that was read whole leaves its connection to the next request."""
        task = asyncio.ensure_future(_end(response, lines, whole=whole))
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)

    def _build(self) -> "AsyncOpenAI":
        if (wrong := problem_with(self._settings)) is not None:
            raise wrong
        key = find_key(self._settings)
        context = self._trust()
        import httpx
        import openai

        async def only_what_is_needed(request: httpx.Request) -> None:
            kept = {name: value for name, value in request.headers.items() if name in _HEADERS}
            request.headers = httpx.Headers({**kept, "user-agent": f"tactful/{__version__}"})
            if key:
                request.headers["authorization"] = f"Bearer {key}"

        wait_s = self._settings.timeout_ms / 1000
        client = httpx.AsyncClient(
            verify=context,
            proxy=self._settings.proxy or None,
            trust_env=not is_loopback(self._settings.base_url),
            timeout=httpx.Timeout(wait_s, connect=min(_CONNECT_S, wait_s)),
            limits=httpx.Limits(max_connections=4, max_keepalive_connections=2, keepalive_expiry=_KEPT_ALIVE_S),
            event_hooks={"request": [only_what_is_needed]},
        )
        opened = openai.AsyncOpenAI(
            api_key="set by the hook", base_url=self._base_url, max_retries=0, http_client=client
        )
        spare_what_is_loaded()
        return opened

    def _trust(self) -> ssl.SSLContext:
        """Return the authorities of this system, those of the certifi package, and the user's own."""
        import certifi

        context = ssl.create_default_context()
        try:
            context.load_verify_locations(certifi.where())
            if self._settings.ca_file:
                context.load_verify_locations(self._settings.ca_file)
        except (OSError, ssl.SSLError):
            raise EndpointTrouble(
                Cause.SETTINGS, f"`backend.caFile` ({self._settings.ca_file}) cannot be read as PEM certificates."
            ) from None
        return context

    def _from_status(self, response: "httpx.Response", level: int) -> Exception:
        status = response.status_code
        if (cause := _cause_in_words(response)) is not None:
            return self._trouble(cause)
        if status in _WRONG_BODY or (status in (500, 501) and level == 0 and 0 not in self._levels):
            return _Unwilling(status)  # some servers fail when asked for log-probabilities
        if status < 400 or status == 511:
            return self._trouble(Cause.FOREIGN)
        cause = _CAUSE_OF_STATUS.get(status) or (Cause.SERVER_ERROR if status >= 500 else Cause.REJECTED)
        return self._trouble(cause, status=status, retry_after_s=_retry_after_s(response.headers.get("retry-after")))

    def _refused(self, status: int) -> EndpointTrouble:
        return self._trouble(Cause.REJECTED if status < 500 else Cause.SERVER_ERROR, status=status)

    def _cause_of(self, error: BaseException) -> Cause:
        import httpx

        chain = list(_chain(error))
        if any(isinstance(each, ssl.SSLCertVerificationError) for each in chain):
            return Cause.CERTIFICATE
        if any(isinstance(each, httpx.ProxyError) for each in chain):
            return Cause.PROXY
        if any(isinstance(each, httpx.TimeoutException) for each in chain):
            return Cause.TIMEOUT
        if any(isinstance(each, httpx.ConnectError) for each in chain):
            if self._settings.proxy:
                return Cause.PROXY
            refused = any(isinstance(each, OSError) and each.errno == errno.ECONNREFUSED for each in chain)
            return Cause.REFUSED if refused else Cause.UNREACHABLE
        return Cause.CUT

    def _trouble(self, cause: Cause, status: int = 0, retry_after_s: float | None = None) -> EndpointTrouble:
        return trouble(cause, host=self._host, model=self._settings.model, status=status, retry_after_s=retry_after_s)


async def _end(response: "httpx.Response", lines: AsyncGenerator[str, None], *, whole: bool) -> None:
    """Close the response; where the answer came whole, read the few bytes that end it first."""
    import httpx

    if whole:
        with suppress(TimeoutError, httpx.HTTPError):
            async with asyncio.timeout(_LAST_BYTES_S):
                async for _ in lines:
                    pass
    await lines.aclose()
    await response.aclose()


def _cause_in_words(response: "httpx.Response") -> Cause | None:
    """Return the cause that the server names; its words go no further."""
    if response.status_code == 413:
        return Cause.TOO_LONG
    said = response.text if response.status_code in _TELLING else ""
    return next((cause for words, cause in _CAUSE_OF_WORDS.items() if words.search(said)), None)


class _Unwilling(Exception):
    """The server does not take this body."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error, what caused it, and what is in its groups."""
    found: list[BaseException | None] = [error]
    while found:
        each = found.pop()
        if each is not None:
            yield each
            found += [each.__cause__ or each.__context__]
            found += each.exceptions if isinstance(each, BaseExceptionGroup) else ()


def _retry_after_s(value: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number, or a date."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        parsed = email.utils.parsedate_tz(value)
        return None if parsed is None else max(0.0, email.utils.mktime_tz(parsed) - time.time())
