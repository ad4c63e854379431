"""A real Neovim under a test's control: keys go in, the screen, the buffer and the feedback database come out."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from rpc import Rpc, RpcError
from tactful.feedback import reading
from tactful.feedback.reading import DecisionRow

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "client-neovim"
FETCHED = ROOT / ".cache" / "nvim" / "nvim"
OLD = {version: ROOT / ".cache" / f"nvim-{version}" / "nvim" for version in ("0.10", "0.11")}
PATIENCE_S = 40.0

INIT = """
vim.opt.runtimepath:prepend({client!r})
vim.opt.swapfile = false
-- No long message may wait for a key.
if not pcall(vim.cmd.set, 'messagesopt=wait:0,history:500') then
  vim.opt.cmdheight = 6
  vim.opt.more = false
end
local settings = {{ tactful = vim.json.decode([==[{settings}]==]) }}
if vim.lsp.enable then
  vim.lsp.config('tactful', {{ settings = settings }})
  vim.lsp.enable('tactful')
else
  require('tactful').enable({{ settings = settings }})
end
vim.keymap.set('i', '<Tab>', function() return require('tactful').accept() and '' or '<Tab>' end, {{ expr = true }})
vim.keymap.set('i', '<C-l>', '<Plug>(tactful-accept-word)')
{extra}
"""

GHOST = """
local spaces = vim.api.nvim_get_namespaces()
local space = spaces['nvim.lsp.inline_completion'] or spaces['tactful.ghost']
local marks = space and vim.api.nvim_buf_get_extmarks(0, space, 0, -1, { details = true }) or {}
local lines = {}
for _, mark in ipairs(marks) do
  for _, line in ipairs({ mark[4].virt_text or {}, unpack(mark[4].virt_lines or {}) }) do
    local text = ''
    for _, chunk in ipairs(line) do text = text .. chunk[1] end
    table.insert(lines, text)
  end
end
return table.concat(lines, '\\n')
"""

SCREEN = """
vim.cmd.redraw()
local rows = {}
for row = 1, vim.o.lines do
  local text = ''
  for column = 1, vim.o.columns do text = text .. vim.fn.screenstring(row, column) end
  table.insert(rows, (text:gsub('%s+$', '')))
end
return rows
"""

READY = """
local client = vim.lsp.get_clients({ bufnr = 0, name = 'tactful' })[1]
local group = vim.lsp.inline_completion and '#nvim.lsp.inline_completion:' .. vim.api.nvim_get_current_buf()
  or '#tactful.ghost#InsertEnter#<buffer>'
