"""What a suggestion costs in the editor: from a key to the ghost text on the screen, in real editors.

    python bench/editors.py [--keys N] [--windows N] [neovim] [vscode]

Needs what `make editors` sets up. The editors are driven as in tests/editors. Each is measured twice, with Tactful and
with the least pygls server, which answers at once with one line: what is beyond that is Tactful's own. Both share the
editor's delay after a key (200 ms in Neovim), the client and the protocol.
"""

import argparse
import json
import re
import statistics
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "editors"), str(ROOT / "tests" / "editors" / "vscode")]

import real_vscode  # noqa: E402
from real_neovim import Neovim  # noqa: E402
from real_vscode import CodeServer, VsCode, open_browser  # noqa: E402

EMPTY_SERVER = Path(__file__).with_name("empty_server.py")
ANSWER = 'coding="utf-8") as stream:'
HEAD = """\
def read_notes(path):
    with open(path, encoding="utf-8") as stream:
        return stream.read()
"""
PLACE = "\n\ndef count_{0}(path):\n    with open(path, e"
Times = dict[str, list[float]]

# Notes when a key comes, and when a screen with a ghost text that was not there before it is drawn.
NEOVIM_STOPWATCH = """
_G.times = {}
local key, drawn
vim.on_key(function(_, typed) if typed and typed ~= '' then key, drawn = vim.uv.hrtime(), false end end)
local space = vim.api.nvim_create_namespace('nvim.lsp.inline_completion')
local set = vim.api.nvim_buf_set_extmark
vim.api.nvim_buf_set_extmark = function(buffer, of, ...)
  drawn = drawn or of == space
  return set(buffer, of, ...)
end
vim.api.nvim_set_decoration_provider(vim.api.nvim_create_namespace('stopwatch'), {
  on_end = function()
    if drawn and key then
      table.insert(_G.times, (vim.uv.hrtime() - key) / 1e6)
      key = nil
    end
  end,
})
"""
VSCODE_STOPWATCH = """() => {
  window.ghostTimes = [];
  let key = 0, open = false;
  document.addEventListener('keydown', event => {
    if (event.key === 'n') { key = performance.now(); open = true; }
  }, true);
  new MutationObserver(() => {
    if (open && document.querySelector('.editor-group-container.active [class*=ghost-text]')) {
      open = false;
      requestAnimationFrame(() => window.ghostTimes.push(performance.now() - key));
    }
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['class'] });
}"""


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("editors", nargs="*", default=["neovim", "vscode"])
    parser.add_argument("--keys", type=int, default=60, help="keys in each editor with each server")
    parser.add_argument("--windows", type=int, default=7, help="windows of VS Code whose activation is read")
    options = parser.parse_args()
    table = Table(title=f"python bench/editors.py --keys {options.keys} --windows {options.windows}")
    for column in ("", "empty pygls", "Tactful", "beyond", "limit"):
        table.add_column(column, justify="right" if column else "left")
    with tempfile.TemporaryDirectory(prefix="editors") as name:
        if "neovim" in options.editors:
            table.add_row(*row("Neovim: key to ghost text, ms", neovim(Path(name), options.keys), 60))
        if "vscode" in options.editors:
            times, activations = vscode(Path(name), options.keys, options.windows)
            table.add_row(*row("VS Code: key to ghost text, ms", times, 120))
            table.add_row("VS Code: activation, ms", "", spread(activations), "", "300")
            table.add_row("tactful.vsix, MB", "", f"{real_vscode.VSIX.stat().st_size / 1e6:.2f}", "", "5")
    Console(width=130).print(table)


def row(title: str, times: Times, limit: float) -> tuple[str, ...]:
    """Return a row of the table: medians, and what Tactful's is beyond the other."""
    beyond = statistics.median(times["tactful"]) - statistics.median(times["empty"])
    return (f"{title}, p50 (p10-p90)", spread(times["empty"]), spread(times["tactful"]), f"{beyond:.0f}", str(limit))


def spread(values: list[float]) -> str:
    """Return the median and the 10th and 90th percentile."""
    tenths = statistics.quantiles(values, n=10)
    return f"{statistics.median(values):.0f} ({tenths[0]:.0f}-{tenths[-1]:.0f})"


def neovim(folder: Path, keys: int) -> Times:
    """Return the times from key to ghost text in Neovim, with each server."""
    command = f"vim.lsp.config('tactful', {{ cmd = {{ {sys.executable!r}, {str(EMPTY_SERVER)!r} }} }})"
    return {
        "empty": list(
            in_neovim(folder / "neovim-empty", keys, {"extra": command, "env": {"EMPTY_SERVER_TEXT": ANSWER}})
        ),
        "tactful": list(in_neovim(folder / "neovim", keys, {})),
    }


