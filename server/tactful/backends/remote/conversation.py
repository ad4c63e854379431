"""One question to a model in plain words, and its whole answer: for more than the rest of a line."""

from dataclasses import dataclass
from typing import Any

from tactful.backends.remote.budget import estimated_tokens
from tactful.backends.remote.call import CHAT, Call, Way
from tactful.backends.remote.wire import Piece

__all__ = ["Conversation", "Said", "conversation_call"]

_WITHOUT_LOGPROBS = 1  # the level of a call at which none are asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A question: `rules` say how to answer, `opening` is how the answer begins for a model that only goes on writing.

    Its texts may leave the machine as they are: `files` are those that took part, `redactions` counts the secrets that
    were replaced.
    """

    rules: str
    text: str
    opening: str
    max_tokens: int
    temperature: float
    within_s: float
    files: tuple[str, ...]
    redactions: int


class Said:
    """The answer as it comes."""

    def __init__(self, opening: str) -> None:
        self.text = opening
        self._counted = 0

    @property
    def tokens(self) -> int:
        """Return how many tokens came, as the server counts, else about how many."""
        return self._counted or estimated_tokens(len(self.text.encode("utf-8", "replace")))

    def take(self, piece: Piece) -> bool:
        """Take in a piece; the answer is wanted whole."""
        self.text += piece.text
        self._counted = piece.tokens_out or self._counted
        return False


def conversation_call(way: Way, asked: Conversation) -> tuple[Call, Said]:
    """Return the request and what takes in its answer: a chat where the model chats, else a text to go on with."""
    chat = way.template == CHAT
    if chat:
        messages = [{"role": "system", "content": asked.rules}, {"role": "user", "content": asked.text}]
        body: dict[str, Any] = {"messages": messages}
    else:
        body = {"prompt": f"{asked.rules}\n\n{asked.text}\n\n{asked.opening}"}
    call = Call(
        chat=chat,
        body=body,
        max_tokens=asked.max_tokens,
        temperature=asked.temperature,
        first_level=_WITHOUT_LOGPROBS,
        timeout_s=asked.within_s,
    )
    return call, Said("" if chat else asked.opening)