return client ~= nil and client.initialized and vim.fn.exists(group) == 1
"""


def find_neovim() -> str:
    """Return the Neovim to test with: $TACTFUL_NVIM, or the one that get_nvim.sh fetches."""
    chosen = os.environ.get("TACTFUL_NVIM") or str(FETCHED)
    found = shutil.which(chosen)
    if not found:
        raise FileNotFoundError(f"no Neovim at {chosen}; run tests/editors/get_nvim.sh .cache/nvim (make test does)")
    return found


class Neovim:
    """One Neovim with the plugin, its server and folders of its own."""

    def __init__(
        self,
        home: Path,
        settings: str,
        *,
        program: str | None = None,
        client: Path = CLIENT,
        extra: str = "",
        env: Mapping[str, str] | None = None,
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        init = home / "init.lua"
        init.write_text(INIT.format(client=str(client), settings=settings, extra=extra))
        self.home = home
        self._socket_folder = Path(tempfile.mkdtemp(prefix="nvim"))  # a socket's path has to be short
        socket = self._socket_folder / "socket"
        argv = [program or find_neovim(), "--headless", "--listen", str(socket), "-i", "NONE", "-u", str(init)]
        self._process = subprocess.Popen(argv, env=environment(home, env or {}), stdin=subprocess.DEVNULL)
        self.rpc = connect(socket)
        self.rpc.request("nvim_ui_attach", 100, 24, {})  # without a screen, Neovim answers questions by itself

    def lua(self, code: str, *args: Any) -> Any:
        """Run Lua code and return what it returns."""
        mode = self.rpc.request("nvim_get_mode")
        if mode["blocking"]:
            raise AssertionError(f"Neovim waits for a key (mode {mode['mode']}) and answers nothing else")
        return self.rpc.request("nvim_exec_lua", code, args)

    def open(self, path: Path) -> None:
        """Edit a file and wait until its server is ready."""
        self.lua("vim.cmd.edit(...)", str(path))
        self.wait_for_server()

    def wait_for_server(self) -> None:
        """Wait until the current buffer has a server that suggests."""
        self.wait(lambda: self.lua(READY), "the server to be ready")

    def keys(self, keys: str) -> None:
        """Type keys, written as in a mapping."""
        self.rpc.request("nvim_input", keys)

    def ghost(self) -> str:
        """Return the ghost text on show, empty when there is none."""
        return str(self.lua(GHOST))

    def screen(self) -> list[str]:
        """Return the rows of the screen as the user sees them."""
        return list(self.lua(SCREEN))

    def buffer(self) -> list[str]:
        """Return the lines of the current buffer."""
        return list(self.lua("return vim.api.nvim_buf_get_lines(0, 0, -1, true)"))

    def line(self) -> str:
        """Return the line of the cursor."""
        return str(self.lua("return vim.api.nvim_get_current_line()"))

    def asks(self) -> bool:
        """Say whether Neovim waits for the answer to a question."""
        return bool(self.rpc.request("nvim_get_mode")["mode"] == "r?")

    def messages(self) -> str:
        """Return all messages so far."""
        return str(self.lua("return vim.fn.execute('messages')"))

    def wait(self, condition: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
        """Wait for a condition and return its value; fail with all that is known."""
        return wait_until(condition, lambda: f"waited in vain for {what}\n{self.report()}", patience_s)

    def decisions(self) -> list[DecisionRow]:
        """Return what the server has recorded."""
        return list(reading.decisions_with_outcomes(self.home / "data" / "tactful" / "feedback.sqlite3"))

    def outcomes(self) -> list[str]:
        """Return what became of the suggestions that were shown, oldest first."""
        return [str(row.outcome) for row in self.decisions() if row.outcome is not None]

    def kill_server(self) -> None:
        """End the server process as a crash would."""
        for pid in self.lua("return vim.api.nvim_get_proc_children(vim.fn.getpid())"):
            os.kill(pid, signal.SIGKILL)

    def report(self) -> str:
        """Return what helps to understand a failure."""
        logs = [f"--- {log}\n{log.read_text()[-4000:]}" for log in self.home.rglob("*.log")]
        try:
            shown = ["--- screen", *self.screen(), "--- messages", self.messages()]
        except (AssertionError, RpcError) as error:
            shown = [f"--- no screen: {error}"]
        return "\n".join([*shown, *logs])

    def close(self) -> None:
        """End Neovim, which ends its server."""
        with suppress(RpcError):  # gone already is what was asked for
            self.rpc.request("nvim_command", "qall!")
        self.rpc.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._socket_folder)


def wait_until(condition: Callable[[], Any], report: Callable[[], str], patience_s: float = PATIENCE_S) -> Any:
    """Return the first true value of `condition`; fail with the report when it takes too long."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.01)
    raise AssertionError(report())


def connect(socket: Path) -> Rpc:
    """Return a connection to the Neovim that listens at `socket`, once it has read its configuration."""
    rpc: Rpc = wait_until(lambda: connected(socket), lambda: "Neovim did not start")
    wait_until(lambda: rpc.request("nvim_get_vvar", "vim_did_enter"), lambda: "Neovim did not read its configuration")
    return rpc


def connected(socket: Path) -> Rpc | None:
    """Return a connection, None while nobody listens yet: the socket's file is there a moment earlier."""
    try:
        return Rpc(socket)
    except (FileNotFoundError, ConnectionRefusedError):
        return None


def environment(home: Path, env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables to start Neovim with: folders of its own, and the `tactful` of this environment."""
    folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, **folders, "PATH": path, **env}


StartNeovim = Callable[..., Neovim]
