"""What comes back from an endpoint, chunk by chunk: server-sent events or one JSON object, in each of the known shapes.

Pure: lines in, pieces out. Raises Malformed for what is no answer at all.
"""

import json
from dataclasses import dataclass
from typing import Any

__all__ = ["Malformed", "Piece", "piece_of", "read_line"]

_FIELD = "data:"
_DONE = "[DONE]"


class Malformed(ValueError):
    """The text is no answer; the message says no more than that, since it may hold the user's own text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of an answer; `finish` is "stop", "length" or the like in the last one, "done" for the end mark."""

    text: str = ""
    logprobs: tuple[tuple[str, float], ...] = ()
    finish: str = ""
    tokens_out: int | None = None  # of the whole answer, where the server counts


def read_line(line: str) -> Piece | None:
    """Return the piece in one line of an event stream, None for lines that carry none."""
    if not line.startswith(_FIELD):
        return None
    data = line[len(_FIELD) :].strip()
    if data == _DONE:
        return Piece(finish="done")
    return piece_of(data)


def piece_of(data: str) -> Piece:
    """Return the piece in one JSON object. Raises Malformed."""
    try:
        found = json.loads(data)
        if "error" in found and not found.get("choices"):
            raise Malformed("the server reports an error within its answer")
        return _piece(found)
    except (json.JSONDecodeError, TypeError, KeyError, AttributeError, IndexError):
        raise Malformed("not an answer of the OpenAI kind") from None


def _piece(found: dict[str, Any]) -> Piece:
    counted = (found.get("usage") or {}).get("completion_tokens")
    choices = found["choices"]
    if not choices:  # the last chunk of some servers has the token counts alone
        return Piece(tokens_out=counted)
    choice = choices[0]
    text = choice.get("text")
    if text is None:
        text = (choice.get("delta") or choice.get("message") or {}).get("content") or ""
    if not isinstance(text, str):
        raise Malformed("not text")
    logprobs = _logprobs(choice.get("logprobs"), text)
    return Piece(text=text, logprobs=logprobs, finish=choice.get("finish_reason") or "", tokens_out=counted)


def _logprobs(given: Any, text: str) -> tuple[tuple[str, float], ...]:
    """Return pairs of token and logarithm, in either shape; a token's text is made up where it does not fit."""
    if not isinstance(given, dict):
        return ()
    if given.get("content"):
        pairs = [(entry["token"], entry["logprob"]) for entry in given["content"]]
    else:
        pairs = list(zip(given.get("tokens") or (), given.get("token_logprobs") or (), strict=False))
    numbers = [float(logprob) for _, logprob in pairs if logprob is not None]
    tokens = [token for token, logprob in pairs if logprob is not None]
    if "".join(tokens) != text:  # parts of characters, or tokens under another spelling
        tokens = [text, *[""] * (len(numbers) - 1)]
    return tuple(zip(tokens, numbers, strict=True)) if numbers else ()
