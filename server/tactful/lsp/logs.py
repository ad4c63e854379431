"""Where the log goes: a file in the user's log folder, and standard error for warnings.

pygls writes whole messages, and with them source text, to its own logger; that logger is silenced.
"""

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

__all__ = ["set_level", "set_up_logs"]

_FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s %(message)s"
_BYTES = 2_000_000


def set_up_logs(folder: Path) -> Path | None:
    """Log to `folder`/tactful.log, of at most 2 MB and one predecessor; return it, or None if it cannot be written."""
    silenced = logging.getLogger("pygls")
    silenced.handlers, silenced.propagate = [logging.NullHandler()], False
    silenced.setLevel(logging.CRITICAL + 1)
    root = logging.getLogger("tactful")
    root.propagate = False
    stderr = logging.StreamHandler(sys.stderr)
    stderr.setLevel(logging.WARNING)
    stderr.setFormatter(logging.Formatter("tactful: %(levelname)s %(message)s"))
    root.addHandler(stderr)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = RotatingFileHandler(
            folder / "tactful.log", maxBytes=_BYTES, backupCount=1, encoding="utf-8", delay=False
        )
    except OSError as error:
        root.warning("no log file: %s cannot be written (%s)", folder, error.strerror)
        return None
    file.setFormatter(logging.Formatter(_FORMAT))
    root.addHandler(file)
    return folder / "tactful.log"


def set_level(level: str) -> None:
    """Log from `level` (error, warning, info, debug) upwards."""
    logging.getLogger("tactful").setLevel(level.upper())
