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
        "text": 0.5,
        "off by one": 0.5,
        "name": 0.5,
        "attribute": 0.4,
        "function": 0.5,
        "negate": 0.4,
        "swap arguments": 0.5,
        "swap operands": 0.3,
        "swap elements": 0.4,
        "swap branches": 0.3,
        "drop unary": 0.5,
        "drop condition": 0.3,
        "drop operand": 0.4,
        "drop call": 0.4,
        "drop subscript": 0.15,
        "drop argument": 0.2,
        "add argument": 0.3,
        "range": 0.3,
        "slice": 0.2,
        "slice by name": 0.1,
        "index": 0.2,
        "wrap": 0.25,
        "augment assignment": 0.2,
        "delete statement": 0.25,
        "jump": 0.3,
        "keyword": 0.3,
        "move out": 0.35,
        "move in": 0.2,
        "swap statements": 0.2,
        "insert jump": 0.2,
        "insert statement": 0.15,
        "insert return": 0.15,
        "insert guard": 0.1,
        "copy statement": 0.1,
        "join condition": 0.12,
        "constant condition": 0.1,
        "replace condition": 0.2,
        "return condition": 0.15,
    }
)
