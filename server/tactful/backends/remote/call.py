"""One request to an endpoint: which of its ways of completing is used, and what is sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from tactful.backends.remote.chat import messages
from tactful.backends.remote.ending import Goal
from tactful.backends.remote.families import FAMILIES, commented, defuse, family_of, render
from tactful.backends.remote.settings import EndpointSettings
from tactful.core.types import Prompt

__all__ = ["CHAT", "SUFFIX", "Call", "Way", "call_for", "way_of", "way_without_insert"]

SUFFIX, CHAT = "suffix", "chat"
MAX_STOPS = 4  # what OpenAI's interface takes
_TOKENS = {Goal.LINE: 64, Goal.BLOCK: 256}
_CHAT_TOKENS = 64  # more for a chat model: the fence, and the line that it likes to repeat
_OLLAMA_PORT = 11434
_FILLS_IN = ("deepseek.com", "siliconflow.com", "siliconflow.cn")  # take `suffix` at /completions
_COMMENTS = {"//": "javascript typescript javascriptreact typescriptreact c cpp csharp java go rust kotlin swift scala"}
_COMMENT_OF = {language: sign for sign, languages in _COMMENTS.items() for language in languages.split()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How this endpoint is asked: `template` is a family, "suffix" or "chat"; `base_url` is where."""

    template: str
    base_url: str
    family: str | None  # the model's, whatever the template


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The request's body, without what every request has (the model, streaming)."""

    chat: bool
    body: Mapping[str, Any]
    max_tokens: int
    temperature: float = 0.0
    first_level: int = 0
    timeout_s: float | None = None  # between two pieces, where it is not the endpoint's

    def size_bytes(self) -> int:
        """Return about how much is sent: the body without what every request has."""
        return len(json.dumps(self.body, ensure_ascii=False).encode("utf-8", "replace"))

    def body_at(self, level: int) -> dict[str, Any]:
        """Return the body with fewer wishes at each level, since servers differ in what they take.

        0: with log-probabilities. 1: without. 2: with the names that newer chat models want, and no temperature.
        """
        body = {**self.body, "max_tokens": self.max_tokens, "temperature": self.temperature}
        if level == 0:
            body["logprobs"] = True if self.chat else 1
            if self.chat:
                body["top_logprobs"] = 1  # llama.cpp sends twenty otherwise
        if level == 2:
            del body["temperature"]
            if self.chat:
                body["max_completion_tokens"] = body.pop("max_tokens")
                body.pop("stop", None)
        return body


def way_of(settings: EndpointSettings) -> Way:
    """Return how to ask: as set, else by the endpoint's address and the model's name; a model nobody knows chats."""
    family = family_of(settings.model)
    base_url = settings.base_url.rstrip("/")
    if settings.template != "auto":
        return Way(template=settings.template, base_url=base_url, family=family)
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if family == "codestral" and host.endswith("mistral.ai"):  # its own address for filling in, with `suffix`
        return Way(template=SUFFIX, base_url=base_url.removesuffix("/fim") + "/fim", family=family)
    fills_in = host.endswith(_FILLS_IN) or (parts.port == _OLLAMA_PORT and family is not None)
    if fills_in or settings.model.startswith("gpt-3.5-turbo-instruct"):
        return Way(template=SUFFIX, base_url=base_url, family=family)
    return Way(template=family or CHAT, base_url=base_url, family=family)


def way_without_insert(settings: EndpointSettings) -> Way | None:
    """Return how to ask a server that cannot fill in by itself after all, None where another way is not ours to choose.

    Ollama's base models are such: they take a prompt as it is, and so the family's own tokens.
    """
    way = way_of(settings)
    if settings.template != "auto" or way.template != SUFFIX or way.family is None:
        return None
    return replace(way, template=way.family)


def call_for(way: Way, prompt: Prompt, language_id: str, goal: Goal) -> Call:
    """Return the request for a prompt."""
    comment = _COMMENT_OF.get(language_id, "#")
    if way.template == CHAT:
        body: dict[str, Any] = {"messages": messages(prompt, language_id, comment)}
        return Call(chat=True, body=body, max_tokens=_TOKENS[goal] + _CHAT_TOKENS)
    family = FAMILIES.get(way.template) or FAMILIES.get(way.family or "")
    if way.template == SUFFIX:
        texts = (commented(prompt.context, comment) + prompt.prefix, prompt.suffix)
        before, after = texts if family is None else (defuse(family, text) for text in texts)
        body = {"prompt": before, "suffix": after}
    else:
        body = {"prompt": render(FAMILIES[way.template], prompt, comment)}
    stops = ("\n",) if goal is Goal.LINE else ()
    body["stop"] = [*stops, *(family.stops if family else ())][:MAX_STOPS]
    if not body["stop"]:
        del body["stop"]
    return Call(chat=False, body=body, max_tokens=_TOKENS[goal])
