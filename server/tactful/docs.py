"""Writes docs/settings.md, and the settings in VS Code's package.json, from the settings' dataclasses.

Run by `make docs`; tests compare. Arguments: none for the page, a package.json for that file with its settings renewed.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tactful.config import Setting, describe

__all__ = ["settings_page", "with_settings"]

_HEAD = """# Settings

Written by `make docs` from `server/tactful/config.py`; do not edit by hand.

Send them as `initializationOptions` (the settings object itself, for example `{"gate": {"mode": "quiet"}}`) or as the
section `tactful` of `workspace/configuration`, which wins where both say something. All are optional. A value that
cannot be used costs one message and means the default.

| setting | default | values | meaning |
|---|---|---|---|
"""


def settings_page() -> str:
    """Return the page, one row for each setting."""
    return _HEAD + "".join(_row(setting) for setting in describe())


def _row(setting: Setting) -> str:
    return f"| `{setting.name}` | `{json.dumps(setting.default)}` | {_values(setting)} | {setting.doc} |\n"


def _values(setting: Setting) -> str:
    if setting.choices:
        return ", ".join(f"`{json.dumps(choice)}`" for choice in setting.choices)
    if setting.maximum is not None:
        return f"{setting.minimum:g} to {setting.maximum:g}"
    return "text" if isinstance(setting.default, str) else "object"


_VSCODE_OWN = ("tactful.python",)  # settings of the extension itself, written by hand
_HARMLESS = ("gate.", "languages", "log.", "verify.budgetS")  # whoever wrote the folder's settings


def with_settings(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return VS Code's manifest with the server's settings in place of those it has."""
    contributes = manifest["contributes"]
    before = contributes["configuration"]["properties"]
    own = {name: before[name] for name in _VSCODE_OWN if name in before}
    properties = {**own, **{f"tactful.{setting.name}": _property(setting) for setting in describe()}}
    configuration = {**contributes["configuration"], "properties": properties}
    capabilities = manifest["capabilities"]
    names = [f"tactful.{setting.name}" for setting in describe() if not setting.name.startswith(_HARMLESS)]
    limited = {**capabilities["untrustedWorkspaces"], "restrictedConfigurations": [*own, *names]}
    return {
        **manifest,
        "capabilities": {**capabilities, "untrustedWorkspaces": limited},
        "contributes": {**contributes, "configuration": configuration},
    }


def _property(setting: Setting) -> dict[str, Any]:
    """Return a setting as VS Code's manifest has it."""
    described = {"default": setting.default, "markdownDescription": setting.doc}
    if setting.choices == (True, False):
        return {"type": "boolean", **described}
    if setting.choices:
        kinds = sorted({"boolean" if isinstance(choice, bool) else "string" for choice in setting.choices})
        return {"type": kinds if len(kinds) > 1 else kinds[0], "enum": list(setting.choices), **described}
    if setting.maximum is not None:
        return {"type": "number", "minimum": setting.minimum, "maximum": setting.maximum, **described}
    if isinstance(setting.default, str):
        return {"type": "string", **described}
    return {"type": "object", "additionalProperties": {"type": "boolean"}, **described}


def _main(arguments: list[str]) -> None:
    if arguments:
        manifest = json.loads(Path(arguments[0]).read_text())
        sys.stdout.write(json.dumps(with_settings(manifest), indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(settings_page())


if __name__ == "__main__":
    _main(sys.argv[1:])
