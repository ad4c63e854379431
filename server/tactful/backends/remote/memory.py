"""What the model has answered, by place: what is typed along a suggestion needs no second answer.

Pure: the time is given.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, nan

from tactful.backends.remote.place import Place, typed_since
from tactful.core.types import Completion, CompletionRequest

__all__ = ["Answer", "Memory", "completions"]

_KEPT = 64
_KEPT_S = 300.0  # after that the rest of the workspace may have changed too much


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model wrote at a place, "" where it had nothing; `logprobs` pairs the tokens' texts and logarithms."""

    text: str
    logprobs: tuple[tuple[str, float], ...] = ()
    reason: str = ""  # why there is no text


class Memory:
    """The last answers."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Place, tuple[float, Answer]] = OrderedDict()

    def keep(self, place: Place, answer: Answer, now: float) -> None:
        """Remember an answer."""
        self._answers[place] = (now, answer)
        self._answers.move_to_end(place)
        while len(self._answers) > _KEPT:
            self._answers.popitem(last=False)

    def recall(self, request: CompletionRequest, now: float) -> Answer | None:
        """Return the rest of the newest answer that what was typed since is the beginning of; None without one.

        An answer without text counts only where nothing was typed since.
        """
        for place in reversed(self._answers):
            at, answer = self._answers[place]
            if now - at > _KEPT_S:
                return None  # all others are older
            if not 0 <= request.offset - place.offset <= len(answer.text):
                continue
            typed = typed_since(place, request)
            if typed is not None and (typed == answer.text == "" or agrees(answer.text, typed)):
                return rest_of(answer, typed)
        return None


def agrees(text: str, typed: str) -> bool:
    """Say whether `text` goes on where `typed` ends."""
    return len(text) > len(typed) and text.startswith(typed)


def rest_of(answer: Answer, typed: str) -> Answer:
    """Return the answer without its beginning `typed`; a token that was typed in part counts with all its weight."""
    kept, at = [], 0
    for token, logprob in answer.logprobs:
        at += len(token)
        if at > len(typed):
            kept.append((token, logprob))
    return Answer(text=answer.text[len(typed) :], logprobs=tuple(kept), reason=answer.reason)


def completions(answer: Answer) -> Sequence[Completion]:
    """Return the answer as a backend's candidates; without log-probabilities how sure the model is stays unknown."""
    if not answer.text:
        return ()
    logprobs = tuple(logprob for _, logprob in answer.logprobs)
    probability = exp(min(0.0, sum(logprobs))) if logprobs else nan
    return (Completion(text=answer.text, probability=probability, token_logprobs=logprobs, source="model"),)
