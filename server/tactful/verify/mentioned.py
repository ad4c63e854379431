"""What the tests of a file mention, by themselves and by way of helpers, fixtures and what is set up for them."""

import ast
from collections.abc import Mapping, Sequence

from tactful.verify.symbols import mentions, symbols

__all__ = ["mentioned_by_tests"]

_SET_UP = frozenset({"setUp", "setUpClass", "asyncSetUp", "setup_method", "setup_class", "setup"})
_SET_UP_FILE = frozenset({"setUpModule", "setup_module", "setup_function"})


def mentioned_by_tests(tree: ast.Module, conftests: Sequence[ast.Module]) -> dict[str, frozenset[str]]:
    """Return, by qualified name, what each function of a test file mentions.

    Helpers and fixtures are followed by name, those of `conftests` too; what is set up for every test of a class or
    file counts for each of them.
    """
    direct = {each.name: mentions(each.node) for each in symbols(tree)}
    by_short: dict[str, frozenset[str]] = {}
    always: set[str] = set()
    for module in (*conftests, tree):
        for each in symbols(module):
            by_short[each.short_name] = by_short.get(each.short_name, frozenset()) | mentions(each.node)
            if _is_automatic(each.node) or each.name in _SET_UP_FILE:
                always.add(each.short_name)
    found: dict[str, frozenset[str]] = {}
    for name, names in direct.items():
        owner = name.rpartition(".")[0]
        set_up = {each for each in _SET_UP if owner and f"{owner}.{each}" in direct}
        found[name] = _followed(names | always | set_up, by_short)
    return found


def _followed(names: frozenset[str], by_short: Mapping[str, frozenset[str]]) -> frozenset[str]:
    reached, waiting = set(names), list(names)
    while waiting:
        new = by_short.get(waiting.pop(), frozenset()) - reached
        reached |= new
        waiting += new
    return frozenset(reached)


def _is_automatic(node: ast.AST) -> bool:
    """Return whether `node` is a fixture that every test gets."""
    return any(
        isinstance(each, ast.Call)
        and any(word.arg == "autouse" and getattr(word.value, "value", False) is True for word in each.keywords)
        for each in getattr(node, "decorator_list", ())
    )
