"""Failures as plain data: message, place, traceback inside the workspace, values."""

from __future__ import annotations

import os
import re
import traceback
from typing import Any

# A frame as pytest shows it (`a.py:2: in f`) and as Python does (`File "a.py", line 2`).
PLACE = re.compile(r"^(?=\S)(?:E? *File \")?([^\s\"]+?)(?::|\", line )(\d+)(?:: in |, in )", re.MULTILINE)
MAX_TEXT = 4000  # characters kept of a message or of a test's output


def describe_exception(error: BaseException, item: Any, root: str, target: str) -> dict[str, Any]:
    """Return message, place, traceback inside the workspace, and the locals of the innermost frame in the target."""
    path, line, _ = item.reportinfo()
    if type(error).__name__ in ("DocTestFailure", "UnexpectedException", "MultipleDoctestFailures"):
        return describe_doctest(error, str(path))
    frames = [(each, number) for each, number in traceback.walk_tb(error.__traceback__)]
    inside = [(each, number) for each, number in frames if each.f_code.co_filename.startswith(root)]
    places = [[each.f_code.co_filename, number - 1] for each, number in inside]
    own = [number for file, number in places if file == str(path)]
    values: list[list[str]] = []
    for each, _ in inside:
        if each.f_code.co_filename == target and target != str(path):
            values = [[name, shown(value)] for name, value in list(each.f_locals.items())[:12]]
    return {
        "message": message_of(error),
        "path": str(path),
        "line": own[-1] if own else line or 0,
        "traceback": places[-20:],
        "values": values,
    }


def message_of(error: BaseException) -> str:
    name = type(error).__name__
    try:
        text = str(error)
    except Exception as problem:
        text = "(its text cannot be shown: " + type(problem).__name__ + ")"
    if isinstance(error, AssertionError) and text:
        return text[:MAX_TEXT]
    return (name + ": " + text if text else name)[:MAX_TEXT]


def shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception as problem:
        return "<" + type(value).__name__ + ", repr raised " + type(problem).__name__ + ">"
    return text if len(text) <= 200 else text[:199] + "…"


def describe_doctest(error: Any, path: str) -> dict[str, Any]:
    first = error.failures[0] if hasattr(error, "failures") else error
    line = (first.test.lineno or 0) + first.example.lineno
    got = getattr(first, "got", None)
    if got is None:
        got = message_of(first.exc_info[1])
    message = f"expected {first.example.want.strip()}, got {got.strip()}"
    return {"message": message[:MAX_TEXT], "path": path, "line": line, "traceback": [], "values": []}


def describe_collection_error(report: Any, root: str) -> dict[str, Any]:
    text = str(report.longrepr)
    reason = getattr(getattr(report.longrepr, "reprcrash", None), "message", "")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [(os.path.join(root, name), int(number) - 1) for name, number in PLACE.findall(text)]
    places = [[path, line] for path, line in found if path.startswith(root)]
    message = reason or (lines[-1].lstrip("E ") if lines else "the test file could not be imported")
    return {"id": report.nodeid, "message": message[:MAX_TEXT], "traceback": places[-20:]}
