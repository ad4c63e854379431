"""Where Tactful keeps its own files: the XDG folders, or what the system has in their place."""

from pathlib import Path

import platformdirs

__all__ = ["cache_dir", "data_dir", "database", "egress_log", "learned", "log_dir", "own_gate"]


def cache_dir() -> Path:
    """Return the folder of what can be built again: the indexes."""
    return Path(platformdirs.user_cache_dir("tactful", appauthor=False))


def data_dir() -> Path:
    """Return the folder of what cannot be built again: the feedback, the trusted folders."""
    return Path(platformdirs.user_data_dir("tactful", appauthor=False))


def log_dir() -> Path:
    """Return the folder of the log."""
    return Path(platformdirs.user_log_dir("tactful", appauthor=False))


def database() -> Path:
    """Return the file that holds the feedback."""
    return data_dir() / "feedback.sqlite3"


def own_gate() -> Path:
    """Return the folder of the gate that was learned from this user; it need not be there."""
    return data_dir() / "gate"


def learned() -> Path:
    """Return the file that says how many outcomes there were when a gate was last learned from them."""
    return data_dir() / "learned.json"


def egress_log() -> Path:
    """Return the file that says what left this machine."""
    return Path(platformdirs.user_state_dir("tactful", appauthor=False)) / "egress.jsonl"
