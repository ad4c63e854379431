"""The gate that was learned from this user, beside the one that ships: which counts, what replaces it, the way back.

Knows: two files in one folder. Must not know: how a gate is trained, whether it deserves its place (see `succession`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tactful.acceptance.artifact import FILE_NAME, bundled, load, save
from tactful.acceptance.scorer import TreeScorer
from tactful.core.errors import ModelUnusable

__all__ = ["has_own", "load_in_use", "roll_back", "take_over"]

_BEFORE = "before"  # folder of the own gate that was in use before this one


def load_in_use(own: Path) -> tuple[TreeScorer, str | None]:
    """Return the gate that counts, the user's own in the folder `own` or else the one that ships, and what is wrong.

    An own gate that cannot be used is one sentence, and the one that ships stands in. Raises ModelUnusable where that
    cannot be used either.
    """
    if not has_own(own):
        return load(bundled()), None
    try:
        return load(own), None
    except ModelUnusable as error:
        return load(bundled()), f"{error} Until then the one that ships is used."


def has_own(own: Path) -> bool:
    """Say whether a gate was learned from this user."""
    return (own / FILE_NAME).exists()


def take_over(own: Path, scorer: TreeScorer, about: Mapping[str, Any]) -> Path:
    """Put `scorer` in the place of the user's own gate, which is kept for the way back. Raises OSError."""
    current = own / FILE_NAME
    before = own / _BEFORE / FILE_NAME
    if current.exists():
        before.parent.mkdir(parents=True, exist_ok=True)
        before.write_bytes(current.read_bytes())
    return save(own, scorer, about)


def roll_back(own: Path) -> str:
    """Bring back the gate that was in use before, and return which one that is, in words. Raises OSError."""
    current, before = own / FILE_NAME, own / _BEFORE / FILE_NAME
    if not current.exists():
        return "The gate that ships is in use; there is none to go back to."
    if before.exists():
        before.replace(current)
        return "The gate that was learned before is in use again."
    current.unlink()
    return "The gate that ships is in use again."
