"""Completions from a model that only chats: what it is told, and how its answer is cut out of prose and fences."""

import re

from tactful.backends.remote.families import commented
from tactful.core.types import Prompt

__all__ = ["answer_in", "code_start", "messages"]

_CURSOR = "<CURSOR>"
_RULES = (
    f"You complete code in an editor. The file has the marker {_CURSOR} where the programmer is typing. Answer with "
    "exactly the text that replaces the marker, in one fenced code block: no explanation, nothing that already stands "
    "before or after the marker. If nothing should be inserted, answer with an empty code block."
)
_THOUGHT = re.compile(r"<think>.*?(?:</think>\s*|\Z)", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*```[^\n]*(?:\n|\Z)", re.MULTILINE)
_PROSE = re.compile(
    r"\A\s*(?:sure|certainly|of course|here(?:'s| is| are)|the (?:code|completion|text|missing)|to complete|this |i )",
    re.IGNORECASE,
)


def messages(prompt: Prompt, language_id: str, comment: str = "#") -> list[dict[str, str]]:
    """Return the conversation that asks for the text at the cursor; a marker in the user's text is taken apart."""
    own = prompt.parts[0]
    context = commented(prompt.context, comment)
    code = f"{_plain(own.text)}{_CURSOR}{_plain(prompt.suffix)}"
    asked = f"{_plain(context)}File: {own.path} ({language_id})\n```\n{code}\n```"
    return [{"role": "system", "content": _RULES}, {"role": "user", "content": asked}]


def answer_in(said: str, prefix: str, *, ended: bool) -> str:
    """Return the code in what a chat model has said so far, "" while there is none yet or where there is only prose.

    `prefix` is the text before the cursor: models like to begin with the line that the cursor is in, which is cut off.
    With `ended`, nothing more is coming.
    """
    said = _THOUGHT.sub("", said)
    opening = _FENCE.search(said)
    if opening is not None:
        begun = said[opening.end() :]
        closing = _FENCE.search(begun)
        code = begun[: closing.start()] if closing is not None else _before_fence(begun, ended=ended)
        code = code.removesuffix("\n") if closing is not None else code
    else:
        code = said if ended and not _PROSE.match(said) else ""
    return _without_line(code.replace(_CURSOR, ""), prefix)


def code_start(said: str) -> int:
    """Return where the code begins in what a chat model has said: behind its thoughts and the opening fence."""
    thought = max((found.end() for found in _THOUGHT.finditer(said)), default=0)
    opening = _FENCE.search(said[thought:])
    return thought if opening is None else thought + opening.end()


def _before_fence(begun: str, *, ended: bool) -> str:
    """Return the text without a last line that may become the closing fence."""
    head, _, last = begun.rpartition("\n")
    return head if not ended and last.strip() in ("", "`", "``", "```") else begun


def _without_line(code: str, prefix: str) -> str:
    line = prefix[max(prefix.rfind("\n"), prefix.rfind("\r")) + 1 :]
    wanted = line.strip()
    first = code.lstrip("\n")
    stripped = first.lstrip(" \t")
    if wanted and stripped.startswith(wanted):
        rest = stripped[len(wanted) :]
        return rest if line[len(line.rstrip()) :] == "" else rest.removeprefix(line[len(line.rstrip()) :])
    if line and not wanted:  # the line holds its indentation already
        return first.removeprefix(line)
    return code


def _plain(text: str) -> str:
    return text.replace(_CURSOR, "< CURSOR >").replace("```", "'''")
