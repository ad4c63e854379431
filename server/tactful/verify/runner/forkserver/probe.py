"""What a function is called with, and what it answers: to tell apart repairs that all pass the tests."""

from __future__ import annotations

import ast
import copy
import itertools
import signal
import sys
import types
from typing import Any, Callable

MAX_CALLS = 30  # different calls that are recorded
MAX_REPR = 400  # characters of an argument list or of an answer
MAX_ITEMS = 200  # taken from an answer that is an iterator


class OutOfTime(BaseException):
    """A probe's call took too long; not an Exception, so that the code under test does not catch it."""


def record_calls(code_key: tuple[str, int], target: str, body: Callable[[], None]) -> list[list[str]]:
    """Return the arguments, as source text, with which the function was called from outside of its file."""
    calls: list[list[str]] = []

    def watch(frame: types.FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if event != "call" or (code.co_name, code.co_firstlineno) != code_key or code.co_filename != target:
            return
        if frame.f_back is not None and frame.f_back.f_code.co_filename == target:
            return
        names = code.co_varnames[: code.co_argcount]
        shown = [as_literal(frame.f_locals.get(name)) for name in names]
        if code.co_flags & 0x0C == 0 and code.co_kwonlyargcount == 0 and None not in shown and shown not in calls:
            calls.append([each for each in shown if each is not None])

    sys.setprofile(watch)
    try:
        body()
    finally:
        sys.setprofile(None)
    return calls[:MAX_CALLS]


def as_literal(value: object) -> str | None:
    """Return the source of a value that can be read back from it, None for any other."""
    try:
        text = repr(value)
        return text if len(text) <= MAX_REPR and ast.literal_eval(text) == value else None
    except Exception:  # whatever a foreign __repr__ or __eq__ raises: not a literal
        return None


def answers(function: Callable[..., Any], inputs: list[list[str]], limit_s: float) -> list[str]:
    """Return, for each list of arguments, what `function` answers, as text: its value, its error, or too long."""
    signal.signal(signal.SIGPROF, raise_out_of_time)
    return [answer(function, [ast.literal_eval(each) for each in arguments], limit_s) for arguments in inputs]


def answer(function: Callable[..., Any], arguments: list[Any], limit_s: float) -> str:
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        given = copy.deepcopy(arguments)
        value = function(*given)
        if isinstance(value, (types.GeneratorType, map, filter, zip)):
            value = list(itertools.islice(value, MAX_ITEMS))
        text = repr(value)[:MAX_REPR]
        return text if given == arguments else text + ", arguments changed to " + repr(given)[:MAX_REPR]
    except OutOfTime:
        return "does not end"
    except Exception as error:  # the function's own errors are answers too
        return "raises " + type(error).__name__
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)


def raise_out_of_time(number: int, frame: object) -> None:
    raise OutOfTime()
