"""didOpen, didChange, didSave, didClose: text goes to the session, what it tells of suggestions to the trackers."""

from lsprotocol import types
from pygls.uris import to_fs_path

from tactful.core.text import open_document
from tactful.lsp.convert import to_edit
from tactful.lsp.server import TactfulServer

__all__ = ["did_change", "did_close", "did_open", "did_save"]


def did_open(server: TactfulServer, params: types.DidOpenTextDocumentParams) -> None:
    """Take in a document; the first one wakes the engine."""
    item = params.text_document
    document = open_document(item.uri, item.language_id, item.version, item.text)
    server.session.open(document)
    server.session.tree(document, len(document.text))  # now, since at the first key it would be felt
    server.wake()
    server.engine.open_document(item.uri, to_fs_path(item.uri), item.language_id, item.text)
    server.models.opened(document)
    if document.language_id == "python":
        server.measuring.add(item.uri)


def did_change(server: TactfulServer, params: types.DidChangeTextDocumentParams) -> None:
    """Apply the changes one by one, and read from them what became of the last suggestion."""
    uri, version = params.text_document.uri, params.text_document.version
    at = server.clock.now()
    server.measuring.stir()
    for change in params.content_changes:
        before = server.session.documents.get(uri)
        if before is None:
            return  # a client that changes what it never opened
        edit = to_edit(before, change, server.encoding)
        after = server.session.edit(uri, edit, version)
        server.session.rhythm.edited(uri, edit, at)
        server.outcomes.changed(uri, edit, after)
        server.engine.change_document(uri, after.text)
        server.models.changed(uri, after.text, edit.start)
        if server.offers.is_fulfilled_by(after):
            server.board.clear(uri)


def did_save(server: TactfulServer, params: types.DidSaveTextDocumentParams) -> None:
    """Have the engine read the file again, and its tests measured."""
    uri = params.text_document.uri
    if uri in server.session.documents and server.session.documents[uri].language_id == "python":
        server.measuring.add(uri)
    path = to_fs_path(uri)
    if path is not None:
        server.engine.saved(path)
        server.models.saved(path)


def did_close(server: TactfulServer, params: types.DidCloseTextDocumentParams) -> None:
    """Forget the document; from now on its file on disk counts."""
    uri = params.text_document.uri
    server.session.close(uri)
    server.session.rhythm.closed(uri)
    server.outcomes.closed(uri)
    server.offers.drop(uri)
    server.verdicts.drop(uri)
    server.measuring.drop(uri)
    server.board.clear(uri)
    server.engine.close_document(uri)
    server.models.closed(uri)
