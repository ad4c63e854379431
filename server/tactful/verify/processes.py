"""Families of processes: who was started by whom, and how to end them all. Elsewhere than on Linux they look empty."""

import contextlib
import os
import signal

__all__ = ["descendants", "kill_family"]

_ROUNDS = 5  # a process may start another one while its family is being ended


def descendants(pid: int) -> list[int]:
    """Return the living processes that `pid` started, directly or not."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else ():  # noqa: PTH112, PTH208 - read on the event loop
        if entry.isdigit():
            with contextlib.suppress(OSError):
                with open(f"/proc/{entry}/stat", "rb") as file:  # noqa: PTH123
                    state, parent = file.read().rpartition(b")")[2].split()[:2]
                if state != b"Z":
                    children.setdefault(int(parent), []).append(int(entry))
    found, waiting = [], [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def kill_family(pid: int) -> None:
    """Kill what `pid` started, then `pid` itself; what its children left behind too, where `pid` adopts orphans."""
    for _ in range(_ROUNDS):
        family = descendants(pid)
        for each in family:
            _kill(each)
        if not family:
            break
    _kill(pid)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
