"""Completions from a model behind any OpenAI-compatible endpoint, on this machine or elsewhere.

This package's front door. It loads nothing heavy: the HTTP library is imported by `endpoint.py`, in a thread, when a
model is configured; without one it is never imported, and no connection is made.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tactful.backends.remote.backend import ModelBackend
    from tactful.backends.remote.budget import Limits
    from tactful.backends.remote.conversation import Conversation
    from tactful.backends.remote.settings import EndpointSettings, ModelStatus

__all__ = ["Conversation", "EndpointSettings", "Limits", "ModelBackend", "ModelStatus"]

_HOME = {
    "Conversation": "conversation",
    "EndpointSettings": "settings",
    "Limits": "budget",
    "ModelBackend": "backend",
    "ModelStatus": "settings",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
