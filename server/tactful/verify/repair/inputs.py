"""Inputs that a test might also have tried: those it did try, changed a little; the same for the same inputs."""

import ast
from collections.abc import Iterator, Sequence
from math import isfinite
from random import Random
from typing import Any

__all__ = ["varied"]

MAX_INPUTS = 48
_ROUNDS = 6


def varied(calls: Sequence[Sequence[str]], seed: int = 0) -> list[list[str]]:
    """Return argument lists like `calls` (each argument the source of a literal), the recorded ones left out."""
    random = Random(seed)  # noqa: S311 - variety, not secrecy
    known = {tuple(each) for each in calls}
    found: list[list[str]] = []
    for _ in range(_ROUNDS):
        for call in calls:
            values = [ast.literal_eval(each) for each in call]
            for position in range(len(values)):
                new = [repr(_changed(value, random) if at == position else value) for at, value in enumerate(values)]
                if tuple(new) not in known and len("".join(new)) < 400:
                    known.add(tuple(new))
                    found.append(new)
    random.shuffle(found)
    return found[:MAX_INPUTS]


def _changed(value: Any, random: Random) -> Any:
    choices = list(_changes(value, random))
    return random.choice(choices) if choices else value


def _changes(value: Any, random: Random) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1, value + 2, value * 2, value + random.randint(3, 9), max(0, value - 3))
        yield from (0, 1, -value)
    elif isinstance(value, float):
        yield from filter(isfinite, (value + 1.0, value - 0.5, value * 2.0, -value))
    elif isinstance(value, str):
        yield from _changed_text(value, random)
    elif isinstance(value, list | tuple):
        yield from (type(value)(each) for each in _changed_items(list(value), random))
    elif isinstance(value, dict) and value:
        key = random.choice(list(value))
        yield {**value, key: _changed(value[key], random)}
        yield {each: value[each] for each in value if each != key}
    elif isinstance(value, set) and value:
        yield set(_changed_items(sorted(value, key=repr), random)[0])


def _changed_text(value: str, random: Random) -> Iterator[str]:
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


def _changed_items(items: list[Any], random: Random) -> list[list[Any]]:
    if not items:
        return [items]
    at = random.randrange(len(items))
    changed = [*items[:at], _changed(items[at], random), *items[at + 1 :]]
    shuffled = random.sample(items, len(items))
    return [
        changed,
        changed,
        [*items[:at], *items[at + 1 :]],
        [*items, items[at]],
        items[::-1],
        shuffled,
        items + items,
    ]
