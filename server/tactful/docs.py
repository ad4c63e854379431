"""Writes docs/settings.md from the settings' dataclasses; run by `make docs`, compared by a test."""

import json
import sys

from tactful.config import Setting, describe

__all__ = ["settings_page"]

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


if __name__ == "__main__":
    sys.stdout.write(settings_page())
