"""textDocument/codeAction and codeAction/resolve: verify, verify and fix, and a fix that was found."""

from collections.abc import Sequence
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.uris import to_fs_path

from tactful.core.syntax import function_at
from tactful.core.text import Document
from tactful.lsp.diagnostics import SOURCE
from tactful.lsp.extensions import VERIFY, VERIFY_AND_FIX
from tactful.lsp.fixes import workspace_edit
from tactful.lsp.server import TactfulServer

__all__ = ["KINDS", "code_action", "resolve_code_action"]

_VERIFY_KIND = f"{types.CodeActionKind.Refactor.value}.verify"
_FIX = "Tactful: verify and fix"
_MOST_LINES = 40  # of a selection that are looked at for a function
KINDS = (types.CodeActionKind.QuickFix, _VERIFY_KIND)


def code_action(server: TactfulServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Offer verification on a Python function, and the fix that was found for this very text."""
    document = server.session.documents.get(params.text_document.uri)
    if document is None or document.language_id != "python" or not to_fs_path(document.uri):
        return []
    only = params.context.only
    actions = [
        *_fix_actions(server, document),
        *_failure_actions(params.context.diagnostics),
        *_verify_actions(server, document, params),
    ]
    return [action for action in actions if not only or any(_is_kind(action.kind, kind) for kind in only)]


def resolve_code_action(server: TactfulServer, action: types.CodeAction) -> types.CodeAction:
    """Fill in the edit of a fix; an action that has nothing to fill in comes back as it is."""
    data: Any = action.data
    fix_id = data.get("fix") if isinstance(data, dict) else None
    if fix_id is None:
        return action
    for document in server.session.documents.values():
        for offer in server.offers.of(document):
            if offer.fix_id == fix_id:
                action.edit = workspace_edit(offer, document.version, server.encoding, server.client_capabilities)
                return action
    raise JsonRpcInvalidParams("The file changed since the tests ran; run verify and fix again.")


def _fix_actions(server: TactfulServer, document: Document) -> list[types.CodeAction]:
    """Offer what was found; where repairs behave differently, the user decides which was meant."""
    actions = [
        types.CodeAction(
            title=offer.title, kind=types.CodeActionKind.QuickFix, is_preferred=not number, data={"fix": offer.fix_id}
        )
        for number, offer in enumerate(server.offers.of(document))
    ]
    return actions if _can_resolve(server) else [resolve_code_action(server, each) for each in actions]


def _can_resolve(server: TactfulServer) -> bool:
    """Return whether the client asks for an action's edit when it is chosen; some take actions only as they come."""
    documents = server.client_capabilities.text_document
    able = documents.code_action.resolve_support if documents and documents.code_action else None
    return able is not None and "edit" in able.properties


def _failure_actions(diagnostics: Sequence[types.Diagnostic]) -> list[types.CodeAction]:
    """Offer, on a failing test's diagnostic, to look for a repair of the function that it was run for."""
    found: list[types.CodeAction] = []
    for diagnostic in diagnostics:
        cause: Any = diagnostic.data
        if diagnostic.source != SOURCE or not isinstance(cause, dict) or not {"uri", "line"} <= cause.keys():
            continue
        command = types.Command(title=_FIX, command=VERIFY_AND_FIX, arguments=[cause["uri"], cause["line"]])
        quick = types.CodeActionKind.QuickFix
        found.append(types.CodeAction(title=_FIX, kind=quick, diagnostics=[diagnostic], command=command))
    return found[:1]


def _verify_actions(
    server: TactfulServer, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction]:
    """Offer to verify the function at the cursor, or those that a selection of several lines touches."""
    first, last = params.range.start.line, params.range.end.line
    if params.range.end.character == 0 and last > first:
        last -= 1  # a selection of whole lines ends at the beginning of the next one
    step = 1 + (last - first) // _MOST_LINES
    if not any(_is_in_function(server, document, line) for line in range(first, last + 1, step)):
        return []
    arguments = [document.uri, first] if first == last else [document.uri, first, last]
    where = "" if first == last else f" lines {first + 1}-{last + 1}"
    return [
        types.CodeAction(
            title=title, kind=_VERIFY_KIND, command=types.Command(title=title, command=command, arguments=arguments)
        )
        for title, command in ((f"Tactful: verify{where}", VERIFY), (f"{_FIX}{where}", VERIFY_AND_FIX))
    ]


def _is_in_function(server: TactfulServer, document: Document, line: int) -> bool:
    starts = document.line_starts
    offset = starts[line] if line < len(starts) else len(document.text)
    return function_at(server.session.tree(document, offset), document, offset) is not None


def _is_kind(kind: str | types.CodeActionKind | None, wanted: str | types.CodeActionKind) -> bool:
    have, want = (value.value if isinstance(value, types.CodeActionKind) else str(value) for value in (kind, wanted))
    return have == want or have.startswith(f"{want}.")
