"""The languages that Tactful can parse; see docs/languages.md for adding one. Any other is read as plain text."""

from pathlib import PurePath

from tactful.core.languages.javascript import JAVASCRIPT
from tactful.core.languages.language import Language, Lexis
from tactful.core.languages.python import PYTHON
from tactful.core.languages.typescript import TSX, TYPESCRIPT

__all__ = ["LANGUAGES", "PYTHON", "Language", "Lexis", "language", "language_of_path"]

LANGUAGES = (PYTHON, JAVASCRIPT, TYPESCRIPT, TSX)

_BY_ID = {language_id: known for known in LANGUAGES for language_id in known.ids}
_BY_SUFFIX = {suffix: known for known in LANGUAGES for suffix in known.suffixes}


def language(language_id: str) -> Language | None:
    """Return what is known of the language with this id of the protocol."""
    return _BY_ID.get(language_id)


def language_of_path(path: str) -> Language | None:
    """Return what is known of the language that a file is written in, judged by its name."""
    return _BY_SUFFIX.get(PurePath(path).suffix.lower())
