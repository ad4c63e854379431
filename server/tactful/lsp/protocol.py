"""pygls's protocol with three changes: the session keeps document text, commands can be cancelled, errors tell little.

pygls breaks lines where `str.splitlines` does, which is wrong for form feeds and Unicode separators, and rebuilds the
whole text line by line on each change; so its own document store is left empty. It runs commands where a cancellation
does not reach them. Its error answers carry tracebacks, and a request that it cannot read it never answers.
"""

import inspect
import logging
from collections.abc import Generator
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams, JsonRpcRequestCancelled
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.json_rpc import JsonRPCNotification
from pygls.protocol.language_server import lsp_method

__all__ = ["TactfulProtocol"]

_log = logging.getLogger(__name__)
_NOTHING = JsonRPCNotification(method="$/tactful/unreadable", jsonrpc="2.0", params=None)
_KEEP_MESSAGE = (JsonRpcInvalidParams.CODE, JsonRpcRequestCancelled.CODE, -32601)  # the last: method not found


class TactfulProtocol(LanguageServerProtocol):
    """The language server protocol as Tactful speaks it."""

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> Generator[Any, Any, None]:
        """Hand the notification to the session only."""
        yield from self._to_user_handler(types.TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Generator[Any, Any, None]:
        """Hand the notification to the session only."""
        yield from self._to_user_handler(types.TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> Generator[Any, Any, None]:
        """Hand the notification to the session only."""
        yield from self._to_user_handler(types.TEXT_DOCUMENT_DID_CLOSE, params)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(self, params: types.ExecuteCommandParams) -> Any:  # type: ignore[override]
        """Run a command as the request's own task, so that cancelling the request cancels the command."""
        handler = self.fm.commands.get(params.command)
        if handler is None:
            raise JsonRpcInvalidParams(f"Tactful has no command {params.command}.")
        result = handler(*(params.arguments or ()))
        return await result if inspect.isawaitable(result) else result

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Return the typed message; one that cannot be read is answered at once and otherwise ignored."""
        try:
            return super().structure_message(data)
        except JsonRpcException:
            method = data.get("method")
            _log.warning("a message of method %s could not be read", method)
            if method and "id" in data:
                error = types.ResponseError(JsonRpcInvalidParams.CODE, f"Invalid parameters for {method}.")
                self._send_response(data["id"], error=error)
            return _NOTHING

    def _send_response(
        self, msg_id: str | int, result: Any | None = None, error: types.ResponseError | None = None
    ) -> None:
        if error is not None:
            known = error.code in _KEEP_MESSAGE and "\n" not in error.message
            message = error.message if known else "Tactful hit an internal error; its log says where."
            error = types.ResponseError(code=error.code, message=message)
        super()._send_response(msg_id, result, error)

    def _to_user_handler(self, method: str, params: Any) -> Generator[Any, Any, None]:
        handler = self.fm.features.get(method)
        if handler is not None:
            yield handler, (params,), None
