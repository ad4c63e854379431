"""Inputs that a test might also have tried: those it did try, changed a little; the same for the same inputs."""

from __future__ import annotations

import ast
import copy
from math import isfinite
from random import Random
from typing import Any, Iterator

MAX_INPUTS = 64
MAX_TEXT = 400  # characters of a value that is changed
ROUNDS = 6
PLAIN = (bool, int, float, str, bytes, list, tuple, dict, set, type(None))


def varied(calls: list[tuple[Any, ...]], seed: int = 0) -> list[tuple[Any, ...]]:
    """Return argument lists like `calls`, each with one argument changed; the recorded ones are left out.

    A plain value is changed itself, of any other object one attribute that is plain.
    """
    random = Random(seed)  # noqa: S311 - variety, not secrecy
    known = {text_of(each) for each in calls}
    found: list[tuple[Any, ...]] = []
    for _ in range(ROUNDS):
        for call in calls:
            for position, value in enumerate(call):
                new = changed_argument(value, random)
                arguments = (*call[:position], new, *call[position + 1 :])
                text = text_of(arguments)
                if text not in known:
                    known.add(text)
                    found.append(arguments)
    random.shuffle(found)
    return found[:MAX_INPUTS]


def text_of(arguments: tuple[Any, ...]) -> str:
    return repr([each if is_plain(each) else (id(type(each)), plain_attributes(each)) for each in arguments])


def is_plain(value: Any) -> bool:
    """Return whether `value` is a literal of moderate size."""
    if not isinstance(value, PLAIN):
        return False
    try:
        text = repr(value)
        return len(text) <= MAX_TEXT and bool(ast.literal_eval(text) == value)
    except Exception:  # whatever a foreign __repr__ or __eq__ raises: not a literal
        return False


def plain_attributes(value: Any) -> dict[str, Any]:
    found = getattr(value, "__dict__", None)
    return {name: each for name, each in found.items() if is_plain(each)} if type(found) is dict else {}


def changed_argument(value: Any, random: Random) -> Any:
    if is_plain(value):
        return changed(value, random)
    attributes = plain_attributes(value)
    if not attributes:
        return value
    name = random.choice(sorted(attributes))
    try:
        other = copy.deepcopy(value)
        setattr(other, name, changed(attributes[name], random))
    except Exception:  # an object may refuse to be copied or changed, in whatever way it likes
        return value
    return other


def changed(value: Any, random: Random) -> Any:
    choices = list(changes(value, random))
    return random.choice(choices) if choices else value


def changes(value: Any, random: Random) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1, value + 2, value * 2, value + random.randint(3, 9), max(0, value - 3))
        yield from (0, 1, -value)
    elif isinstance(value, float):
        yield from filter(isfinite, (value + 1.0, value - 0.5, value * 2.0, -value))
    elif isinstance(value, str):
        yield from changed_text(value, random)
    elif isinstance(value, (list, tuple)):
        yield from (type(value)(each) for each in changed_items(list(value), random))
    elif isinstance(value, dict) and value:
        key = random.choice(list(value))
        yield {**value, key: changed(value[key], random)}
        yield {each: value[each] for each in value if each != key}
    elif isinstance(value, set) and value:
        yield set(changed_items(sorted(value, key=repr), random)[0])


def changed_text(value: str, random: Random) -> Iterator[str]:
    at = random.randrange(len(value) + 1)
    alphabet = value or "a"
    yield value[:at] + random.choice(alphabet) + value[at:]
    yield value + value
    if value:
        yield value[: at - 1] + value[at:] if at else value[1:]
        yield "".join(random.sample(value, len(value)))
        yield value.swapcase()
        yield value[::-1]
        yield ""


def changed_items(items: list[Any], random: Random) -> list[list[Any]]:
    if not items:
        return [items]
    at = random.randrange(len(items))
    different = [*items[:at], changed(items[at], random), *items[at + 1 :]]
    shuffled = random.sample(items, len(items))
    return [
        different,
        different,
        [*items[:at], *items[at + 1 :]],
        [*items, items[at]],
        items[::-1],
        shuffled,
        items + items,
    ]
