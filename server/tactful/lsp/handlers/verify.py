"""The commands verify and verify-and-fix: run the near tests on the unsaved text, show the result, offer a repair."""

import asyncio
import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

from tactful import paths
from tactful.core.syntax import FunctionSpan, function_at
from tactful.core.text import Document, open_document
from tactful.lsp.diagnostics import to_diagnostics
from tactful.lsp.evidence_page import evidence_page
from tactful.lsp.fixes import OfferedFix, asks_itself, workspace_edit
from tactful.lsp.progress import progress
from tactful.lsp.server import TactfulServer
from tactful.lsp.trust import is_known_to_be_trusted, is_trusted
from tactful.verify import SandboxMode, VerifyRequest, VerifyResult
from tactful.verify.syntax import syntax_problem

__all__ = ["after_acceptance", "failed", "measure", "verify", "verify_and_fix"]

_APPLY, _FIX, _DISMISS = "Apply", "Verify and fix", "Dismiss"
_SETTLE_S = 0.5
_MEASURING_S = 60.0  # for one file's tests, in the background
_GOOD = ("verified", "fixed")
_SETTINGS_TIMEOUT_S = 2.0  # for clients that never say that they are initialized


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """What is verified: a document, open or read from disk, with links in its path and its root resolved."""

    document: Document
    path: Path
    root: Path
    line: int
    end_line: int | None = None


async def verify(server: TactfulServer, *args: Any) -> dict[str, Any]:
    """Run the tests near line args[1] (to line args[2]) of document args[0]; return the result as plain data."""
    return await _run(server, args, fix=False)


async def verify_and_fix(server: TactfulServer, *args: Any) -> dict[str, Any]:
    """The same, and when tests fail, look for a repair and offer it as an edit to confirm."""
    return await _run(server, args, fix=True)


def failed(server: TactfulServer) -> dict[str, Any]:
    """Say, and return, that verification itself broke down; the log has been written."""
    return _refuse(server, "Verification stopped because of an internal error; the log says where (`tactful doctor`).")


async def _run(server: TactfulServer, args: tuple[Any, ...], *, fix: bool) -> dict[str, Any]:
    target = await asyncio.to_thread(_target, server, args)
    if isinstance(target, str):
        return _refuse(server, target)
    uri = target.document.uri
    server.session.supersede(f"verify {uri}")
    problem = await asyncio.to_thread(syntax_problem, target.document.text, target.path.name)
    if problem is not None:  # told at once, without a process
        server.tell(problem.message, types.MessageType.Warning)
        return problem.to_json()
    await _wait_for_settings(server)
    if not await is_trusted(server, server.settings.trusted, target.root, paths.data_dir()):
        return _refuse(server, f"No test was run: {target.root} is not trusted (setting `trusted`).")
    with server.status.thinking():
        result = await _with_progress(server, _request(server, target, fix=fix))
    server.measuring.add(uri)  # whatever was measured in the background has been given up
    _show(server, target, result)
    server.tell(result.message, types.MessageType.Info if result.status in _GOOD else types.MessageType.Warning)
    answer = result.to_json()
    if result.evidence.interpreter:
        answer["page"] = evidence_page(result, str(target.path.relative_to(target.root)))
    if (offer := server.offers.add(target.document, result)) is not None:
        version = _version(server, offer)
        answer["edit"] = _plain(server, workspace_edit(offer, version, server.encoding, server.client_capabilities))
        server.spawn(_propose(server, offer), "offering a fix")
    return answer


async def after_acceptance(server: TactfulServer, uri: str, offset: int) -> None:
    """Run the near tests of the function around `offset`, where a suggestion was accepted; silent unless they fail."""
    await asyncio.sleep(_SETTLE_S)  # the edit may arrive after the command, and more may be typed at once
    document = server.session.documents.get(uri)
    if document is None or document.language_id != "python" or offset > len(document.text):
        return
    if _function(server, document, offset) is None:
        return
    target = await asyncio.to_thread(_target, server, (uri, document.line_of(offset)))
    known = is_known_to_be_trusted
    if isinstance(target, str) or not await known(server.settings.trusted, target.root, paths.data_dir()):
        return
    server.session.supersede(f"verify {uri}")
    result = await server.verifier.run(_request(server, target, fix=False), lambda message, fraction: None)
    server.measuring.add(uri)
    if result.status not in ("verified", "failing"):
        return
    _show(server, target, result)
    if result.status == "failing" and await _wants_repair(server, result):
        await verify_and_fix(server, uri, target.line)


async def measure(server: TactfulServer, uri: str) -> None:
    """Have the tests near an open file measured in the background, where its folder is trusted."""
    document = server.session.documents.get(uri)
    if document is None or document.language_id != "python" or not server.settings.verify.background:
        return
    target = await asyncio.to_thread(_target, server, (uri, 0))
    known = is_known_to_be_trusted
    if isinstance(target, str) or not await known(server.settings.trusted, target.root, paths.data_dir()):
        return
    request = replace(_request(server, target, fix=False), budget_s=_MEASURING_S)
    if not await server.verifier.learn(request):
        server.measuring.add(uri)  # later, when what runs now has been answered


