"""Fewer pauses of this process: the garbage collector's long ones are felt while typing."""

import gc

__all__ = ["spare_what_is_loaded"]

_NEW_OBJECTS = 10_000  # between two collections; Python's own 700 or so are made several times at each key


def spare_what_is_loaded() -> None:
    """Take all objects there are out of the sight of the garbage collector, for libraries stay until the end.

    With those of the protocol and of the connections loaded, one full collection would take a tenth of a second.
    """
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])
