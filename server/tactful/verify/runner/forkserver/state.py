"""What a module remembers between calls, noted once and put back between trials that share a process.

Plain values and containers of them: a module's variables, its classes' variables, default arguments, and the caches of
functools. What lies elsewhere is not seen to; whoever shares a process checks that the tests still answer as before.
"""

from __future__ import annotations

import functools
import gc
import types
from typing import Any, Callable, Iterable

PLAIN = (int, float, complex, bool, str, bytes, type(None), tuple, frozenset)
CONTAINERS = (list, dict, set)
MAX_ITEMS = 10_000  # of a container that is noted
MAX_DEPTH = 4  # of containers in containers


def remember(target: str, tests: frozenset[str] = frozenset()) -> Callable[[], None]:
    """Return a function that puts back what the module in the file `target`, and the test files, remember now."""
    restorers: list[Callable[[], None]] = []
    for each in gc.get_objects():
        if type(each) is types.FunctionType and each.__code__.co_filename == target:
            restorers += [restorer(value) for value in each.__defaults__ or ()]
            restorers += [restorer(value) for value in (each.__kwdefaults__ or {}).values()]
        elif type(each) is functools._lru_cache_wrapper and of_file(each, target):
            restorers.append(each.cache_clear)
        elif type(each) is types.ModuleType and vars(each).get("__file__") in (target, *tests):
            restorers += restorers_of(vars(each))
        elif issubclass(type(each), type) and defined_in(each, target):
            plain = {name: value for name, value in vars(each).items() if is_variable(name, value)}
            restorers += [functools.partial(put_back_in, each, plain), *(restorer(value) for value in plain.values())]
    return all_of(restorers)


def remember_values(values: Iterable[Any]) -> Callable[[], None]:
    """Return a function that gives the containers among `values` the items that they have now."""
    return all_of([restorer(value) for value in values])


def all_of(restorers: list[Callable[[], None]]) -> Callable[[], None]:
    found = [each for each in restorers if each is not nothing]

    def put_back() -> None:
        for each in found:
            each()

    return put_back if found else nothing


def restorers_of(namespace: dict[str, Any]) -> list[Callable[[], None]]:
    plain = {name: value for name, value in namespace.items() if is_variable(name, value)}
    return [functools.partial(namespace.update, plain), *(restorer(value) for value in plain.values())]


def restorer(value: Any, depth: int = MAX_DEPTH) -> Callable[[], None]:
    """Return a function that gives the container `value`, and those in it, the very items that they have now."""
    if type(value) not in (*CONTAINERS, tuple) or len(value) > MAX_ITEMS or not depth:
        return nothing
    saved = list(value.items()) if type(value) is dict else list(value)
    inside = [restorer(each[1] if type(value) is dict else each, depth - 1) for each in saved]
    inside = [each for each in inside if each is not nothing]
    if type(value) is tuple:
        return all_of(inside)
    return functools.partial(refill, value, saved, inside)


def refill(value: Any, saved: list[Any], inside: list[Callable[[], None]]) -> None:
    for each in inside:
        each()
    if is_unchanged(value, saved):
        return
    value.clear()
    add = value.extend if type(value) is list else value.update
    add(saved)


def is_unchanged(value: Any, saved: list[Any]) -> bool:
    if len(value) != len(saved):
        return False
    if type(value) is dict:
        return all(a is c and b is d for (a, b), (c, d) in zip(value.items(), saved))
    return all(a is b for a, b in zip(value, saved))


def put_back_in(kind: type, plain: dict[str, Any]) -> None:
    for name, value in plain.items():
        if vars(kind).get(name) is not value:
            setattr(kind, name, value)


def is_variable(name: str, value: Any) -> bool:
    return isinstance(value, PLAIN + CONTAINERS) and not name.startswith("__")


def nothing() -> None:
    pass


def of_file(wrapper: Any, target: str) -> bool:
    code = getattr(getattr(wrapper, "__wrapped__", None), "__code__", None)
    return getattr(code, "co_filename", None) == target


def defined_in(kind: type, target: str) -> bool:
    codes = [value.__code__ for value in vars(kind).values() if type(value) is types.FunctionType]
    return any(code.co_filename == target for code in codes)
