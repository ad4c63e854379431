"""Where the log goes: a file in the user's log folder, and standard error for warnings.

pygls writes whole messages, and with them source text, to its own logger; that logger is silenced. What looks like a
secret is taken out of every line: an address with a password, a key that a model server quotes in its refusal.
"""

import logging
import sys
from pathlib import Path

__all__ = ["set_level", "set_up_logs"]

_FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s %(message)s"
_BYTES = 2_000_000


def set_up_logs(folder: Path) -> Path | None:
    """Log to `folder`/tactful.log and return it, None if it cannot be written.

    A log of more than 2 MB is put aside as tactful.log.1 first; to look at its size with each line would cost as much
    as the line.
    """
    silenced = logging.getLogger("pygls")
    silenced.handlers, silenced.propagate = [logging.NullHandler()], False
    silenced.setLevel(logging.CRITICAL + 1)
    root = logging.getLogger("tactful")
    root.propagate = False
    stderr = logging.StreamHandler(sys.stderr)
    stderr.setLevel(logging.WARNING)
    stderr.setFormatter(_Scrubbing("tactful: %(levelname)s %(message)s"))
    root.addHandler(stderr)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "tactful.log"
        if path.exists() and path.stat().st_size > _BYTES:
            path.replace(folder / "tactful.log.1")
        file = logging.FileHandler(path, encoding="utf-8")
    except OSError as error:
        root.warning("no log file: %s cannot be written (%s)", folder, error.strerror)
        return None
    file.setFormatter(_Scrubbing(_FORMAT))
    root.addHandler(file)
    return path


def set_level(level: str) -> None:
    """Log from `level` (error, warning, info, debug) upwards."""
    logging.getLogger("tactful").setLevel(level.upper())


class _Scrubbing(logging.Formatter):
    """Formats a line and takes secrets out of it; their forms are loaded with the first line."""

    def format(self, record: logging.LogRecord) -> str:
        from tactful.privacy.redact import scrub

        return scrub(super().format(record))
