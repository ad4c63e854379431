"""The embedded engine: suffix-array n-grams over the open document, the workspace and the environment.

This package's front door. It loads nothing heavy: the server process talks to a worker process and must stay small, so
numpy and everything that needs it are imported by the worker only.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tactful.backends.local.backend import LocalBackend
    from tactful.backends.local.engine import Engine
    from tactful.backends.local.indexing import build_index
    from tactful.backends.local.status import EngineStatus, IndexReport

__all__ = ["Engine", "EngineStatus", "IndexReport", "LocalBackend", "build_index"]

_HOME = {
    "Engine": "engine",
    "EngineStatus": "status",
    "IndexReport": "status",
    "LocalBackend": "backend",
    "build_index": "indexing",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
