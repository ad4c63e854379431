"""The files of the workspace as the map sees them: what tells whether one is the same, and its functions."""

import hashlib
import os
from pathlib import Path

from tactful.verify.coverage.units import Units, units_of

__all__ = ["read_units", "stamp_of"]


def stamp_of(root: Path, path: str, text: str | None) -> str:
    """Return what tells whether a file is still the same: of an unsaved text its checksum, else size and time."""
    if text is not None:
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    try:
        found = os.stat(root / path)  # noqa: PTH116 - called for every file
    except OSError:
        return "gone"
    return f"{found.st_size} {found.st_mtime_ns}"


def read_units(root: Path, path: str, text: str | None) -> Units | None:
    if text is None:
        try:
            text = (root / path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None
    return units_of(text)
