"""Processes that end with the one that started them."""

import ctypes
import os
import signal
import sys

__all__ = ["die_with_parent", "yield_to_others"]

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ask the system to end this process when its parent ends; on systems without that, the closed pipe does it."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # The parent ended just before the call.
        os._exit(1)


def yield_to_others() -> None:
    """Give this process the lowest priority."""
    if hasattr(os, "nice"):
        os.nice(15)
