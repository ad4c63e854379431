"""What Tactful knows of one language; each language is one value of this in a file of its own.

Values only. It must not know who reads them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Language", "Lexis", "by_name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexis:
    """How strings and comments begin in plain text.

    A quote that ends with its line stands in `quotes`, one that does not in `blocks`; `spans` are comments with an end.
    """

    comments: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ('"', "'")
    blocks: tuple[str, ...] = ()
    spans: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Language:
    """A language: names, grammar, and what the nodes and words of its code mean.

    `load` returns the PyCapsule of the compiled tree-sitter grammar; the package is imported at the first parse. Node
    types are those of the grammar. `line_kinds` maps the word that a line begins with, and `node_groups` a node type,
    to the groups that the gate's features are named for.
    """

    ids: tuple[str, ...]  # language ids of the protocol
    suffixes: tuple[str, ...]
    load: Callable[[], Any]
    lexis: Lexis
    strings: frozenset[str]
    interpolations: frozenset[str]  # code again, inside a string
    comments: frozenset[str]
    functions: frozenset[str]
    classes: frozenset[str]
    decorated: frozenset[str] = frozenset()  # a node that wraps a definition with its decorators
    braces: bool  # blocks stand in braces, so that indentation does not say where they end
    top_level: re.Pattern[str]  # begins a line that cannot stand inside a string: where a scan of the text may start
    keywords: frozenset[str]
    line_kinds: Mapping[str, str]
    node_groups: Mapping[str, str]
    openings: Mapping[str, str] = field(default_factory=dict)  # what has to stand before a line that begins so
    bodies: Mapping[str, str] = field(default_factory=dict)  # what has to follow a line that ends so


def by_name(groups: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the group of each name, given the names of each group."""
    return {name: group for group, names in groups.items() for name in names}
