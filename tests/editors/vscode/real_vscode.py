"""A real VS Code under a test's control: code-server in a Chromium without a window.

The extension is the one that users install. Keys go in; the screen, the files and the feedback database come out.
"""

import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from playwright.sync_api import BrowserContext, Error, Locator, Page, Playwright

from tactful.feedback import reading
from tactful.feedback.reading import DecisionRow

ROOT = Path(__file__).parents[3]
FETCHED = ROOT / ".cache" / "vscode"
PROGRAM = FETCHED / "node-program"
ENTRY = FETCHED / "code-server" / "node_modules" / "code-server" / "out" / "node" / "entry.js"
VSIX = ROOT / "dist" / "tactful.vsix"
EXAMPLE = ROOT / "examples" / "ledger"
SHOTS = ROOT / "test-output" / "vscode"
OPEN = {
    "tactful.gate.mode": "off",
    "security.workspace.trust.enabled": False,
    "security.workspace.trust.untrustedFiles": "open",
}
STATUS = "#tactful\\.tactful\\.tactful\\.status"
PATIENCE_S = 30.0
WIDTH, HEIGHT = 1100, 700

SETTINGS = {
    "workbench.startupEditor": "none",
    "editor.quickSuggestions": {"other": "off", "comments": "off", "strings": "off"},
    "editor.suggestOnTriggerCharacters": False,
    "editor.wordBasedSuggestions": "off",
    "editor.autoClosingBrackets": "never",
    "editor.autoClosingQuotes": "never",
    "editor.autoIndent": "none",
    "editor.minimap.enabled": False,
    "files.autoSave": "off",
    "chat.disableAIFeatures": True,
    "telemetry.telemetryLevel": "off",
    "extensions.ignoreRecommendations": True,
    "workbench.tips.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.editor.useModal": "off",
}
KEYS = [
    {"key": "ctrl+alt+l", "command": "editor.action.inlineSuggest.acceptNextLine"},
    {"key": "ctrl+alt+s", "command": "editor.action.triggerSuggest"},
    {"key": "ctrl+alt+w", "command": "workbench.action.revertAndCloseActiveEditor"},
]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

NOTES = """\
def read_notes(path):
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def count_lines(path):
    with open(path, e"""
TYPED = "    with open(path, enc"
START = 'oding="utf-8")'  # of the ghost text; what it says behind that is the engine's business

TypeInto = Callable[[str, str], Path]
Outcomes = Callable[[], list[str]]


_numbers = itertools.count()


def why_none() -> str:
    """Return why there is no VS Code to test with, empty where there is one."""
    if not (ENTRY.exists() and PROGRAM.exists()):
        return "no code-server; run tests/editors/get_vscode.sh .cache/vscode (make test does)"
    if not find_chromium():
        return "no Chromium on the PATH"
    return "" if VSIX.exists() else "no dist/tactful.vsix; run make vsix (make test does)"


