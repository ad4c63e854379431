"""Which workspace folders may have their code run: the setting, else a question that is asked once for each folder."""

import asyncio
import hashlib
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer

__all__ = ["is_known_to_be_trusted", "is_trusted"]

_ALWAYS, _ONCE, _NEVER = "Trust this folder", "Run once", "Do not run"


async def is_trusted(server: LanguageServer, setting: bool | str, root: Path, data_dir: Path) -> bool:
    """Return whether code under `root` may run: as `setting` says (True, False), or as the user answers ("ask")."""
    if isinstance(setting, bool):
        return setting
    mark = _mark(root, data_dir)
    if await asyncio.to_thread(mark.exists):
        return True
    answer = await _ask(server, root)
    if answer == _ALWAYS:
        await asyncio.to_thread(_remember, mark)
    return answer in (_ALWAYS, _ONCE)


async def is_known_to_be_trusted(setting: bool | str, root: Path, data_dir: Path) -> bool:
    """Return the same without asking: what is not decided yet is not trusted."""
    return setting if isinstance(setting, bool) else await asyncio.to_thread(_mark(root, data_dir).exists)


def _mark(root: Path, data_dir: Path) -> Path:
    return data_dir / "trusted" / hashlib.sha256(str(root).encode()).hexdigest()[:32]


async def _ask(server: LanguageServer, root: Path) -> str | None:
    question = f"Tactful is about to run the tests of {root} in a sandbox. Do you trust the code in this folder?"
    actions = [types.MessageActionItem(title=title) for title in (_ALWAYS, _ONCE, _NEVER)]
    params = types.ShowMessageRequestParams(type=types.MessageType.Info, message=question, actions=actions)
    answer = await server.window_show_message_request_async(params)
    return answer.title if answer is not None else None


def _remember(mark: Path) -> None:
    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    except OSError:
        return  # a read-only data folder means that the question comes again
