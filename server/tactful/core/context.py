"""From a document and an offset to the moment that the rest of the pipeline looks at.

Knows: how the cursor's line is split. Must not know: the protocol, the clock (rhythm, history and memory are given).
"""

from tactful.core.memory import NO_MEMORY, Memory
from tactful.core.syntax import SyntaxTree, facts_at
from tactful.core.text import Document
from tactful.core.types import CursorContext, History, Rhythm, Suggestion

__all__ = ["context_at"]


def context_at(
    document: Document,
    offset: int,
    *,
    path: str | None,
    automatic: bool,
    tree: SyntaxTree | None,
    rhythm: Rhythm,
    history: History,
    memory: Memory = NO_MEMORY,
    standing: Suggestion | None = None,
    asks_model: bool = False,
    replace_from: int | None = None,
) -> CursorContext:
    """Return the moment at `offset`, which is moved into the document where it lies outside.

    `tree` is the tree of this very text, or None where the language has no grammar. `replace_from` is where the
    entry begins that the editor's completion list has selected, if it has; `standing` what is on show and goes on here.
    """
    offset = min(max(offset, 0), len(document.text))
    line = document.line_of(offset)
    start, end = document.line_starts[line], document.line_end(line)
    return CursorContext(
        document=document,
        offset=offset,
        path=path,
        automatic=automatic,
        line_before=document.text[start : min(offset, end)],
        line_after=document.text[offset:end],
        syntax=facts_at(tree, document, offset),
        rhythm=rhythm,
        history=history,
        memory=memory,
        standing=standing,
        asks_model=asks_model,
        replace_from=replace_from,
    )
