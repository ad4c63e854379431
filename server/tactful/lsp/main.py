"""Puts the server together: a handler for each method and command, then a transport."""

from collections.abc import Callable
from functools import partial
from typing import Any

from lsprotocol import types

from tactful import paths
from tactful.lsp import extensions
from tactful.lsp.guard import guarded
from tactful.lsp.handlers import (
    code_action,
    code_lens,
    commands,
    configuration,
    documents,
    inline_completion,
    lifecycle,
    verify,
)
from tactful.lsp.logs import set_level, set_up_logs
from tactful.lsp.server import TactfulServer
from tactful.lsp.transport import serve_standard_io

__all__ = ["create_server", "serve_io", "serve_tcp"]


def create_server() -> TactfulServer:
    """Return a server with every handler registered, not yet connected."""
    server = TactfulServer()
    _register_requests(server)
    _register_notifications(server)
    _register_commands(server)
    return server


def serve_io() -> None:
    """Serve one client over standard input and output until it ends."""
    _start_logging()
    serve_standard_io(create_server())


def serve_tcp(host: str, port: int) -> None:
    """Serve one client over TCP until it ends. Raises OSError when the address cannot be listened on."""
    _start_logging()
    create_server().start_tcp(host, port)


def _start_logging() -> None:
    set_up_logs(paths.log_dir())
    set_level("info")


def _register_requests(server: TactfulServer) -> None:
    _on(server, types.TEXT_DOCUMENT_INLINE_COMPLETION, inline_completion.inline_completion, list, _inline_options())
    actions = types.CodeActionOptions(code_action_kinds=list(code_action.KINDS), resolve_provider=True)
    _on(server, types.TEXT_DOCUMENT_CODE_ACTION, code_action.code_action, list, actions)
    server.feature(types.CODE_ACTION_RESOLVE)(_bound(server, code_action.resolve_code_action))
    _on(server, types.TEXT_DOCUMENT_CODE_LENS, code_lens.code_lens, list, types.CodeLensOptions())
    _on(server, types.SHUTDOWN, lifecycle.shutdown)


def _register_notifications(server: TactfulServer) -> None:
    _on(server, types.INITIALIZE, lifecycle.initialize)
    _on(server, types.INITIALIZED, lifecycle.initialized)
    _on(server, types.TEXT_DOCUMENT_DID_OPEN, documents.did_open)
    _on(server, types.TEXT_DOCUMENT_DID_CHANGE, documents.did_change)
    _on(server, types.TEXT_DOCUMENT_DID_SAVE, documents.did_save)
    _on(server, types.TEXT_DOCUMENT_DID_CLOSE, documents.did_close)
    _on(server, types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, configuration.did_change_folders)
    _on(server, types.WORKSPACE_DID_CHANGE_CONFIGURATION, configuration.did_change_configuration)


def _register_commands(server: TactfulServer) -> None:
    handlers: dict[str, Callable[..., Any]] = {
        extensions.ACCEPTED: commands.accepted,
        extensions.EXPLAIN: commands.explain,
        extensions.PAUSE: commands.pause,
        extensions.VERIFY: verify.verify,
        extensions.VERIFY_AND_FIX: verify.verify_and_fix,
    }
    failures = {extensions.VERIFY: verify.failed, extensions.VERIFY_AND_FIX: verify.failed}
    for name, handler in handlers.items():
        server.command(name)(guarded(handler, server, partial(failures.get(name, lambda _: {}), server)))


def _on(
    server: TactfulServer,
    method: str,
    handler: Callable[..., Any],
    fallback: Callable[[], Any] = lambda: None,
    options: Any = None,
) -> None:
    server.feature(method, options)(guarded(handler, server, fallback))


def _bound(server: TactfulServer, handler: Callable[..., Any]) -> Callable[..., Any]:
    """Return a handler whose refusals (protocol errors) are answers of their own."""

    def bound(params: Any) -> Any:
        return handler(server, params)

    return bound


def _inline_options() -> types.InlineCompletionOptions:
    return types.InlineCompletionOptions()
