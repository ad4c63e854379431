"""What a backend returned -> what may be shown: repaired where that is safe, else skipped with a reason.

Knows text only, of one line or several. The rules: the document's line ends, no trailing blanks, and nothing that the
rest of the line or the lines below already say, nor what was turned down here before.
"""

from dataclasses import replace
from itertools import islice

from tactful.core.memory import REJECTIONS
from tactful.core.placeholders import has_placeholder
from tactful.core.text import Document
from tactful.core.types import Completion, CursorContext, Skipped, Stage

__all__ = ["postprocess"]

_CLOSERS = {")": "(", "]": "[", "}": "{"}
_SHORT_LINE = 3  # lines of at most so many characters (`)`, `try`) may well repeat


def postprocess(completion: Completion, ctx: CursorContext) -> Completion | Skipped:
    """Return the completion as it may be shown at the cursor, or why it cannot be."""
    if has_placeholder(completion.text):
        return Skipped(stage=Stage.POSTPROCESS, reason="it repeats the placeholder of a secret")
    text = _with_line_ends_of(ctx.document, completion.text).rstrip()
    text = _without_rest_of_line(text, ctx.line_after.rstrip())
    if not text.strip():
        return Skipped(stage=Stage.POSTPROCESS, reason="nothing to add")
    text = _without_lines_below(text, ctx)
    if not text.strip():
        return Skipped(stage=Stage.POSTPROCESS, reason="the next line says the same")
    times = REJECTIONS if completion.source != "model" else 1  # a model would only be asked for the same again
    if ctx.automatic and ctx.memory.turned_down(ctx.document, ctx.offset, text, times):
        reason = "it was turned down here twice" if times > 1 else "it was turned down here before"
        return Skipped(stage=Stage.POSTPROCESS, reason=reason)
    return replace(completion, text=text)


def _with_line_ends_of(document: Document, text: str) -> str:
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(document.line_starts) < 2:
        return unix
    return unix.replace("\n", document.text[document.line_end(0) : document.line_starts[1]])


def _without_rest_of_line(text: str, rest: str) -> str:
    """Cut the longest end of `text` that already stands behind the cursor.

    An end made only of punctuation is cut only while `text` closes brackets that it did not open: in `print(|)` the
    suggestion `x)` becomes `x`, and `len(x)` stays whole.
    """
    for length in range(min(len(text), len(rest)), 0, -1):
        overlap = rest[:length]
        if not text.endswith(overlap):
            continue
        if _closes_too_much(text) or (length > 1 and any(character.isalnum() for character in overlap)):
            return text[:-length]
        return text
    return text


def _closes_too_much(text: str) -> bool:
    opened: list[str] = []
    for character in text:
        if character in "([{":
            opened.append(character)
        elif character in _CLOSERS and (not opened or opened.pop() != _CLOSERS[character]):
            return True
    return False


def _without_lines_below(text: str, ctx: CursorContext) -> str:
    """Cut the last lines of `text`, as many as the next lines of the document say once more; blank lines do not count.

    A short line is cut only together with a longer one.
    """
    lines = text.splitlines(keepends=True)
    said = [line.strip() for line in (ctx.line_before + lines[0], *lines[1:])]
    following = _next_lines(ctx, len(said))
    for count in range(len(said), 0, -1):
        if said[-count:] == following[:count] and max(map(len, said[-count:])) > _SHORT_LINE:
            return "".join(lines[:-count]).rstrip()
    return text


def _next_lines(ctx: CursorContext, count: int) -> list[str]:
    """Return the next lines below the cursor that are not blank, without their indentation; at most `count`."""
    document = ctx.document
    numbers = range(document.line_of(ctx.offset) + 1, len(document.line_starts))
    return list(islice((line for number in numbers if (line := document.line_text(number).strip())), count))
