"""workspace/didChangeConfiguration and didChangeWorkspaceFolders: settings and folders may change at any time."""

import asyncio
import logging
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tactful.config import merge, resolve
from tactful.lsp.server import TactfulServer

__all__ = ["did_change_configuration", "did_change_folders", "pull_settings"]

_log = logging.getLogger(__name__)
_TIMEOUT_S = 5.0


def did_change_folders(server: TactfulServer, _params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Look for completions in the folders that are open now."""
    server.restart_engine()


async def did_change_configuration(server: TactfulServer, params: types.DidChangeConfigurationParams) -> None:
    """Take over changed settings: asked for where the client can answer, else those in the notification.

    What the editor holds lies over what was sent at the start.
    """
    if _can_be_asked(server):
        await pull_settings(server)
        return
    sent: Any = params.settings
    server.section = sent.get("tactful") if isinstance(sent, dict) else None
    server.use(*resolve(merge(server.options_at_start, server.section)))


async def pull_settings(server: TactfulServer) -> None:
    """Ask the client for its section `tactful` and use it; without an answer the settings stay as they are."""
    if _can_be_asked(server):
        items = [types.ConfigurationItem(section="tactful")]
        asked = server.workspace_configuration_async(types.ConfigurationParams(items=items))
        try:
            answer = await asyncio.wait_for(asked, _TIMEOUT_S)
            server.section = answer[0] if answer else None
        except (TimeoutError, JsonRpcException) as error:
            _log.warning("the client did not send its settings (%s)", type(error).__name__)
    server.use(*resolve(merge(server.options_at_start, server.section)))


def _can_be_asked(server: TactfulServer) -> bool:
    workspace = server.client_capabilities.workspace
    return bool(workspace and workspace.configuration)
