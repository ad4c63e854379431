"""textDocument/codeLens: what the last verification said, above the function that it was about."""

from lsprotocol import types

from tactful.lsp.extensions import VERIFY_AND_FIX
from tactful.lsp.server import TactfulServer

__all__ = ["code_lens"]


def code_lens(server: TactfulServer, params: types.CodeLensParams) -> list[types.CodeLens]:
    """Return a lens for each verdict that still holds; a click verifies again, and looks for a repair."""
    document = server.session.documents.get(params.text_document.uri)
    if document is None:
        return []
    return [
        types.CodeLens(
            range=types.Range(types.Position(line, 0), types.Position(line, 0)),
            command=types.Command(title=title, command=VERIFY_AND_FIX, arguments=[document.uri, line]),
        )
        for line, title in server.verdicts.of(document)
    ]
