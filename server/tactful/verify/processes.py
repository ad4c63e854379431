"""Families of processes: who was started by whom, how to end them all, and how to end with the one that started us.

Linux tells it in /proc; elsewhere `ps` is asked.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

__all__ = ["descendants", "end_with_parent", "kill_family", "processes_here"]

_ROUNDS = 5  # a process may start another one while its family is being ended
_PS = ("ps", "-A", "-o", "pid=,ppid=,pgid=,stat=")
_PS_TIMEOUT_S = 2.0
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


def descendants(pid: int) -> list[int]:
    """Return the living processes that `pid` started, directly or not."""
    return list(_family(pid))


def processes_here() -> int:
    """Return how many processes there are on this machine, quickly; 0 where that is not known."""
    try:
        return sum(entry.isdigit() for entry in os.listdir("/proc"))  # noqa: PTH208 - asked often
    except OSError:
        return 0


def kill_family(pid: int) -> None:
    """Kill what `pid` started, then `pid` itself; what its children left behind too, where `pid` adopts orphans.

    Where `pid` leads a process group, the whole group is killed, so that those go too whose parent ended before.
    """
    for _ in range(_ROUNDS):
        family = _family(pid)
        for group in {each for each in family.values() if each in family}:  # at a stroke, however fast they multiply
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
        for each in reversed(family):  # children first: they must not be left behind while this goes on
            _kill(each)
        if not family:
            break
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    _kill(pid)


def end_with_parent(on_line: Callable[[str], None]) -> None:
    """From now on, end this process and all that it starts when its parent ends, or sends SIGTERM.

    The parent has to hold the other end of standard input open: its end of file is the sign on every system, and is
    not to be read by anything else any more; its lines go to `on_line`, in a thread. Linux also tells it by a signal.
    For the main thread.
    """
    signal.signal(signal.SIGTERM, _end)
    threading.Thread(target=_read_input, args=(on_line,), daemon=True).start()
    if sys.platform != "linux":
        return
    parent, libc = os.getppid(), ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # orphans stay in the family
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # the parent ended just before the call
        os.kill(os.getpid(), signal.SIGTERM)


def _end(number: int, frame: object) -> None:
    # In the main thread, so that it does nothing else meanwhile, and once: two killers would miss each other's orphans.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    kill_family(os.getpid())


def _read_input(on_line: Callable[[str], None]) -> None:
    with contextlib.suppress(OSError):
        for line in sys.stdin:
            on_line(line)
    os.kill(os.getpid(), signal.SIGTERM)


def _family(pid: int) -> dict[int, int]:
    """Return the living processes that `pid` started, parents before children, each with its process group."""
    children: dict[int, list[tuple[int, int]]] = {}
    for each, parent, group in _all_in_proc() if os.path.isdir("/proc/self") else _all_by_ps():  # noqa: PTH112 - quick
        children.setdefault(parent, []).append((each, group))
    found: dict[int, int] = {}
    waiting = [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found.update(below)
        waiting += [each for each, _ in below]
    return found


def _all_in_proc() -> Iterator[tuple[int, int, int]]:
    for entry in os.listdir("/proc"):  # noqa: PTH208 - read on the event loop
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError):  # a process that ends just now has an empty file
                with open(f"/proc/{entry}/stat", "rb") as file:  # noqa: PTH123
                    state, parent, group = file.read().rpartition(b")")[2].split()[:3]
                if state != b"Z":
                    yield int(entry), int(parent), int(group)


def _all_by_ps() -> Iterator[tuple[int, int, int]]:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        shown = subprocess.run(_PS, capture_output=True, text=True, timeout=_PS_TIMEOUT_S, check=False)
        for line in shown.stdout.splitlines():
            pid, parent, group, state = line.split()[:4]
            if not state.startswith("Z"):
                yield int(pid), int(parent), int(group)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
