"""Which lines of the workspace's files run: by sys.monitoring where Python has it (3.12), else by sys.settrace.

Monitoring reports each line once and costs next to nothing after that. Tracing is called for each function call
anywhere, and for each line only in the files that are wanted line by line; of the others it keeps which functions were
called, by the line on which they begin.
"""

from __future__ import annotations

import os
import sys
import threading
import types
from typing import Any, Callable

TOOL_IDS = (4, 3, 5, 1)  # those that no known tool takes first


class Tracer:
    """Collects lines (from 1) by file; `exact` names the file that is wanted line by line, None wants all so."""

    def __init__(self, root: str, outside: list[str], exact: str | None) -> None:
        self.root = root.rstrip(os.sep) + os.sep
        self.outside = tuple(each.rstrip(os.sep) + os.sep for each in outside)
        self.exact = exact
        self.lines: dict[str, set[int] | None] = {}

    def take(self) -> dict[str, set[int]]:
        """Return what was collected since the last time, and begin anew."""
        found = {}
        for name, lines in self.lines.items():
            if lines:
                found[name] = set(lines)
                lines.clear()
        return found

    def admit(self, name: str) -> set[int] | None:
        """Return where the lines of a file go, None for a file that is not of the workspace."""
        inside = name.startswith(self.root) and not name.startswith(self.outside)
        lines: set[int] | None = set() if inside else None
        self.lines[name] = lines
        return lines

    def wants_lines(self, name: str) -> bool:
        return self.exact is None or name == self.exact

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError


class SettraceTracer(Tracer):
    """By sys.settrace, in every thread that starts meanwhile."""

    def __init__(self, root: str, outside: list[str], exact: str | None) -> None:
        super().__init__(root, outside, exact)
        self.locals: dict[str, Any] = {}

    def start(self) -> None:
        threading.settrace(self.on_call)
        sys.settrace(self.on_call)

    def stop(self) -> None:
        sys.settrace(None)
        threading.settrace(None)

    def on_call(self, frame: types.FrameType, event: str, argument: object) -> Any:
        name = frame.f_code.co_filename
        try:
            lines = self.lines[name]
        except KeyError:
            lines = self.admit(name)
            self.locals[name] = self.on_line_of(lines) if lines is not None and self.wants_lines(name) else None
        if lines is None:
            return None
        lines.add(frame.f_lineno)
        return self.locals[name]

    def on_line_of(self, lines: set[int]) -> Callable[..., Any]:
        def on_line(frame: types.FrameType, event: str, argument: object) -> Any:
            lines.add(frame.f_lineno)
            return on_line

        return on_line


class MonitoringTracer(Tracer):
    """By sys.monitoring: each function's start and each line are reported once, until `take` begins anew."""

    def start(self) -> None:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined]
        self.monitoring = monitoring
        self.tool = next(each for each in TOOL_IDS if monitoring.get_tool(each) is None)
        monitoring.use_tool_id(self.tool, "tactful")
        monitoring.register_callback(self.tool, monitoring.events.PY_START, self.on_start)
        monitoring.register_callback(self.tool, monitoring.events.LINE, self.on_line)
        monitoring.set_events(self.tool, monitoring.events.PY_START)
        monitoring.restart_events()

    def stop(self) -> None:
        self.monitoring.set_events(self.tool, 0)
        self.monitoring.register_callback(self.tool, self.monitoring.events.PY_START, None)
        self.monitoring.register_callback(self.tool, self.monitoring.events.LINE, None)
        self.monitoring.free_tool_id(self.tool)

    def take(self) -> dict[str, set[int]]:
        found = super().take()
        self.monitoring.restart_events()
        return found

    def on_start(self, code: types.CodeType, offset: int) -> Any:
        name = code.co_filename
        lines = self.lines[name] if name in self.lines else self.admit(name)
        if lines is not None:
            lines.add(code.co_firstlineno)
            if self.wants_lines(name):
                self.monitoring.set_local_events(self.tool, code, self.monitoring.events.LINE)
        return self.monitoring.DISABLE

    def on_line(self, code: types.CodeType, line: int) -> Any:
        lines = self.lines.get(code.co_filename)
        if lines is not None:
            lines.add(line)
        return self.monitoring.DISABLE


def make_tracer(root: str, outside: list[str], exact: str | None) -> Tracer:
    """Return what this Python traces with."""
    return (MonitoringTracer if hasattr(sys, "monitoring") else SettraceTracer)(root, outside, exact)
