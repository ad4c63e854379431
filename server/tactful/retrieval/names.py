"""Which names count at the cursor, and which of several definitions of a name is meant.

Knows text and paths only.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

from tactful.retrieval.store import Found
from tactful.retrieval.words import identifiers

__all__ = ["chosen", "enclosing", "imported", "names_near"]

_LINES_BEFORE = 20
_LINES_AFTER = 3
_MOST_NAMES = 40
_AMBIGUOUS = 3  # definitions of one name, none of them imported or near: a guess would mostly be wrong
_DEFINED = re.compile(r"^([ \t]*)(?:async[ \t]+)?(?:def|class|function)[ \t]+(\w+)", re.MULTILINE)
_FROM = re.compile(r"^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]*(\([^)]*\)|[^\n(]*)", re.MULTILINE)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([\w.]+)(?:[ \t]+as[ \t]+(\w+))?", re.MULTILINE)


def names_near(prefix: str, suffix: str) -> list[str]:
    """Return the names around the cursor, each once, the nearest first."""
    before = prefix.split("\n")[-_LINES_BEFORE:]
    after = suffix.split("\n")[:_LINES_AFTER]
    near = [name for line in (before[-1], after[0]) for name in reversed(identifiers(line))]
    far = [name for line in (*reversed(before[:-1]), *after[1:]) for name in identifiers(line)]
    return list(dict.fromkeys(near + far))[:_MOST_NAMES]


def enclosing(prefix: str) -> list[str]:
    """Return the names of the functions and classes that the cursor stands in, by indentation, the innermost first."""
    line = prefix[prefix.rfind("\n") + 1 :]
    indent = len(line) - len(line.lstrip()) if line.strip() else len(line)
    found: list[str] = []
    for match in reversed(list(_DEFINED.finditer(prefix))):
        width = len(match[1])
        if width < indent:
            found.append(match[2])
            indent = width
    return found


@lru_cache(maxsize=16)
def imported(text: str) -> Mapping[str, str]:
    """Return the module that each imported name of Python source comes from: {"Account": "ledger.account"}."""
    modules: dict[str, str] = {}
    for module, listed in _FROM.findall(text):
        for name in re.findall(r"(\w+)(?:[ \t]+as[ \t]+\w+)?", listed):
            modules[name] = module
    for module, alias in _IMPORT.findall(text):
        modules[alias or module.split(".")[0]] = module
    return modules


def chosen(found: Sequence[Found], names: Sequence[str], modules: Mapping[str, str], path: str | None) -> list[Found]:
    """Return one definition for each of `names` where one is likely meant, in the order of the names."""
    endings = {name: _endings(module) for name, module in modules.items()}
    of_any = tuple(ending for each in endings.values() for ending in each)
    folder = path.rpartition("/")[0] if path else None
    best: dict[str, tuple[int, Found]] = {}
    seen: Counter[str] = Counter()
    for each in found:
        seen[each.name] += 1
        likely = 4 if each.path.endswith(endings.get(each.name, ())) else 3 if each.path.endswith(of_any) else 0
        likely = likely or 2 * (each.path == path) or int(each.path.rpartition("/")[0] == folder)
        if each.name not in best or likely > best[each.name][0]:
            best[each.name] = (likely, each)
    wanted = (name for name in names if name in best)
    return [best[name][1] for name in wanted if best[name][0] or seen[name] < _AMBIGUOUS]


def _endings(module: str) -> tuple[str, ...]:
    """Return how the path of a module may end: its own file, or its package, which only hands names on."""
    place = "/" + "/".join(part for part in module.split(".") if part)
    return (f"{place}.py", f"{place}.pyi", f"{place}/__init__.py") if place != "/" else ()
