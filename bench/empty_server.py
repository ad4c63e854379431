"""The least pygls server that answers inline completion, to which Tactful is compared."""

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("empty", "0")


@server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
def inline_completion(_params: types.InlineCompletionParams) -> list[types.InlineCompletionItem]:
    """Answer with nothing."""
    return []


server.start_io()
