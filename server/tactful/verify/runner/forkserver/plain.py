"""Tests that are nothing but a call of a function, or examples in a docstring: fifty times as fast without ceremony."""

from __future__ import annotations

import doctest
import functools
import inspect
from typing import Any, Callable

MARKS = ("skip", "skipif", "xfail", "usefixtures", "filterwarnings", "asyncio", "anyio", "trio")
# Plugins whose part in a test does not matter to one that has neither fixtures of its own nor marks.
HARMLESS = (
    *("pytest_asyncio", "anyio", "_hypothesis_pytestplugin", "hypothesis", "pytest_timeout", "pytest_cov", "faker"),
    *("pytest_rerunfailures", "xdist", "pytest_mock", "pytest_randomly", "pytest_benchmark", "pytest_trio"),
    *("pytest_subtests", "pytest_instafail", "pytest_sugar", "pytest_metadata", "pytest_html"),
)
HOOKS = (
    *("pytest_runtest_protocol", "pytest_runtest_setup", "pytest_runtest_call", "pytest_runtest_teardown"),
    "pytest_pyfunc_call",
)


class ExampleFailed(Exception):
    """An example in a docstring did not answer what it says."""


def may_be_plain(config: Any) -> bool:
    """Return whether nobody takes part in running a test whose part would be missed."""
    if config.getini("filterwarnings") or config.getoption("pythonwarnings", None):
        return False  # warnings that are errors are no plain call's matter
    own = (__package__ or "").partition(".")[0]
    found = [each.function for name in HOOKS for each in getattr(config.hook, name).get_hookimpls()]
    return all(top_of(each) in (*HARMLESS, "_pytest", own) for each in found)


def plain_call(item: Any) -> Callable[[], object] | None:
    """Return a function that does what running `item` does, or None where more belongs to it than a call."""
    import pytest

    if any(item.get_closest_marker(mark) for mark in MARKS):
        return None
    if type(item).__name__ == "DoctestItem":  # before pytest 8 it knows its fixtures only once it runs
        known = hasattr(item, "_fixtureinfo") and not own_fixtures(item, ())
        return functools.partial(check_examples, item) if known else None
    if type(item) is not pytest.Function or item.cls is not None:
        return None
    given = getattr(getattr(item, "callspec", None), "params", {})
    names = item._fixtureinfo.argnames
    if own_fixtures(item, given) or set(names) != set(given):
        return None
    if inspect.iscoroutinefunction(item.function) or inspect.isgeneratorfunction(item.function):
        return None
    return functools.partial(item.function, **given)


def own_fixtures(item: Any, given: Any) -> list[str]:
    """Return the fixtures of the test, without its parameters and those that plugins bring to every test."""
    known = item._fixtureinfo.name2fixturedefs
    return [
        name
        for name in item.fixturenames
        if name not in given and not (name in known and all(top_of(each.func) in HARMLESS for each in known[name]))
    ]


def top_of(function: Any) -> str:
    return str(getattr(function, "__module__", "")).partition(".")[0]


def check_examples(item: Any) -> None:
    examples = item.dtest
    test = doctest.DocTest(
        examples.examples, dict(examples.globs), examples.name, examples.filename, examples.lineno, examples.docstring
    )
    flags, checker = item.runner.optionflags, item.runner._checker
    runner = doctest.DocTestRunner(checker=checker, optionflags=flags | doctest.FAIL_FAST, verbose=False)
    if runner.run(test, out=lambda text: None).failed:
        raise ExampleFailed
