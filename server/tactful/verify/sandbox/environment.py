"""The environment variables that tests get: an allow-list, so that keys and tokens stay outside."""

import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["test_environment"]

_ALLOWED = frozenset(
    {
        *("PATH", "LANG", "LANGUAGE", "TZ", "TERM", "SHELL", "USER", "LOGNAME", "SYSTEMROOT"),
        *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV"),
        *("PYTHONPATH", "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONUSERBASE", "PYENV_ROOT", "PYENV_VERSION"),
        *("PYTEST_PLUGINS", "PYTEST_ADDOPTS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "DJANGO_SETTINGS_MODULE"),
    }
)


def test_environment(environ: Mapping[str, str], temporary: str) -> dict[str, str]:
    """Return the environment for the user's tests; `temporary` is their private folder, home included."""
    kept = {name: value for name, value in environ.items() if name in _ALLOWED or name.startswith("LC_")}
    kept.setdefault("PATH", os.defpath)
    if "HOME" in environ:  # packages and interpreters that the user installed for themselves stay in reach
        kept.setdefault("PYTHONUSERBASE", str(Path(environ["HOME"]) / ".local"))
        kept.setdefault("PYENV_ROOT", str(Path(environ["HOME"]) / ".pyenv"))
    fixed = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "HOME": temporary, "TMPDIR": temporary}
    return {**kept, **fixed}
