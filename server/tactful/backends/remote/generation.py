"""One answer while it is being written: what has come so far, who waits for it, and when it is enough."""

import asyncio
from collections.abc import Callable

from tactful.backends.remote.call import CHAT, Way
from tactful.backends.remote.chat import answer_in, code_start
from tactful.backends.remote.ending import Ending, Goal
from tactful.backends.remote.families import FAMILIES, restore
from tactful.backends.remote.memory import Answer, agrees
from tactful.backends.remote.place import Place, typed_between, without_closers
from tactful.backends.remote.trouble import EndpointTrouble
from tactful.backends.remote.wire import Piece
from tactful.core.types import CompletionRequest

__all__ = ["Generation"]


class Generation:
    """The state of one request; `take` is given each piece, `answer` is there in the end."""

    def __init__(self, place: Place, request: CompletionRequest, way: Way, goal: Goal) -> None:
        self.place = place
        self.text = ""  # so far, cut where it ends
        self.waiting = 0
        self.tokens_out = 0
        self.answer: Answer | None = None
        self.trouble: EndpointTrouble | None = None
        self.task: asyncio.Task[None] | None = None
        self._prefix = request.text[: request.offset]
        self._chars_after = len(request.text) - request.offset
        self._newline = "\r\n" if "\r\n" in request.text else "\n"
        self._way = way
        self._family = FAMILIES.get(way.family or way.template)
        self._ending = Ending(request, goal)
        self._raw = ""
        self._logprobs: list[tuple[str, float]] = []
        self._finish = ""
        self._over = False
        self._changed = asyncio.Event()

    @property
    def is_over(self) -> bool:
        """Return whether nothing more will come."""
        return self._over or self.answer is not None or self.trouble is not None

    def take(self, piece: Piece) -> bool:
        """Take in a piece; return whether this is all that is wanted."""
        self._raw += piece.text
        self._logprobs += piece.logprobs if piece.text else ()
        self._finish = piece.finish if piece.finish not in ("", "done") else self._finish
        self.tokens_out = max(self.tokens_out + max(bool(piece.text), len(piece.logprobs)), piece.tokens_out or 0)
        text = self._cleaned(ended=False)
        end = self._ending.find(text)
        self.text = text if end is None else text[:end]
        self._tell()
        return end is not None

    def finish(self, checked: Callable[[str], Answer]) -> None:
        """Make the answer of what has come; `checked` repairs its text or says why it cannot be used."""
        text = self._cleaned(ended=True)
        end = self._ending.find(text)
        if end is None and self._finish == "length":  # cut off somewhere: only whole lines are of use
            end = max(text.rfind("\n"), 0) if self._ending.goal is Goal.BLOCK else 0
        text = text if end is None else text[:end]
        if not text.strip():
            reason = "the model's line is too long" if self._finish == "length" else "the model has nothing to add"
            self.answer = Answer(text="", reason=reason)
        else:
            answer = checked(text.rstrip())
            text = answer.text.replace("\n", self._newline)
            self.answer = Answer(text=text, logprobs=self._tokens_of(answer.text), reason=answer.reason)
        self._tell()

    def fail(self, trouble: EndpointTrouble) -> None:
        """Take in that no answer will come."""
        self.trouble = trouble
        self._tell()

    def agrees_with(self, typed: str) -> bool:
        """Say whether what has come so far may still turn out to go on where `typed` ends."""
        if self.answer is not None:
            return agrees(self.answer.text, typed)
        return agrees(self.text, typed) or typed.startswith(self.text)

    def fits(self, text: str) -> bool:
        """Say whether the document's new text is the old one with something typed that the answer may go on from."""
        typed = typed_between(self.place, text, self._chars_after)
        return typed is not None and (self.agrees_with(typed) or self.agrees_with(without_closers(typed)))

    async def change(self) -> None:
        """Wait for the next piece, or the end."""
        await self._changed.wait()

    def end(self) -> None:
        """Take in that nothing more comes, whatever the reason."""
        self._over = True
        self._tell()

    def close(self) -> None:
        """Stop; the connection is closed."""
        if self.task is not None:
            self.task.cancel()
        self.end()

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _cleaned(self, *, ended: bool) -> str:
        raw = self._raw.replace("\r\n", "\n")
        if self._way.template == CHAT:
            return answer_in(raw, self._prefix, ended=ended)
        if self._family is None:
            return raw
        ends = [at for stop in self._family.stops if (at := raw.find(stop)) >= 0]
        return restore(self._family, raw[: min(ends)] if ends else raw)

    def _tokens_of(self, text: str) -> tuple[tuple[str, float], ...]:
        """Return the tokens that the text is made of, none where it was changed; the one that it ends in counts whole.

        Where a token's text and the answer's differ, as with fences before the code, the first one holds what is left
        of it.
        """
        start = self._raw.find(text, code_start(self._raw) if self._way.template == CHAT else 0)
        if not text or start < 0:
            return ()
        kept, at = [], 0
        for token, logprob in self._logprobs:
            if token and at >= start + len(text):
                break
            if at + len(token) > start:  # so do those without a text, which are parts of the one before
                kept.append((token[max(0, start - at) :], logprob))
            at += len(token)
        return tuple(kept)
