"""What the engine tells people about itself: the state of the index while it is built, and the report afterwards.

Plain values that cross process borders; this module must not know how they are made or shown.
"""

from dataclasses import dataclass
from typing import Literal

__all__ = ["EngineStatus", "IndexReport", "LayerReport", "Phase"]

Phase = Literal["starting", "indexing", "ready", "degraded", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """One moment of the engine's life.

    `layer` is "workspace", "packages" or "stdlib" while `phase` is "indexing"; `done` of `total` counts files.
    `message` is for people and says what to do when something is wrong.
    """

    phase: Phase
    layer: str = ""
    done: int = 0
    total: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerReport:
    """One layer of the index: how much it holds and what it cost."""

    layer: str
    files: int
    tokens: int
    bytes_on_disk: int
    seconds: float
    reused: bool  # True when the file on disk was still right


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport:
    """The outcome of building an index, layer by layer."""

    layers: tuple[LayerReport, ...]

    @property
    def files(self) -> int:
        """Return the number of files in all layers."""
        return sum(layer.files for layer in self.layers)

    @property
    def tokens(self) -> int:
        """Return the number of tokens in all layers."""
        return sum(layer.tokens for layer in self.layers)

    @property
    def bytes_on_disk(self) -> int:
        """Return the size of all layers in bytes."""
        return sum(layer.bytes_on_disk for layer in self.layers)

    @property
    def seconds(self) -> float:
        """Return the time that building took, in seconds."""
        return sum(layer.seconds for layer in self.layers)