def find_chromium() -> str | None:
    """Return the browser to test in."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class CodeServer:
    """One code-server with the extension installed, and folders of its own."""

    def __init__(self, home: Path, env: Mapping[str, str], extensions: Iterable[Path] = ()) -> None:
        self.home = home
        self._folders = ["--user-data-dir", str(home / "user"), "--extensions-dir", str(home / "extensions")]
        folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        self._env = {**os.environ, **folders, "PIP_CACHE_DIR": str(ROOT / ".cache" / "pip"), **env}
        self.user_settings = home / "user" / "User" / "settings.json"
        self.user_settings.parent.mkdir(parents=True)
        self.configure({})
        self.user_settings.with_name("keybindings.json").write_text(json.dumps(KEYS))
        for extension in (VSIX, *extensions):
            self.run("--install-extension", str(extension))
        self.port = _free_port()
        self._log = (home / "code-server.log").open("wb")
        argv = [
            *(str(PROGRAM), str(ENTRY), *self._folders),
            *("--auth", "none", "--bind-addr", f"127.0.0.1:{self.port}", "--reconnection-grace-time", "5"),
            *("--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"),
        ]
        self._process = subprocess.Popen(
            argv, env=self._env, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, start_new_session=True
        )
        wait_until(self._listens, lambda: "code-server does not listen")

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Write the user's settings: those that keep tests stable, and `settings`."""
        self.user_settings.write_text(json.dumps({**SETTINGS, **settings}))

    def decisions(self) -> list[DecisionRow]:
        """Return what the server has recorded, oldest first."""
        return list(reading.decisions_with_outcomes(self.home / "data" / "tactful" / "feedback.sqlite3"))

    def language_servers(self) -> list[int]:
        """Return the process ids of the language servers that run in Tactful's own environment here."""
        mark = str(self.home / "user" / "User" / "globalStorage" / "tactful.tactful").encode()
        found = []
        for place in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = place.read_bytes().split(b"\0")
            except OSError:
                continue  # it has ended meanwhile
            if words[0].startswith(mark) and words[-2:-1] == [b"serve"]:
                found.append(int(place.parent.name))
        return found

    def logs(self) -> str:
        """Return the ends of all logs."""
        logs = [path for path in self.home.rglob("*.log") if path.stat().st_size and "ptyhost" not in path.name]
        return "\n".join(f"--- {log}\n{log.read_text(errors='replace')[-3000:]}" for log in logs)

    def close(self) -> None:
        """End code-server and all that it started."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._log.close()

    def run(self, *arguments: str) -> None:
        """Run code-server's command line; a file to open is opened in the window that is there."""
        argv = [str(PROGRAM), str(ENTRY), *self._folders, *arguments]
        subprocess.run(argv, env=self._env, check=True, capture_output=True, timeout=120)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class VsCode:
    """One window on a folder."""

    def __init__(self, browser: BrowserContext, server: CodeServer, folder: Path, file: Path | None = None) -> None:
        self.server = server
        self.folder = folder
        self.page: Page = browser.new_page()
        payload = [["openFile", f"vscode-remote://127.0.0.1:{server.port}{file}"]] if file else []
        url = f"http://127.0.0.1:{server.port}/?folder={quote(str(folder))}&payload={quote(json.dumps(payload))}"
        self.page.goto(url)
        if file:
            self.page.wait_for_selector(".monaco-editor .view-lines", timeout=90_000)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.page.close(run_before_unload=False)

    def status(self) -> str:
        """Return the text of Tactful's status bar item, empty where there is none."""
        return "".join(self._texts(STATUS)).strip()

    def wait_until_ready(self) -> None:
        """Wait until the server is up and its index built."""
        self.wait(lambda: self.status() == "Tactful", "the status 'ready'", 180)

    def open(self, path: Path) -> None:
        """Open a file, the cursor at its end."""
        self.server.run("--reuse-window", str(path))
        self.wait(lambda: self.title() == path.name, f"{path.name} to be open")
        self.focus()

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Write the folder's settings and wait until VS Code uses them, which the window's title tells.

        Of the user's own, VS Code does not notice when others write them.
        """
        place = self.folder / ".vscode" / "settings.json"
        place.parent.mkdir(exist_ok=True)
        mark = f"settings {next(_numbers)}"
        place.write_text(json.dumps({**settings, "window.title": f"${{dirty}}{mark}"}))
        self.wait(lambda: self.page.title().endswith(mark), "the settings to be used")

    def close_file(self) -> None:
        """Close the editor and throw away what is not saved."""
        tabs = self.tabs()
        self.keys("Control+Alt+w")
        self.wait(lambda: len(self.tabs()) < len(tabs), f"one of {tabs} to be closed")

    def go_to(self, line: int, column: int) -> None:
        """Put the cursor there, both counted from 1."""
        self.keys("Control+g")
        box = self.page.locator(".quick-input-widget input[type=text]").first
        box.fill(f":{line}:{column}")
        box.press("Enter")
        self.wait(lambda: self.cursor() == (line, column), f"the cursor at {line}:{column}")

    def cursor(self) -> tuple[int, int] | None:
        """Return the line and column of the cursor as the status bar says them, None while it says none."""
        told = re.search(r"Ln (\d+), Col (\d+)", "".join(self._texts("#status\\.editor\\.selection")))
        return (int(told[1]), int(told[2])) if told else None

    def focus(self) -> None:
        """Put the cursor at the end of the editor's text."""
        self.page.locator(".editor-group-container.active .monaco-editor .view-lines").first.click()
        self.keys("Control+End")

    def title(self) -> str:
        """Return the name of the editor's tab."""
        return "".join(self._names(".editor-group-container.active .tab.active"))

    def keys(self, *keys: str) -> None:
        """Press keys, named as Playwright names them."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str, delay_ms: float = 30) -> None:
        """Type text as a person does, key by key."""
        self.page.keyboard.type(text, delay=delay_ms)

    def command(self, title: str) -> None:
        """Run the command with this title from the palette."""
        self.keys("F1")
        self.page.locator(".quick-input-widget input[type=text]").first.fill(f">{title}")
        self.choose(title)

    def open_menu(self) -> None:
        """Open the menu of the status bar item."""
        self.page.locator(STATUS).click()
        self.wait(lambda: any("Restart the server" in entry for entry in self.entries()), "the menu")

    def entries(self) -> list[str]:
        """Return the entries of the open list that are on the screen."""
        return self._texts(".quick-input-list .monaco-list-row")

    def choose(self, label: str) -> None:
        """Choose the entry of the open list whose text begins with `label`."""
        entry = self.page.locator(".quick-input-list .monaco-list-row").filter(has_text=label).first
        entry.wait_for(timeout=20_000)
        entry.click()

    def choose_action(self, title: str) -> None:
        """Choose the code action of the open menu whose title begins so."""
        entry = self.page.locator(".action-widget .monaco-list-row", has_text=title).first
        entry.wait_for(timeout=20_000)
        entry.click()

    def check(self, box: Locator) -> None:
        """Tick a box and wait until it is ticked."""
        box.click()
        self.wait(lambda: box.is_checked(), "the box to be ticked")

    def line(self) -> str:
        """Return the text of the cursor's line, without ghost text."""
        return self._read_line(ghost=False)

    def ghost(self) -> str:
        """Return the ghost text on show, empty where there is none."""
        return self._read_line(ghost=True)

    def text(self) -> str:
        """Return what the editor shows, ghost text included."""
        return "".join(self._texts(".editor-group-container.active .view-lines")[:1])

    def all_text(self) -> str:
        """Return what all editors show."""
        return "\n".join(self._texts(".view-lines"))

    def tabs(self) -> list[str]:
        """Return the names of all tabs."""
        return self._names(".tab")

    def notifications(self) -> str:
        """Return the messages on show."""
        return "\n".join(self._texts(".notification-list-item-message"))

    def clear_notifications(self) -> None:
        """Take the messages away."""
        self.command("Notifications: Clear All Notifications")

    def shot(self, path: Path, height: int = HEIGHT) -> None:
        """Write what the window shows as a picture, once it has come to rest."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.set_viewport_size({"width": WIDTH, "height": height})
        self.page.mouse.move(550, height - 10)  # no tooltip in the picture
        seen = [self.page.screenshot()]
        while len(seen) < 20 and (len(seen) < 2 or seen[-1] != seen[-2]):
            self.page.wait_for_timeout(200)
            seen.append(self.page.screenshot(caret="hide"))
        path.write_bytes(seen[-1])
        self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})

    def save(self) -> None:
        """Save the file in the editor."""
        self.keys("Control+S")

    def wait(self, condition: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
        """Wait for a condition and return its value; fail with all that is known."""
        return wait_until(condition, lambda: f"waited in vain for {what}\n{self.report()}", patience_s, self._pause)

    def report(self) -> str:
        """Return what helps to understand a failure; the picture of the screen is written beside the logs."""
        picture = ROOT / "test-output" / "vscode-failure.png"
        try:
            self.shot(picture)
            shown = [f"status {self.status()!r}", f"screen in {picture}", self.text(), self.notifications()]
        except Error as error:
            shown = [f"no screen: {error}"]
        return "\n".join([*shown, self.server.logs()])

    # What is on the screen is read in one step: what is found first and read then may be gone in between.

    def _texts(self, selector: str) -> list[str]:
        found = self.page.locator(selector).all_inner_texts()
        return [text.replace("\xa0", " ") for text in found]

    def _names(self, selector: str) -> list[str]:
        names = "tabs => tabs.map(tab => tab.dataset.resourceName)"
        return [str(name) for name in self.page.locator(selector).evaluate_all(names)]

    def _pause(self) -> None:
        self.page.wait_for_timeout(30)

    def _read_line(self, *, ghost: bool) -> str:
        return str(self.page.evaluate(_LINE, ghost)).replace("\xa0", " ")


# The cursor's line is the one at the cursor's top; ghost text is in spans of its own.
_LINE = """(ghost) => {
  const editor = document.querySelector('.editor-group-container.active .monaco-editor');
  const cursor = editor?.querySelector('.cursors-layer .cursor');
  if (!cursor) return '';
  const top = parseInt(cursor.style.top);
  const line = [...editor.querySelectorAll('.view-lines > .view-line')].find(each => parseInt(each.style.top) === top);
  if (!line) return '';
  const spans = [...line.querySelectorAll(':scope > span > span')];
  const isGhost = each => [...each.classList].some(name => name.startsWith('ghost-text'));
  return spans.filter(each => isGhost(each) === ghost).map(each => each.textContent).join('');
}"""


def open_browser(playwright: Playwright, profile: Path) -> BrowserContext:
    """Return a Chromium without a window, in the size of a small screen."""
    return playwright.chromium.launch_persistent_context(
        str(profile),
        executable_path=find_chromium(),
        headless=True,
        viewport={"width": WIDTH, "height": HEIGHT},
        device_scale_factor=2,
        args=list(FLAGS),
    )


def wait_until(
    condition: Callable[[], Any],
    report: Callable[[], str],
    patience_s: float = PATIENCE_S,
    pause: Callable[[], None] = lambda: time.sleep(0.03),
) -> Any:
    """Return the first true value of `condition`; fail with the report when it takes too long."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if value := condition():
            return value
        pause()
    raise AssertionError(report())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
