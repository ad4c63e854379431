"""The questions of a repair, put to the model that is configured; knows nothing of either side but how they fit."""

from typing import TYPE_CHECKING

from tactful.core.errors import BackendError
from tactful.verify import Question, Reply

if TYPE_CHECKING:
    from tactful.backends.remote import ModelBackend

__all__ = ["answer_from"]


async def answer_from(model: "ModelBackend", question: Question) -> Reply:
    """Return the model's answer, or in words why there is none."""
    from tactful.backends.remote import Conversation

    asked = Conversation(
        rules=question.rules,
        text=question.text,
        opening=question.opening,
        max_tokens=question.max_tokens,
        temperature=question.temperature,
        within_s=question.within_s,
        files=question.files,
        redactions=question.redactions,
    )
    try:
        said = await model.converse(asked)
    except BackendError as error:
        return Reply(trouble=str(error))
    return Reply(text=said.text, tokens=said.tokens)
