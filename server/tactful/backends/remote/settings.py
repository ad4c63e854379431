"""What the model backend is told, and what it tells of itself; plain values."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["EndpointSettings", "ModelPhase", "ModelStatus"]

ModelPhase = Literal["ready", "thinking", "paused", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSettings:
    """One endpoint and how it is asked.

    `template` is a family's name, "suffix", "chat" or "auto". `api_key_env` names the environment variable that holds
    the key; the key itself is never part of the settings.
    """

    base_url: str
    model: str
    template: str = "auto"
    api_key_env: str = ""
    timeout_ms: float = 5000.0
    context_chars: int = 6000
    proxy: str = ""
    ca_file: str = ""
    allow_insecure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """One moment of the endpoint's life, for people; `cause` is the same word for the same kind of trouble."""

    phase: ModelPhase
    cause: str = ""
    message: str = ""
