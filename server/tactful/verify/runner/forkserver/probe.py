"""What a function is called with, and what it answers: to tell apart repairs that all pass the tests."""

from __future__ import annotations

import asyncio
import copy
import inspect
import itertools
import re
import signal
import sys
import time
import types
from typing import Any, Callable

from .variation import is_plain, plain_attributes

MAX_CALLS = 30  # different calls that are recorded
RECORDING_S = 0.5  # after which no further call is recorded
MAX_TEXT = 400  # characters of an answer
MAX_SHOWN = 80  # characters of an argument that is no literal
MAX_ITEMS = 200  # taken from an answer that is an iterator
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
PLAIN_REPR: Any = object.__repr__
STARS = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


class OutOfTime(BaseException):
    """A probe's call took too long; not an Exception, so that the code under test does not catch it."""


def record_calls(code_key: tuple[str, int], target: str, body: Callable[[], None]) -> list[tuple[Any, ...]]:
    """Return copies of the arguments with which the function was called from outside of its file."""
    calls: list[tuple[Any, ...]] = []
    known: set[str] = set()
    end = time.monotonic() + RECORDING_S

    def watch(frame: types.FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if event != "call" or (code.co_name, code.co_firstlineno) != code_key or code.co_filename != target:
            return
        if len(calls) >= MAX_CALLS or time.monotonic() > end or code.co_flags & STARS or code.co_kwonlyargcount:
            return
        if frame.f_back is not None and frame.f_back.f_code.co_filename == target:
            return
        names = code.co_varnames[: code.co_argcount]
        if set(frame.f_locals) - set(names) - set(code.co_freevars) - set(code.co_cellvars):
            return  # a generator that goes on, not a call
        given = copied(tuple(frame.f_locals[name] for name in names if name in frame.f_locals))
        if given is not None and len(given) == len(names) and (text := shown(given)) not in known:
            known.add(text)
            calls.append(given)

    sys.setprofile(watch)
    try:
        body()
    finally:
        sys.setprofile(None)
    return calls


def copied(arguments: tuple[Any, ...]) -> tuple[Any, ...] | None:
    profile = sys.getprofile()
    sys.setprofile(None)
    try:
        return copy.deepcopy(arguments)
    except Exception:  # an object may refuse to be copied, in whatever way it likes
        return None
    finally:
        sys.setprofile(profile)


def shown(arguments: tuple[Any, ...]) -> str:
    """Return the arguments as a person would write them."""
    return ", ".join(repr(each) if is_plain(each) else outline(each) for each in arguments)


def outline(value: Any) -> str:
    attributes = ", ".join(f"{name}={each!r}" for name, each in plain_attributes(value).items())
    text = f"{type(value).__name__}({attributes})"
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "...)"


def answers(function: Callable[..., Any], inputs: list[tuple[Any, ...]], limit_s: float) -> list[str]:
    """Return, for each tuple of arguments, what `function` answers, as text: its value, its error, or too long."""
    signal.signal(signal.SIGPROF, raise_out_of_time)
    return [answer(function, arguments, limit_s) for arguments in inputs]


def answer(function: Callable[..., Any], arguments: tuple[Any, ...], limit_s: float) -> str:
    before = described(arguments)
    given = copied(arguments)
    if given is None:
        return "cannot be tried"
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        text = described(settled(function(*given)))
        after = described(given)
        return text if after == before else f"{text}, arguments changed to {after}"[: 2 * MAX_TEXT]
    except OutOfTime:
        return "does not end"
    except (Exception, SystemExit) as error:  # the function's own errors are answers too
        return "raises " + type(error).__name__
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)


def settled(value: Any) -> Any:
    """Return the value of an awaitable, the first items of an iterator, and anything else as it is."""
    if inspect.iscoroutine(value):
        value = asyncio.run(value)
    if isinstance(value, (types.GeneratorType, map, filter, zip)):
        return list(itertools.islice(value, MAX_ITEMS))
    return value


def described(value: Any, depth: int = 3) -> str:
    """Return the value as text that is the same for values that look the same to a program."""
    if isinstance(value, tuple) and type(value) is tuple:
        return "(" + ", ".join(described(each, depth) for each in value) + ")"
    attributes = getattr(value, "__dict__", None)
    if getattr(type(value), "__repr__", None) is PLAIN_REPR and type(attributes) is dict and depth:
        parts = ", ".join(f"{name}={described(each, depth - 1)}" for name, each in attributes.items())
        return f"{type(value).__name__}({parts})"[:MAX_TEXT]
    try:
        return ADDRESS.sub("", repr(value)[:MAX_TEXT])
    except Exception:  # whatever a foreign __repr__ raises
        return f"a {type(value).__name__} that cannot be shown"


def raise_out_of_time(number: int, frame: object) -> None:
    raise OutOfTime()
