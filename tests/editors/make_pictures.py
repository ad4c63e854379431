"""The pictures of Neovim in docs/editors.md, from a real Neovim in a real terminal (tmux): make_pictures.py FOLDER.

A picture is the terminal's own text and colours, drawn as SVG. Nothing is retouched; what the pictures show is what the
tests beside this file check.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape

from real_neovim import CLIENT, GHOST, INIT, READY, connect, environment, find_neovim, wait_until
from rich.cells import cell_len
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.text import Text

from rpc import Rpc

EXAMPLE = Path(__file__).parents[2] / "examples" / "ledger"
WIDTH, HEIGHT = 100, 20
TMUX = ["tmux", "-L", "tactful-pictures", "-f", "/dev/null"]
LOOKS = """
vim.opt.termguicolors = true
vim.opt.background = 'dark'
vim.opt.number = true
vim.opt.wrap = false
vim.opt.laststatus = 2
vim.opt.showmode = false
vim.opt.shortmess:append('I')
vim.opt.statusline = " %t %m %=%{v:lua.require'tactful'.status()}  %l:%c "
vim.api.nvim_set_hl(0, 'ComplHint', { fg = '#8b9099', italic = true })
vim.diagnostic.config({ virtual_text = { spacing = 2 }, signs = false })
"""
INK, PAPER = "#e0e2ea", "#14161b"  # of Neovim's own dark colours
CELL_W, CELL_H, MARGIN = 8.4, 19, 12
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"

REFUND = '''
    def refund(self, amount: int, text: str = "") -> int:
        """Give an amount back and return the new balance."""
        if amount <= 0:
            rais'''


def main() -> None:
    """Write both pictures into the folder that is the only argument."""
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pics") as name:
        for picture, take in (("ghost-text", ghost_text), ("verify-and-fix", verify_and_fix)):
            folder = Path(name) / picture
            project = folder / "ledger"
            shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("__pycache__"))
            (target / f"{picture}.svg").write_text(in_terminal(folder, partial(take, project)))


def ghost_text(project: Path, rpc: Rpc) -> None:
    """Type a new method until a suggestion stands behind the cursor."""
    rpc.request("nvim_cmd", {"cmd": "edit", "args": [str(project / "ledger" / "account.py")]}, {})
    wait_until(lambda: rpc.request("nvim_exec_lua", READY, []) is True, lambda: "no server")
    lua = "vim.api.nvim_buf_set_lines(0, -1, -1, true, vim.split(..., '\\n'))"
    rpc.request("nvim_exec_lua", lua, [REFUND])
    rpc.request("nvim_input", "GzbAe")
    wait_until(lambda: "positive" in rpc.request("nvim_exec_lua", GHOST, []), lambda: "no ghost text")
    said: list[str] = []

    def indexed() -> bool:
        said.append(rpc.request("nvim_exec_lua", "return require('tactful').status()", []))
        return said[-1] == "tactful" and any("indexing" in each for each in said)

    wait_until(indexed, lambda: "the index is not built", 120)


def verify_and_fix(project: Path, rpc: Rpc) -> None:
    """Break a comparison, verify, and stop at the question whether to apply the fix."""
    account = project / "ledger" / "account.py"
    account.write_text(account.read_text().replace("return amount <= self.balance", "return amount < self.balance"))
    rpc.request("nvim_cmd", {"cmd": "edit", "args": [str(account)]}, {})
    wait_until(lambda: rpc.request("nvim_exec_lua", READY, []) is True, lambda: "no server")
    rpc.request("nvim_input", "/amount <lt> self<CR>:nohlsearch<CR>zz:TactfulVerifyAndFix<CR>")
    wait_until(lambda: rpc.request("nvim_get_mode")["mode"] == "r?", lambda: "no question")


def in_terminal(folder: Path, act: Callable[[Rpc], None]) -> str:
    """Run `act` against a Neovim in a terminal and return the terminal as SVG."""
    settings = '{"gate": {"mode": "off"}, "trusted": true}'
    init, socket = folder / "init.lua", folder / "socket"
    init.write_text(INIT.format(client=str(CLIENT), settings=settings, extra=textwrap.dedent(LOOKS)))
    command = [find_neovim(), "--listen", str(socket), "-i", "NONE", "-u", str(init)]
    size = ["-x", str(WIDTH), "-y", str(HEIGHT)]
    subprocess.run([*TMUX, "new-session", "-d", *size, *command], env=environment(folder, {}), check=True)
    try:
        with connect(socket) as rpc:
            act(rpc)
        return draw(*settled_screen())
    finally:
        subprocess.run([*TMUX, "kill-server"], check=False)


def settled_screen() -> tuple[str, tuple[int, int]]:
    """Return the terminal's content, with colours, and the cursor's column and row, once nothing moves any more."""
    seen: list[str] = []

    def settled() -> bool:
        seen.append(tmux("capture-pane", "-e", "-p"))
        return len(seen) > 20 and len(set(seen[-20:])) == 1

    wait_until(settled, lambda: "the screen does not come to rest")
    column, row = tmux("display-message", "-p", "#{cursor_x} #{cursor_y}").split()
    return seen[-1], (int(column), int(row))


def tmux(*command: str) -> str:
    """Run a tmux command and return its output."""
    return subprocess.run([*TMUX, *command], capture_output=True, text=True, check=True).stdout


def draw(screen: str, cursor: tuple[int, int]) -> str:
    """Return the screen as SVG that needs nothing from elsewhere and keeps its columns in any font."""
    console = Console(color_system="truecolor", width=WIDTH)
    body = []
    for row, line in enumerate(screen.rstrip("\n").split("\n")):
        column = 0
        for segment in Text.from_ansi(line).render(console):
            text = segment.text.rstrip("\n")
            body += draw_run(text, segment.style or Style(), column, row)
            column += cell_len(text)
    x, y = place(*cursor)
    body.append(f'<rect x="{x}" y="{y}" width="{CELL_W}" height="{CELL_H}" fill="{INK}" opacity="0.6"/>')
    width, height = WIDTH * CELL_W + 2 * MARGIN, HEIGHT * CELL_H + 2 * MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" font-size="14" fill="{INK}" '
        f'font-family="{FONTS}">\n<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


def draw_run(text: str, style: Style, column: int, row: int) -> list[str]:
    """Return the shapes for text of one style."""
    ink, paper = colour(style.color, INK), colour(style.bgcolor, PAPER)
    if style.reverse:
        ink, paper = paper, ink
    looks = f'fill="{ink}"' + ' font-weight="bold"' * bool(style.bold) + ' font-style="italic"' * bool(style.italic)
    looks += ' text-decoration="underline"' * bool(style.underline)
    x, y = place(column, row)
    width = cell_len(text) * CELL_W
    shapes = [f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{CELL_H}" fill="{paper}"/>'] * (paper != PAPER)
    for words in re.finditer(r"\S+(?: \S+)*", text):  # SVG has one space where there are several
        left, _ = place(column + cell_len(text[: words.start()]), row)
        width = cell_len(words[0]) * CELL_W
        at = f'x="{left:g}" y="{y + 0.75 * CELL_H:g}" textLength="{width:g}" lengthAdjust="spacingAndGlyphs"'
        shapes.append(f"<text {at} {looks}>{escape(words[0])}</text>")
    return shapes


def place(column: int, row: int) -> tuple[float, float]:
    """Return the left upper corner of a cell."""
    return MARGIN + column * CELL_W, MARGIN + row * CELL_H


def colour(value: Color | None, default: str) -> str:
    """Return a colour as SVG writes it."""
    return default if value is None or value.is_default else value.get_truecolor().hex


if __name__ == "__main__":
    main()
