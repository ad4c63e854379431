"""A small editor without a screen: starts a server process and speaks to it, for the demo, the tests and the benches.

It answers the server's own requests as a plain editor does: edits are applied, questions get `answer`, settings come
from `settings`. Everything the server says is kept in lists.
"""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from tactful import __version__
from tactful.core.text import Document, Edit, apply_edit, open_document
from tactful.lsp.convert import offset_at, range_at
from tactful.lsp.extensions import STATUS

__all__ = ["EditorClient"]


_START_TIMEOUT_S = 30.0


class EditorClient(LanguageClient):
    """One editor with open documents, connected to one server."""

    def __init__(self, *, settings: object = None, answer: str | None = None, encoding: str = "utf-16") -> None:
        super().__init__("tactful-client", __version__)
        self.settings = settings
        self.answer = answer
        self.encoding = encoding
        self.documents: dict[str, Document] = {}
        self.heard: list[str] = []  # methods, in order
        self.messages: list[str] = []
        self.questions: list[str] = []
        self.progress_values: list[dict[str, Any]] = []
        self.progress_tokens: list[types.ProgressToken] = []
        self.statuses: list[Any] = []  # of a client that was started with `status`
        self.diagnostics: dict[str, Sequence[types.Diagnostic]] = {}
        self.applied: list[types.WorkspaceEdit] = []
        self.exit_code: int | None = None
        self.stderr = b""
        self.server_result: types.InitializeResult | None = None
        self._heard = asyncio.Event()
        self._serve_requests()

    async def start(
        self,
        root: Path | None,
        *,
        command: Sequence[str] = (),
        options: object = None,
        annotations: bool = True,
        resolves: bool = True,
        status: bool = False,
    ) -> None:
        """Start the server (this interpreter's by default) and shake hands."""
        argv = list(command) or [sys.executable, "-m", "tactful", "serve"]
        await self.start_io(*argv)
        self._drain = asyncio.ensure_future(self._read_stderr())
        params = types.InitializeParams(
            capabilities=_capabilities(self.encoding, annotations=annotations, resolves=resolves, status=status),
            root_uri=root.as_uri() if root else None,
            workspace_folders=[types.WorkspaceFolder(uri=root.as_uri(), name=root.name)] if root else None,
            initialization_options=options,
        )
        async with asyncio.timeout(_START_TIMEOUT_S):
            self.server_result = await self.initialize_async(params)
        self.initialized(types.InitializedParams())

    async def server_exit(self, server: asyncio.subprocess.Process) -> None:
        """Keep the code that the server ended with."""
        self.exit_code = server.returncode
        self._heard.set()

    async def stop(self) -> None:
        """Shut the server down and wait for its end; nothing happens where it has ended."""
        if self.exit_code is None:
            with contextlib.suppress(RuntimeError):  # the server has ended meanwhile
                await self.shutdown_async(None)
                self.exit(None)
        await super().stop()  # type: ignore[no-untyped-call] # pygls is untyped here

    def open(self, path: Path, text: str | None = None, language_id: str = "python") -> str:
        """Open a file (with other text than it holds on disk, if given) and return its uri."""
        uri = path.as_uri()
        content = path.read_bytes().decode("utf-8") if text is None else text
        document = self.documents[uri] = open_document(uri, language_id, 1, content)
        item = types.TextDocumentItem(uri=uri, language_id=language_id, version=1, text=document.text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))
        return uri

    def edit(self, uri: str, start: int, end: int, text: str) -> None:
        """Replace the characters from `start` to `end` as one change."""
        before = self.documents[uri]
        covered = range_at(before, start, end, self.encoding)
        after = self.documents[uri] = apply_edit(before, Edit(start=start, end=end, text=text), before.version + 1)
        change = types.TextDocumentContentChangePartial(range=covered, text=text)
        identifier = types.VersionedTextDocumentIdentifier(uri=uri, version=after.version)
        self.text_document_did_change(
            types.DidChangeTextDocumentParams(text_document=identifier, content_changes=[change])
        )

    async def suggest(self, uri: str, offset: int, *, automatic: bool = True) -> list[types.InlineCompletionItem]:
        """Ask for suggestions at an offset."""
        kind = types.InlineCompletionTriggerKind
        result = await self.text_document_inline_completion_async(
            types.InlineCompletionParams(
                context=types.InlineCompletionContext(trigger_kind=kind.Automatic if automatic else kind.Invoked),
                text_document=types.TextDocumentIdentifier(uri=uri),
                position=range_at(self.documents[uri], offset, offset, self.encoding).start,
            )
        )
        return list(result.items if isinstance(result, types.InlineCompletionList) else result or [])

    async def accept(self, uri: str, item: types.InlineCompletionItem) -> int:
        """Insert a suggestion and run its command, as editors do; return the offset behind it."""
        document = self.documents[uri]
        assert item.range is not None
        assert isinstance(item.insert_text, str)
        start = offset_at(document, item.range.start, self.encoding)
        self.edit(uri, start, offset_at(document, item.range.end, self.encoding), item.insert_text)
        if item.command is not None:
            await self.command(item.command.command, *(item.command.arguments or ()))
        return start + len(item.insert_text)

    async def until(self, condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
        """Wait until `condition()` holds after something the server said. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not condition():
                self._heard.clear()
                await self._heard.wait()

    @property
    def is_indexed(self) -> bool:
        """Return whether a progress, the index's being the first, has ended."""
        return any(value.get("kind") == "end" for value in self.progress_values)

    async def command(self, name: str, *arguments: Any) -> Any:
        """Run a command of the server and return its result."""
        params = types.ExecuteCommandParams(command=name, arguments=list(arguments))
        return await self.workspace_execute_command_async(params)

    async def _read_stderr(self) -> None:
        stream = self._server.stderr if self._server is not None else None
        if stream is not None:
            self.stderr = await stream.read()

    def _serve_requests(self) -> None:
        self._serve(types.WINDOW_SHOW_MESSAGE, lambda params: self.messages.append(params.message))
        self._serve(types.WINDOW_SHOW_MESSAGE_REQUEST, self._choose)
        self._serve(types.WINDOW_WORK_DONE_PROGRESS_CREATE, lambda params: None)
        self._serve(types.PROGRESS, self._note_progress)
        self._serve(STATUS, self.statuses.append)
        self._serve(types.CLIENT_REGISTER_CAPABILITY, lambda params: None)
        self._serve(types.WORKSPACE_CONFIGURATION, lambda params: [self.settings for _ in params.items])
        self._serve(types.WORKSPACE_APPLY_EDIT, self._apply)
        self._serve(
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
            lambda params: self.diagnostics.update({params.uri: params.diagnostics}),
        )

    def _serve(self, method: str, handler: Callable[[Any], Any]) -> None:
        def heard(params: Any) -> Any:
            self.heard.append(method)
            self._heard.set()
            return handler(params)

        self.feature(method)(heard)

    def _note_progress(self, params: types.ProgressParams) -> None:
        self.progress_values.append(params.value or {})
        self.progress_tokens.append(params.token)

    def _choose(self, params: types.ShowMessageRequestParams) -> types.MessageActionItem | None:
        self.questions.append(params.message)
        return next((action for action in params.actions or () if action.title == self.answer), None)

    def _apply(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        self.applied.append(params.edit)
        for change in params.edit.document_changes or ():
            if isinstance(change, types.TextDocumentEdit):
                self._apply_to(change.text_document.uri, change.edits)
        for uri, edits in (params.edit.changes or {}).items():
            self._apply_to(uri, edits)
        return types.ApplyWorkspaceEditResult(applied=True)

    def _apply_to(self, uri: str, edits: Sequence[Any]) -> None:
        for edit in sorted(edits, key=lambda each: (each.range.start.line, each.range.start.character), reverse=True):
            document = self.documents[uri]
            start = offset_at(document, edit.range.start, self.encoding)
            self.edit(uri, start, offset_at(document, edit.range.end, self.encoding), edit.new_text)


def _capabilities(encoding: str, *, annotations: bool, resolves: bool, status: bool) -> types.ClientCapabilities:
    support = types.ChangeAnnotationsSupportOptions() if annotations else None
    resolve = types.ClientCodeActionResolveOptions(properties=["edit"]) if resolves else None
    actions = types.CodeActionClientCapabilities(resolve_support=resolve)
    return types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=[encoding]),
        window=types.WindowClientCapabilities(work_done_progress=True),
        text_document=types.TextDocumentClientCapabilities(code_action=actions),
        experimental={"tactfulStatus": True} if status else None,
        workspace=types.WorkspaceClientCapabilities(
            configuration=True,
            workspace_edit=types.WorkspaceEditClientCapabilities(
                document_changes=True, change_annotation_support=support
            ),
        ),
    )
