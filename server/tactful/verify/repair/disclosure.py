"""What of a workspace a model may be told: nothing of ignored files, no secrets, paths from the workspace's folder on.

Keeps account of the files that took part and of the secrets that were replaced.
"""

from pathlib import Path

from tactful.privacy.ignored import IgnoreRules
from tactful.privacy.redact import Redactor

__all__ = ["Disclosure"]


class Disclosure:
    """The rules of one workspace, and what was told so far."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._is_ignored = IgnoreRules([root]).now()
        self._redactor = Redactor()
        self._judged: dict[str, bool] = {}
        self._files: dict[str, None] = {}

    @property
    def files(self) -> tuple[str, ...]:
        """The files of which something was told, as they are named outside."""
        return tuple(self._files)

    def allows(self, path: str) -> bool:
        """Say whether something of the file at `path` may be told: it lies in the workspace and is not ignored."""
        if path not in self._judged:
            self._judged[path] = Path(path).is_relative_to(self._root) and not self._is_ignored(path)
        return self._judged[path]

    def take_part(self, path: str) -> None:
        """Note that text of the file at `path` is told."""
        self._files[self.shown(path)] = None

    def shown(self, path: str) -> str:
        """Return the path as it may be named: from the workspace's folder on, else the file's name."""
        found = Path(path)
        return found.relative_to(self._root).as_posix() if found.is_relative_to(self._root) else found.name

    def clean(self, text: str) -> tuple[str, int]:
        """Return `text` without secrets, and how many it had."""
        redacted = self._redactor.redact(text, "prompt.py")
        return redacted.text, redacted.redactions

    def restored(self, text: str) -> str:
        """Return a model's text with the secrets where their placeholders stand."""
        return self._redactor.restore(text)
