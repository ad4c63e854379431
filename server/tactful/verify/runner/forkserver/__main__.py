"""The fork server: pytest imported once in the user's interpreter, one fork for each run.

It runs inside the sandbox, from nothing but the standard library and pytest. Commands come as JSON lines on standard
input, events leave as JSON lines on standard output; tests see neither, because both are moved to private descriptors
first.

Three generations of processes: the server has pytest imported; it forks a holder, which collects the tests and keeps
the session; the holder forks a child for each run, so no run sees what another one did. A candidate repair is tried by
giving the live functions of the verified file new code, which every reference to them follows.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from typing import Any

if not __package__:  # started as a folder, under an interpreter that has no Tactful
    __package__ = "forkserver"
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    __import__(__package__)

from .holder import hold
from .wire import Wire, fork, kill_group

del sys.path[0]  # what the tests import must not be found beside this program


def main() -> None:
    wire = Wire(os.dup(0), os.dup(1))
    silence()
    setup = wire.receive()
    if setup is None:
        return
    enter(setup)
    try:
        import pytest
    except ImportError:
        wire.send(event="no_pytest", python=sys.version.split()[0])
        return
    wire.send(event="ready", python=sys.version.split()[0], pytest=pytest.__version__)
    serve(wire, setup)


def silence() -> None:
    """Give tests an empty standard input and a standard output that goes nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)


def enter(setup: dict[str, Any]) -> None:
    """Make the workspace the place that code is imported from, as `python -m pytest` there would."""
    os.chdir(setup["root"])
    real, copy = setup["mapped_from"], setup["root"]
    if real != copy:  # the copy stands at another path: follow it wherever the environment points into the workspace
        moved = [path.replace(real, copy, 1) if (path + "/").startswith(real + "/") else path for path in sys.path]
        sys.path[:] = [path if os.path.exists(path) else old for path, old in zip(moved, sys.path)]
        redirect_editable_finders(real, copy)
    sys.path[:0] = [path for path in setup["import_from"] if path not in sys.path]


def redirect_editable_finders(real: str, copy: str) -> None:
    """Point setuptools' editable-install finders at the copy of the workspace."""
    for finder in sys.meta_path:
        module = sys.modules.get(getattr(finder, "__module__", ""))
        mapping = getattr(module, "MAPPING", None)
        if isinstance(mapping, dict):
            for name, path in mapping.items():
                if isinstance(path, str) and path.startswith(real):
                    mapping[name] = copy + path[len(real) :]


def serve(wire: Wire, setup: dict[str, Any]) -> None:
    """Answer `hold` and `fresh`, each in a forked holder that reads the commands until it is released."""
    preload()
    while True:
        command = wire.receive()
        if command is None:
            return
        with contextlib.suppress(KeyError):
            replace_text(command["target"], command["text"])
        pid = fork()
        if pid == 0:
            hold(wire, setup, command)
        _, status = os.waitpid(pid, 0)
        kill_group(pid)
        wire.send(event="released" if status == 0 else "lost")


def preload() -> None:
    """Import what every pytest run imports, before the first fork."""
    from _pytest.config import get_config

    for name in ("_pytest.assertion.rewrite", "_pytest.doctest", "doctest", "unittest"):
        importlib.import_module(name)
    if not os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        for plugin in entry_points():
            with contextlib.suppress(Exception):  # pytest itself will say what is wrong with it
                plugin.load()
    get_config()


def entry_points() -> Any:
    """Return the plugins that pytest loads before anything of the workspace."""
    from importlib import metadata

    found = metadata.entry_points()
    return found.select(group="pytest11") if hasattr(found, "select") else found.get("pytest11", ())


def replace_text(target: str, text: str) -> None:
    with open(target, "w", encoding="utf-8", newline="") as file:
        file.write(text)


if __name__ == "__main__":
    main()
