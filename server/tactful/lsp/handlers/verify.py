"""The commands verify and verify-and-fix: run the near tests on the unsaved text, show the result, offer a repair."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any, cast

from lsprotocol import types
from pygls.uris import to_fs_path

from tactful import paths
from tactful.core.text import Document, open_document
from tactful.lsp.diagnostics import to_diagnostics
from tactful.lsp.fixes import OfferedFix, asks_itself, workspace_edit
from tactful.lsp.progress import progress
from tactful.lsp.server import TactfulServer
from tactful.lsp.trust import is_trusted
from tactful.verify import SandboxMode, VerifyRequest, VerifyResult, run_in_worker

__all__ = ["verify", "verify_and_fix"]

_APPLY, _DISMISS = "Apply", "Dismiss"
_GOOD = ("passed", "fixed")
_SETTINGS_TIMEOUT_S = 2.0  # for clients that never say that they are initialized


async def verify(server: TactfulServer, *args: Any) -> dict[str, Any]:
    """Run the tests near line args[1] of document args[0]; return the result as plain data."""
    return await _run(server, args, fix=False)


async def verify_and_fix(server: TactfulServer, *args: Any) -> dict[str, Any]:
    """The same, and when tests fail, look for a repair and offer it as an edit to confirm."""
    return await _run(server, args, fix=True)


async def _run(server: TactfulServer, args: tuple[Any, ...], *, fix: bool) -> dict[str, Any]:
    if len(args) != 2 or not isinstance(args[0], str) or not isinstance(args[1], int):
        return _refuse(server, "verify needs the uri of a document and a line, counted from 0.")
    uri, line = args
    path = Path(to_fs_path(uri) or "")
    opened = server.session.documents.get(uri)
    document = opened if opened is not None else await asyncio.to_thread(_read, uri, path)
    if isinstance(document, str):
        return _refuse(server, document)
    await _wait_for_settings(server)
    root = next((root for root in server.roots if path.is_relative_to(root)), path.parent)
    if not await is_trusted(server, server.settings.trusted, root, paths.data_dir()):
        return _refuse(server, f"The tests of {root} were not run: the folder is not trusted (setting `trusted`).")
    server.session.supersede(f"verify {uri}")
    result = await _with_progress(server, _request(server, document, path, root, line, fix=fix))
    _publish(server, uri, result, path, line)
    server.tell(result.message, types.MessageType.Info if result.status in _GOOD else types.MessageType.Warning)
    offer = server.offers.add(document, result)
    answer = result.to_json()
    if offer is not None:
        answer["edit"] = _plain(
            server, workspace_edit(offer, document.version, server.encoding, server.client_capabilities)
        )
        server.spawn(_propose(server, offer), "offering a fix")
    return answer


async def _wait_for_settings(server: TactfulServer) -> None:
    """Wait for the client's settings, a moment at most: whether its folder is trusted may be among them."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(server.settings_known.wait(), _SETTINGS_TIMEOUT_S)


def _request(
    server: TactfulServer, document: Document, path: Path, root: Path, line: int, *, fix: bool
) -> VerifyRequest:
    others = {
        other_path: other.text
        for other in server.session.documents.values()
        if other.uri != document.uri and (other_path := to_fs_path(other.uri))
    }
    chosen = server.settings.verify
    return VerifyRequest(
        root=root,
        path=path,
        text=document.text,
        line=line,
        other_texts=others,
        python=Path(chosen.python) if chosen.python else None,
        sandbox=cast(SandboxMode, chosen.sandbox),  # the setting's choices are the modes
        budget_s=chosen.budget_s,
        fix=fix,
    )


async def _with_progress(server: TactfulServer, request: VerifyRequest) -> VerifyResult:
    title = "Tactful: verify and fix" if request.fix else "Tactful: verify"
    with await progress(server, title, cancellable=True) as running, running.cancelling(asyncio.current_task()):
        return await run_in_worker(request, running.report)


def _publish(server: TactfulServer, uri: str, result: VerifyResult, path: Path, line: int) -> None:
    found = to_diagnostics(result, path, line)
    for stale in server.published.pop(uri, set()) - set(found):
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=stale, diagnostics=[]))
    for file_uri, diagnostics in found.items():
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=file_uri, diagnostics=diagnostics))
    server.published[uri] = set(found)


async def _propose(server: TactfulServer, offer: OfferedFix) -> None:
    """Let the user see the fix and decide; nothing happens where the text has changed since."""
    if not asks_itself(server.client_capabilities) and not await _user_agrees(server, offer):
        return
    document = server.session.documents.get(offer.document.uri)
    if document is None or server.offers.of(document) is not offer:
        server.tell("The file changed since the tests ran; the fix was not applied. Run verify and fix again.")
        return
    edit = workspace_edit(offer, document.version, server.encoding, server.client_capabilities)
    await server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit=edit, label=offer.title))


async def _user_agrees(server: TactfulServer, offer: OfferedFix) -> bool:
    params = types.ShowMessageRequestParams(
        type=types.MessageType.Info,
        message=f"{offer.title}? {offer.evidence}",
        actions=[types.MessageActionItem(title=_APPLY), types.MessageActionItem(title=_DISMISS)],
    )
    answer = await server.window_show_message_request_async(params)
    return answer is not None and answer.title == _APPLY


def _refuse(server: TactfulServer, message: str) -> dict[str, Any]:
    server.tell(message, types.MessageType.Warning)
    return VerifyResult(status="error", message=message).to_json()


def _read(uri: str, path: Path) -> Document | str:
    """Return the file as a document, or what is wrong with it."""
    try:
        return open_document(uri, "python", 0, path.read_bytes().decode("utf-8"))
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}."
    except UnicodeDecodeError:
        return f"{path} is not UTF-8; save it as UTF-8 to verify it."


def _plain(server: TactfulServer, edit: types.WorkspaceEdit) -> Any:
    return server.protocol._converter.unstructure(edit)
