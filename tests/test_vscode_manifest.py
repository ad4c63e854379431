"""VS Code's package.json says what the server and the extension's own source say."""

import json
import re
from pathlib import Path

import tactful
from tactful.config import describe
from tactful.core.languages import LANGUAGES
from tactful.docs import with_settings

CLIENT = Path(__file__).parents[1] / "client-vscode"
MANIFEST = json.loads((CLIENT / "package.json").read_text())
SOURCE = "\n".join(path.read_text() for path in (CLIENT / "src").glob("*.ts"))


def test_settings_are_the_servers_with_its_defaults():
    assert with_settings(MANIFEST) == MANIFEST
    properties = MANIFEST["contributes"]["configuration"]["properties"]
    for setting in describe():
        shown = properties[f"tactful.{setting.name}"]
        assert shown["default"] == setting.default
        assert shown["markdownDescription"] == setting.doc
        assert shown.get("enum", list(setting.choices)) == list(setting.choices) or shown["type"] == "boolean"


def test_a_folder_that_is_not_trusted_cannot_choose_programs_or_hosts():
    restricted = set(MANIFEST["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"])
    dangerous = [setting.name for setting in describe() if setting.name.startswith(("backend", "verify.python"))]
    assert dangerous
    assert {"tactful.python", *(f"tactful.{name}" for name in dangerous)} <= restricted


def test_the_versions_are_one():
    assert MANIFEST["version"] == tactful.__version__


def test_each_command_of_the_palette_is_registered():
    registered = set(re.findall(r"^    (\w+): (?:async )?\(\) =>", (CLIENT / "src" / "commands.ts").read_text(), re.M))
    assert {command["command"] for command in MANIFEST["contributes"]["commands"]} == {
        "tactful.menu",
        *(f"tactful.{name}" for name in registered),
    }


def test_it_wakes_for_the_languages_that_it_serves():
    served = re.search(r"LANGUAGES = \[(.*?)\]", SOURCE, re.S)
    assert served is not None
    languages = re.findall(r"'(\w+)'", served[1])
    assert MANIFEST["activationEvents"] == [f"onLanguage:{language}" for language in languages]
    assert set(languages) == {language_id for known in LANGUAGES for language_id in known.ids}


def test_the_client_opens_no_connection():
    imported = set(re.findall(r"(?:from |import\()'([^'.]+)'", SOURCE))
    own = {"fs", "fs/promises", "path", "os", "crypto", "util", "child_process"}
    assert imported <= {"vscode", "vscode-languageclient/node", *(f"node:{name}" for name in own)}
    assert not re.search(r"\bfetch\(|XMLHttpRequest|WebSocket", SOURCE)


def test_the_lock_file_names_no_registry():
    assert "resolved" not in (CLIENT / "package-lock.json").read_text()