def in_neovim(folder: Path, keys: int, options: dict[str, Any]) -> Iterator[float]:
    """Open a file, write a place into it for each key, and yield how long the ghost text took."""
    folder.mkdir()
    file = folder / "notes.py"
    file.write_text(HEAD)
    editor = Neovim(folder / "home", json.dumps({"gate": {"mode": "off"}}), **options)
    try:
        editor.open(file)
        editor.lua(NEOVIM_STOPWATCH)
        for number in range(keys + 5):
            text = (HEAD + PLACE.format(number)).split("\n")
            editor.lua("vim.api.nvim_buf_set_lines(0, 0, -1, true, ...) vim.cmd('normal! G')", text)
            editor.keys("An")
            editor.wait(lambda number=number: editor.lua("return #_G.times") > number, "a ghost text")
            assert editor.ghost().startswith('coding="utf-8"')
            editor.keys("<Esc>")
            editor.wait(lambda: editor.ghost() == "", "no ghost text")
        yield from editor.lua("return _G.times")[5:]
    finally:
        editor.close()


def vscode(folder: Path, keys: int, windows: int) -> tuple[Times, list[float]]:
    """Return the times from key to ghost text in VS Code with each server, and those of Tactful's activation."""
    whole = real_vscode.VSIX
    times: Times = {}
    activations: list[float] = []
    with sync_playwright() as playwright:
        browser = open_browser(playwright, folder / "chromium")
        for name, vsix, env in (
            ("empty", with_empty_server(whole, folder / "empty.vsix"), {"EMPTY_SERVER_TEXT": ANSWER}),
            ("tactful", whole, {}),
        ):
            real_vscode.VSIX = vsix
            (folder / name).mkdir()
            (folder / name / "notes.py").write_text(HEAD)
            server = CodeServer(folder / f"home-{name}", env)
            server.configure(real_vscode.OPEN)
            try:
                with VsCode(browser, server, folder / name, folder / name / "notes.py") as window:
                    times[name] = list(in_vscode(window, keys))
                if name == "tactful":
                    activations = [activation(browser, server, folder / name) for _ in range(windows)]
            finally:
                server.close()
        real_vscode.VSIX = whole
        browser.close()
    return times, activations


def in_vscode(window: VsCode, keys: int) -> list[float]:
    """Write a place into the open file for each key, and return how long the ghost text took."""
    window.focus()
    window.wait(lambda: shows_a_ghost(window), "the server to be set up", 300)
    if window.status() != "Tactful: starting":  # the empty server never says more
        window.wait(lambda: window.status() == "Tactful", "the index", 120)
    window.page.evaluate(VSCODE_STOPWATCH)
    for number in range(keys + 5):
        window.keys("Escape", "Control+a")
        window.page.keyboard.insert_text(HEAD + PLACE.format(number))
        window.wait(window.ghost, "a ghost text")
        window.keys("Escape")
        window.wait(lambda: window.ghost() == "", "no ghost text")
        window.keys("n")
        window.wait(lambda: window.ghost().startswith('coding="utf-8"'), "the ghost text")
        window.wait(lambda number=number: len(window.page.evaluate("window.ghostTimes")) > number, "its time")
    return list(window.page.evaluate("window.ghostTimes"))[5:]


def shows_a_ghost(window: VsCode) -> bool:
    """Write a place and say whether a ghost text comes within two seconds."""
    window.keys("Escape", "Control+a")
    window.page.keyboard.insert_text(HEAD + PLACE.format("lines"))
    for _ in range(40):
        if window.ghost():
            return True
        window.page.wait_for_timeout(50)
    return False


def activation(browser: Any, server: CodeServer, folder: Path) -> float:
    """Return the milliseconds that VS Code says Tactful's activation took in a new window."""
    with VsCode(browser, server, folder, folder / "notes.py") as window:
        window.wait(window.status, "the extension's status", 120)
        window.page.set_viewport_size({"width": 1100, "height": 3000})
        window.command("Developer: Show Running Extensions")
        row = window.page.locator(".runtime-extensions-editor .monaco-list-row", has_text="Tactful")
        told = window.wait(lambda: re.search(r"(\d+)ms", "".join(row.all_inner_texts())), "the activation")
        return float(told[1])


def with_empty_server(vsix: Path, target: Path) -> Path:
    """Write the extension as it is, but with a wheel in it whose server is the empty one."""
    wheel = target.with_name("tactful-0.1.0-py3-none-any.whl")
    info = "tactful-0.1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as files:
        files.writestr("tactful/__init__.py", "")
        files.writestr("tactful/__main__.py", EMPTY_SERVER.read_text())
        files.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: tactful\nVersion: 0.1.0\nRequires-Dist: pygls>=2.1,<3\n"
        )
        files.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        files.writestr(f"{info}/RECORD", "")
    with zipfile.ZipFile(vsix) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            if not name.endswith(".whl"):
                copy.writestr(name, source.read(name))
        copy.write(wheel, f"extension/server/{wheel.name}")
    return target


if __name__ == "__main__":
    main()
