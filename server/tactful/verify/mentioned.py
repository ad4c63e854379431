"""What the tests of a file mention, by themselves and by way of helpers, fixtures and what is set up for them."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tactful.verify.symbols import mentions, symbols

__all__ = ["Mentions", "mentioned_by_tests", "mentions_in"]

_KEPT = 256  # files; most are asked for again with the next verification
_SET_UP = frozenset({"setUp", "setUpClass", "asyncSetUp", "setup_method", "setup_class", "setup"})
_SET_UP_FILE = frozenset({"setUpModule", "setup_module", "setup_function"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """What each function of a file mentions, by qualified name; `always` are those that run for every test."""

    by_name: Mapping[str, frozenset[str]]
    always: frozenset[str]


@lru_cache(maxsize=_KEPT)
def mentions_in(text: str) -> Mentions | None:
    """Return what a file's functions mention, None for a text that cannot be parsed."""
    try:
        found = symbols(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError):
        return None
    always = {each.short_name for each in found if _is_automatic(each.node) or each.name in _SET_UP_FILE}
    return Mentions(by_name={each.name: mentions(each.node) for each in found}, always=frozenset(always))


def mentioned_by_tests(own: Mentions, conftests: Sequence[Mentions]) -> dict[str, frozenset[str]]:
    """Return, by qualified name, what each function of a test file mentions.

    Helpers and fixtures are followed by name, those of `conftests` too; what is set up for every test of a class or
    file counts for each of them.
    """
    by_short: dict[str, frozenset[str]] = {}
    for each in (*conftests, own):
        for name, names in each.by_name.items():
            short = name.rpartition(".")[2]
            by_short[short] = by_short.get(short, frozenset()) | names
    always = own.always.union(*(each.always for each in conftests))
    found: dict[str, frozenset[str]] = {}
    for name, names in own.by_name.items():
        owner = name.rpartition(".")[0]
        set_up = {each for each in _SET_UP if owner and f"{owner}.{each}" in own.by_name}
        found[name] = _followed(names | always | set_up, by_short)
    return found


def _followed(names: frozenset[str], by_short: Mapping[str, frozenset[str]]) -> frozenset[str]:
    reached, waiting = set(names), [name for name in names if name in by_short]
    while waiting:
        new = by_short[waiting.pop()] - reached
        reached |= new
        waiting += [name for name in new if name in by_short]
    return frozenset(reached)


def _is_automatic(node: ast.AST) -> bool:
    """Return whether `node` is a fixture that every test gets."""
    return any(
        isinstance(each, ast.Call)
        and any(word.arg == "autouse" and getattr(word.value, "value", False) is True for word in each.keywords)
        for each in getattr(node, "decorator_list", ())
    )
