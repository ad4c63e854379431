"""The least pygls server that answers inline completion, to which Tactful is compared.

It answers with nothing or, where $EMPTY_SERVER_TEXT is set, with that text at the cursor.
"""

import os

from lsprotocol import types
from pygls.lsp.server import LanguageServer

TEXT = os.environ.get("EMPTY_SERVER_TEXT", "")

server = LanguageServer("empty", "0")


@server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
def inline_completion(params: types.InlineCompletionParams) -> list[types.InlineCompletionItem]:
    """Answer at once."""
    here = types.Range(params.position, params.position)
    return [types.InlineCompletionItem(insert_text=TEXT, range=here)] if TEXT else []


server.start_io()
