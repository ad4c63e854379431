"""An OpenAI-compatible server on loopback: streams with set delays, sees disconnects, misbehaves on command.

    python tests/model_server.py [--first-ms N] [--token-ms N] [--text TEXT | --line LINE]

prints its port, and answers GET /stats with what it was asked; without arguments from the tests it lives in their loop.
"""

import argparse
import asyncio
import contextlib
import json
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

_TOKEN = re.compile(r"\s*\w+|\s*[^\w\s]|\s+")
PAGE = b"<html><body>Please log in</body></html>"


@dataclass
class Seen:
    """One request, as the server saw it."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    begun: float
    tokens_sent: int = 0
    finished: bool = False
    closed_at: float | None = None  # when the client went away before the end
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def prompt(self) -> str:
        return str(self.body.get("prompt") or self.body["messages"][-1]["content"])


class ModelServer:
    """Answers with `answer(body)`; `trouble` names how it misbehaves, "" for not at all."""

    def __init__(self, answer: str | Callable[[dict[str, Any]], str] = "", *, first_s: float = 0.0) -> None:
        self.answer = answer
        self.first_s = first_s
        self.token_s = 0.0
        self.quick = 0  # so many requests are answered without delay first
        self.trouble = ""
        self.retry_after = ""
        self.most_chars = 0  # of a prompt, 0 for any number; longer ones are refused in the words of `too_long`
        self.too_long = (400, '{"error": {"type": "exceed_context_size_error"}}')
        self.logprob: float | None = -0.1
        self.finish = "stop"
        self.seen: list[Seen] = []
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def start(self, context: ssl.SSLContext | None = None, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while await self._exchange(reader, writer):
                pass
        self._writers.discard(writer)
        writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        if method == "GET":
            self._send(writer, 200, "application/json", json.dumps(self.stats()).encode())
            return True
        seen = Seen(path=path, headers=headers, body=json.loads(raw), begun=time.perf_counter())
        self.seen.append(seen)
        watch = asyncio.ensure_future(_gone(reader, seen))
        answering = asyncio.ensure_future(self._answer(seen, writer))
        await asyncio.wait([watch, answering], return_when=asyncio.FIRST_COMPLETED)
        for task in (watch, answering):
            task.cancel()
        results = await asyncio.gather(watch, answering, return_exceptions=True)
        return results[1] is True

    async def _answer(self, seen: Seen, writer: asyncio.StreamWriter) -> bool:
        """Return whether the connection goes on."""
        if self.trouble == "hang":
            await asyncio.sleep(3600)
        await asyncio.sleep(self.first_s if len(self.seen) > self.quick else 0)
        if self.trouble.isdecimal():
            extra = f"retry-after: {self.retry_after}\r\n" if self.retry_after else ""
            secret = json.dumps({"error": {"message": f"no: {seen.prompt}"}}).encode()  # servers do quote prompts
            self._send(writer, int(self.trouble), "application/json", secret, extra)
            return True
        if self.most_chars and len(seen.prompt) > self.most_chars:
            self._send(writer, self.too_long[0], "application/json", self.too_long[1].encode())
            return True
        if self.trouble == "no-insert" and "suffix" in seen.body:
            self._send(writer, 400, "application/json", b'{"error": {"message": "m:latest does not support insert"}}')
            return True
        if self.trouble == "no-logprobs" and "logprobs" in seen.body:
            self._send(writer, 400, "application/json", b"{}")
            return True
        if self.trouble == "page":
            self._send(writer, 200, "text/html", PAGE)
            return True
        if self.trouble == "redirect":
            self._send(writer, 307, "text/html", b"", "location: https://example.invalid/v1\r\n")
            return True
        text = self.answer if isinstance(self.answer, str) else self.answer(seen.body)
        if self.trouble == "whole":
            self._send(writer, 200, "application/json", json.dumps(self._chunk(seen, text, "stop")).encode())
            seen.finished = True
            return True
        return await self._stream(seen, writer, text)

    async def _stream(self, seen: Seen, writer: asyncio.StreamWriter, text: str) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        stops = seen.body.get("stop") or []
        ends = [at for stop in stops if (at := text.find(stop)) >= 0]
        tokens = tokens_of(text[: min(ends)] if ends else text)
        most = seen.body.get("max_tokens") or seen.body.get("max_completion_tokens")
        for token in tokens[:most]:
            self._event(writer, self._chunk(seen, token, None))
            await writer.drain()
            seen.tokens_sent += 1
            if self.trouble == "cut":
                writer.transport.abort()
                return False
            if self.trouble == "malformed":
                _chunked(writer, b"data: {not json\n\n")
            await asyncio.sleep(self.token_s)
        if self.trouble == "end-missing":
            writer.write(b"0\r\n\r\n")
            return True
        self._event(writer, self._chunk(seen, "", "length" if len(tokens) > most else self.finish))
        _chunked(writer, b"data: [DONE]\n\n")
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        seen.finished = True
        return True

    def _chunk(self, seen: Seen, text: str, finish: str | None) -> dict[str, Any]:
        logprobs: Any = None
        if seen.body.get("logprobs") and self.logprob is not None and text:
            logprobs = {"tokens": [text], "token_logprobs": [self.logprob]}
            if "messages" in seen.body:
                logprobs = {"content": [{"token": text, "logprob": self.logprob}]}
        said = {"delta": {"content": text}} if "messages" in seen.body else {"text": text}
        return {"id": "1", "choices": [{"index": 0, "finish_reason": finish, "logprobs": logprobs, **said}]}

    def _event(self, writer: asyncio.StreamWriter, chunk: dict[str, Any]) -> None:
        _chunked(writer, b"data: " + json.dumps(chunk).encode() + b"\n\n")

    def _send(self, writer: asyncio.StreamWriter, status: int, kind: str, body: bytes, extra: str = "") -> None:
        head = f"HTTP/1.1 {status} Status\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n{extra}\r\n"
        writer.write(head.encode() + body)

    def stats(self) -> dict[str, Any]:
        return {
            "requests": len(self.seen),
            "tokens": sum(seen.tokens_sent for seen in self.seen),
            "closed": [seen.closed_at for seen in self.seen],
            "connections": self.connections,
        }


def tokens_of(text: str) -> list[str]:
    """Return a text in the pieces in which it is sent."""
    return _TOKEN.findall(text)


def _rest_of(line: str, body: dict[str, Any]) -> str:
    """Return what is missing of `line` at the end of the prompt's prefix, all of it where something else stands."""
    typed = str(body["prompt"]).split("<|fim_suffix|>")[0].split("\n")[-1]
    return (line[len(typed) :] if line.startswith(typed) else line) + "\n"


async def _gone(reader: asyncio.StreamReader, seen: Seen) -> None:
    """Wait until the client closes the connection."""
    with contextlib.suppress(ConnectionError):
        await reader.read(1)
    seen.closed_at = time.perf_counter()
    seen.closed.set()


def _chunked(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first-ms", type=float, default=0.0)
    parser.add_argument("--token-ms", type=float, default=0.0)
    parser.add_argument("--text", default="answer")
    parser.add_argument("--line", default="", help="answer with what is missing of this line")
    parser.add_argument("--quick", type=int, default=0, help="requests that are answered at once first")
    options = parser.parse_args()
    answer = partial(_rest_of, options.line) if options.line else options.text
    server = ModelServer(answer, first_s=options.first_ms / 1000)
    server.quick = options.quick
    server.token_s = options.token_ms / 1000
    await server.start()
    print(server.port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main())
