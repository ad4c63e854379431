"""How likely each kind of edit is to be the repair that was meant, before anything about the place is known."""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["PRIORS"]

PRIORS: Mapping[str, float] = MappingProxyType(
    {
        "comparison": 1.0,
        "arithmetic": 0.8,
        "augmented assignment": 0.8,
        "and/or": 0.8,
        "number": 0.6,
        "truth value": 0.7,
        "off by one": 0.4,
        "name": 0.3,
        "drop unary": 0.4,
        "drop condition": 0.3,
        "drop operand": 0.2,
    }
)
