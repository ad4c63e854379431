"""What was learned of repairs: how likely each kind of edit is, and how far one that passes is to be trusted.

The numbers lie in `models/repair.json`, which `bench/repair_learn.py` fits. This module knows the file and the
arithmetic; it must not know what edits are.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import exp
from pathlib import Path

__all__ = ["LEARNED", "PRIORS", "Learned", "default_path", "read"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """Priors by kind of edit (only ratios mean something), the powers of weight and place, coefficients of the chance.

    The score of an edit is `prior * weight ** weight_power * place ** place_power`: the log-linear (conditional logit)
    model of which of a function's edits is the repair, after McFadden, "Conditional logit analysis of qualitative
    choice behavior" (1974).
    """

    priors: Mapping[str, float]
    weight_power: float
    place_power: float
    chance: Mapping[str, float]

    def score(self, operator: str, weight: float, place: float) -> float:
        """Return how likely an edit is, compared with others; `weight` and `place` (suspiciousness) in (0, 1]."""
        return float(self.priors[operator] * weight**self.weight_power * place**self.place_power)

    def chance_right(self, facts: Mapping[str, float]) -> float:
        """Return the probability that a repair with these facts is right: a logistic regression on them."""
        total = self.chance["bias"] + sum(self.chance[name] * value for name, value in facts.items())
        return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, total))))


def default_path() -> Path:
    """Return the file that comes with the package."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "models" / "repair.json"
    return installed if installed.is_file() else package.parents[1] / "models" / "repair.json"


@cache
def read(path: Path) -> Learned:
    """Return what the file at `path` holds. Raises OSError, ValueError or KeyError for one that is none."""
    data = json.loads(path.read_text(encoding="utf-8"))
    names = ("priors", "weight_power", "place_power", "chance")
    return Learned(**{name: data[name] for name in names})


LEARNED = read(default_path())
PRIORS = LEARNED.priors
