"""initialize, initialized, shutdown: take the settings, say hello, leave nothing behind."""

import asyncio

from lsprotocol import types

from tactful.config import resolve
from tactful.lsp.guard import log_loop_failure
from tactful.lsp.handlers.configuration import pull_settings
from tactful.lsp.server import TactfulServer

__all__ = ["initialize", "initialized", "shutdown"]


def initialize(server: TactfulServer, params: types.InitializeParams) -> None:
    """Resolve the settings that came with the request; problems are said once the client is ready."""
    server.options_at_start = params.initialization_options
    server.use(resolve(params.initialization_options)[0], ())
    asyncio.get_running_loop().set_exception_handler(log_loop_failure)


async def initialized(server: TactfulServer, _params: types.InitializedParams) -> None:
    """Ask for the settings that the editor holds, and to be told when they change."""
    server.status.begin()
    workspace = server.client_capabilities.workspace
    changes = workspace.did_change_configuration if workspace else None
    if changes is not None and changes.dynamic_registration:
        registration = types.Registration(
            id="tactful-configuration",
            method=types.WORKSPACE_DID_CHANGE_CONFIGURATION,
            register_options={"section": "tactful"},
        )
        server.client_register_capability(types.RegistrationParams(registrations=[registration]))
    try:
        await pull_settings(server)
    finally:
        server.settings_known.set()


async def shutdown(server: TactfulServer, _params: None) -> None:
    """End the processes and write what is still to be written."""
    await server.stop()
