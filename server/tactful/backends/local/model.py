"""The trained blend: a small network that gives every candidate its probability.

Stored as JSON beside the package's other models. This module knows the file and the arithmetic; it must not know what
the columns mean.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tactful.backends.local.features import SCHEMA, Choice
from tactful.core.errors import ModelUnusable

__all__ = ["BlendModel", "default_model_path", "load_model"]

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendModel:
    """Weights: candidate columns x hidden, moment columns x hidden, hidden, hidden x second, second, second."""

    rows: Matrix
    moment: Matrix
    first_bias: Matrix
    second: Matrix
    second_bias: Matrix
    out: Matrix

    def probabilities(self, choice: Choice) -> NDArray[np.float64]:
        """Return the probability of each candidate; what is missing to 1 is that of "none of these"."""
        hidden = choice.rows @ self.rows
        hidden += choice.moment @ self.moment + self.first_bias
        np.maximum(hidden, 0, out=hidden)
        hidden = hidden @ self.second
        hidden += self.second_bias
        np.maximum(hidden, 0, out=hidden)
        scores = (hidden @ self.out).astype(np.float64)
        scores = np.exp(scores - scores.max())
        shares: NDArray[np.float64] = (scores / scores.sum())[:-1]
        return shares


def default_model_path() -> Path:
    """Return where the engine's model is: inside an installed package, or beside it in a source tree."""
    package = Path(__file__).parents[2]
    installed = package / "models" / "engine.json"
    return installed if installed.is_file() else package.parents[1] / "models" / "engine.json"


def load_model(path: Path) -> BlendModel:
    """Return the model stored at `path`. Raises ModelUnusable when it is missing, damaged or of another schema."""
    try:
        stored = json.loads(path.read_bytes())
        if stored["schema"] != SCHEMA:
            raise ModelUnusable(f"The engine's model {path} is of another version. Reinstall Tactful.")
        weights = {name: np.array(stored["weights"][name], np.float32) for name in BlendModel.__slots__}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnusable(f"The engine's model {path} cannot be read ({error}). Reinstall Tactful.") from error
    return BlendModel(**weights)