async def _wants_repair(server: TactfulServer, result: VerifyResult) -> bool:
    params = types.ShowMessageRequestParams(
        type=types.MessageType.Warning,
        message=f"After the accepted suggestion: {result.message}",
        actions=[types.MessageActionItem(title=_FIX), types.MessageActionItem(title=_DISMISS)],
    )
    answer = await server.window_show_message_request_async(params)
    return answer is not None and answer.title == _FIX


def _show(server: TactfulServer, target: "_Target", result: VerifyResult) -> None:
    """Show the failures as diagnostics, and the verdict above the function."""
    uri = target.document.uri
    server.board.show(uri, to_diagnostics(result, target.path, target.line, lambda path: _uri_of(server, path)))
    if uri not in server.session.documents:
        return
    start = target.document.line_starts[target.line] if target.line < len(target.document.line_starts) else 0
    server.verdicts.add(target.document, _function(server, target.document, start), result)
    workspace = server.client_capabilities.workspace
    if workspace and workspace.code_lens and workspace.code_lens.refresh_support:
        server.workspace_code_lens_refresh(None)


def _function(server: TactfulServer, document: Document, offset: int) -> FunctionSpan | None:
    return function_at(server.session.tree(document, offset), document, offset)


def _target(server: TactfulServer, args: tuple[Any, ...]) -> _Target | str:
    """Return what the arguments name, or what is wrong with them."""
    uri, *lines = args or ("",)
    if not uri or not isinstance(uri, str) or len(lines) not in (1, 2) or not all(type(each) is int for each in lines):
        return "verify needs the uri of a document and a line, or the first and the last of several, counted from 0."
    name = to_fs_path(uri)
    if not name:
        return "Save the file first: only a file on disk has tests near it."
    path = Path(name).resolve()
    opened = server.session.documents.get(uri)
    document = opened if opened is not None else _read(uri, path)
    if isinstance(document, str):
        return document
    roots = (root.resolve() for root in server.roots)
    root = next((root for root in roots if path.is_relative_to(root)), path.parent)
    return _Target(document=document, path=path, root=root, line=lines[0], end_line=lines[1] if lines[1:] else None)


async def _wait_for_settings(server: TactfulServer) -> None:
    """Wait for the client's settings, a moment at most: whether its folder is trusted may be among them."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(server.settings_known.wait(), _SETTINGS_TIMEOUT_S)


def _request(server: TactfulServer, target: _Target, *, fix: bool) -> VerifyRequest:
    others = {
        str(Path(name).resolve()): other.text
        for other in server.session.documents.values()
        if other.uri != target.document.uri and (name := to_fs_path(other.uri))
    }
    chosen = server.settings.verify
    return VerifyRequest(
        root=target.root,
        path=target.path,
        text=target.document.text,
        line=target.line,
        end_line=target.end_line,
        other_texts=others,
        python=Path(chosen.python) if chosen.python else None,
        sandbox=cast(SandboxMode, chosen.sandbox),  # the setting's choices are the modes
        budget_s=chosen.budget_s,
        fix=fix,
        cache_dir=paths.cache_dir(),
        model=server.models.use_for_repair() if fix else None,
    )


async def _with_progress(server: TactfulServer, request: VerifyRequest) -> VerifyResult:
    title = "Tactful: verify and fix" if request.fix else "Tactful: verify"
    with await progress(server, title, cancellable=True) as running, running.cancelling(asyncio.current_task()):
        return await server.verifier.run(request, running.report, server.models.answer)


def _uri_of(server: TactfulServer, path: Path) -> str:
    """Return the uri of a file, as the editor spells it where the file is open."""
    for uri in server.session.documents:
        name = to_fs_path(uri)
        if name and Path(name).resolve() == path:
            return uri
    return from_fs_path(str(path)) or path.as_uri()


async def _propose(server: TactfulServer, offer: OfferedFix) -> None:
    """Let the user see the fix and decide; nothing happens where the text has changed since."""
    if not asks_itself(server.client_capabilities) and not await _user_agrees(server, offer):
        return
    if not await asyncio.to_thread(_still_fits, server, offer):
        server.tell("The file changed since the tests ran; the fix was not applied. Run verify and fix again.")
        return
    edit = workspace_edit(offer, _version(server, offer), server.encoding, server.client_capabilities)
    answer = await server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit=edit, label=offer.title))
    # Editors say "applied" of a declined edit too; of an open document its changes tell, see did_change.
    if answer.applied and offer.document.uri not in server.session.documents:
        server.board.clear(offer.document.uri)


def _still_fits(server: TactfulServer, offer: OfferedFix) -> bool:
    document = server.session.documents.get(offer.document.uri)
    if document is not None:
        return offer in server.offers.of(document)
    on_disk = _read(offer.document.uri, Path(to_fs_path(offer.document.uri) or ""))
    return not isinstance(on_disk, str) and on_disk.text == offer.document.text


def _version(server: TactfulServer, offer: OfferedFix) -> int | None:
    """Return the version that the editor gave the document, None for a file that is not open."""
    document = server.session.documents.get(offer.document.uri)
    return document.version if document is not None else None


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
    return VerifyResult(status="cannot_run", cause="error", message=message).to_json()


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
