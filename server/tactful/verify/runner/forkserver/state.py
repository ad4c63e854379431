"""What a module remembers between calls, noted once and put back between trials that share a process.

Plain values and containers of them: a module's variables, its classes' variables, default arguments, and the caches of
functools. What lies elsewhere is not seen to; whoever shares a process checks that the tests still answer as before.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import gc
import types
from typing import Any, Callable, Iterable

PLAIN = (int, float, complex, bool, str, bytes, type(None), tuple, frozenset)
CONTAINERS = (list, dict, set)
MAX_ITEMS = 10_000  # of a container that is noted


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
            restorers += [restorer(value) for value in vars(each).values()]
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
    plain = {
        name: value
        for name, value in namespace.items()
        if isinstance(value, PLAIN + CONTAINERS) and not name.startswith("__")
    }
    return [functools.partial(namespace.update, plain), *(restorer(value) for value in plain.values())]


def restorer(value: Any) -> Callable[[], None]:
    """Return a function that gives the container `value` the items that it has now."""
    if type(value) not in CONTAINERS or len(value) > MAX_ITEMS:
        return nothing
    try:
        saved = copy.deepcopy(value)
    except Exception:  # whatever a foreign __deepcopy__ raises: it cannot be put back
        return nothing
    return functools.partial(refill, value, saved)


def refill(value: Any, saved: Any) -> None:
    with contextlib.suppress(Exception):  # whatever a foreign __eq__ raises: it is taken to have changed
        if value == saved:
            return
    value.clear()
    add = value.extend if type(value) is list else value.update
    add(copy.deepcopy(saved))


def nothing() -> None:
    pass


def of_file(wrapper: Any, target: str) -> bool:
    code = getattr(getattr(wrapper, "__wrapped__", None), "__code__", None)
    return getattr(code, "co_filename", None) == target


def defined_in(kind: type, target: str) -> bool:
    codes = [value.__code__ for value in vars(kind).values() if type(value) is types.FunctionType]
    return any(code.co_filename == target for code in codes)
