"""Tactful in a real VS Code without the trust of its user, and without a Python that is new enough."""

import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from real_vscode import EXAMPLE, NOTES, OPEN, SHOTS, START, CodeServer, VsCode

pytestmark = [pytest.mark.editor, pytest.mark.timeout(300, func_only=True)]


def test_in_a_folder_that_is_not_trusted_suggestions_work_and_verify_does_not(
    browser: BrowserContext, server: CodeServer, first_use: object, tmp_path: Path
) -> None:
    folder = tmp_path / "foreign"
    shutil.copytree(EXAMPLE, folder)
    (folder / "notes.py").write_text(NOTES)
    asks = {"enabled": True, "startupPrompt": "never", "banner": "never"}
    server.configure({**OPEN, **{f"security.workspace.trust.{name}": value for name, value in asks.items()}})
    try:
        with VsCode(browser, server, folder, folder / "notes.py") as window:
            window.wait(lambda: window.status() == "Tactful", "the status 'ready'", 120)
            window.focus()
            window.type("nc")
            window.wait(lambda: window.ghost().startswith(START), "a suggestion")
            window.keys("F1")
            window.page.locator(".quick-input-widget input[type=text]").first.fill(">Tactful: ")
            window.wait(lambda: any("Tactful: Menu" in entry for entry in window.entries()), "the commands")
            assert not any("Verify and Fix" in entry for entry in window.entries())
    finally:
        server.configure(OPEN)


def test_a_python_that_is_too_old_is_named_with_one_button(browser: BrowserContext, tmp_path: Path) -> None:
    """The first of all candidates is the one that the Python extension has chosen; here that is too old as well."""
    for name in ("python3", "python", "chosen"):
        fake_python(tmp_path / "bin" / name)
    shell = tmp_path / "bin" / "no-shell"  # VS Code would ask a real one for its PATH
    shell.write_text("#!/bin/sh\nexit 1\n")
    shell.chmod(0o755)
    (tmp_path / "a.py").write_text("")
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    extension = python_extension(tmp_path / "python.vsix", tmp_path / "bin" / "chosen")
    server = CodeServer(tmp_path / "code-server", {"PATH": path, "SHELL": str(shell)}, [extension])
    server.configure(OPEN)
    try:
        with VsCode(browser, server, tmp_path, tmp_path / "a.py") as window:
            window.wait(lambda: window.status() == "Tactful: stopped", "the status")
            said = f"Tactful needs Python 3.11 or newer; {tmp_path / 'bin' / 'chosen'} is Python 3.9.2."
            window.wait(lambda: said in window.notifications(), "the message")
            buttons = window.page.locator(".notification-list-item-buttons-container .monaco-button")
            assert buttons.all_inner_texts() == ["Choose Python"]
            window.shot(SHOTS / "too-old.png")
    finally:
        server.close()


def fake_python(path: Path) -> None:
    """Write a program that says that it is Python 3.9."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '[3, 9, 2, \"{path}\"]'\n")
    path.chmod(0o755)


def python_extension(path: Path, chosen: Path) -> Path:
    """Write an extension that says of itself what the Python extension says, having chosen that interpreter."""
    manifest = {
        "publisher": "ms-python",
        "name": "python",
        "version": "1.0.0",
        "main": "./main.js",
        "engines": {"vscode": "^1.91.0"},
        "activationEvents": ["onLanguage:python"],
        "capabilities": {"untrustedWorkspaces": {"supported": True}},
    }
    main = """exports.activate = () => ({ environments: {
      getActiveEnvironmentPath: () => ({ path: PLACE }),
      resolveEnvironment: async () => ({ executable: { uri: { fsPath: PLACE } } }),
      onDidChangeActiveEnvironmentPath: () => ({ dispose() {} }),
    } });"""
    with zipfile.ZipFile(path, "w") as vsix:
        vsix.writestr("extension/package.json", json.dumps(manifest))
        vsix.writestr("extension/main.js", main.replace("PLACE", json.dumps(str(chosen))))
        vsix.writestr("extension.vsixmanifest", VSIX_MANIFEST)
    return path


VSIX_MANIFEST = """<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata><Identity Language="en-US" Id="python" Version="1.0.0" Publisher="ms-python"/></Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/></Assets>
</PackageManifest>"""
