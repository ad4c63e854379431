"""The tree of errors that Tactful raises.

Expected outcomes (gate closed, nothing found, timed out) are values, not errors. What stands here is for a person to
read: each message says what happened and what to do about it, and holds no source text.
"""

__all__ = [
    "BackendError",
    "BackendUnavailable",
    "IndexUnusable",
    "ModelUnusable",
    "SandboxUnavailable",
    "StoreError",
    "TactfulError",
    "VerifyError",
]


class TactfulError(Exception):
    """Base of every error that Tactful raises on purpose."""


class BackendError(TactfulError):
    """The source of completions failed or is not there."""


class BackendUnavailable(BackendError):
    """This source of completions cannot be used for now; another one may be."""


class IndexUnusable(BackendError):
    """An index file is corrupt, half-written or of another version; it has to be rebuilt."""


class ModelUnusable(TactfulError):
    """A gate model is corrupt, foreign or of another schema; the gate stays open."""


class StoreError(TactfulError):
    """The feedback database cannot be read or written."""


class VerifyError(TactfulError):
    """Verification could not run at all."""


class SandboxUnavailable(VerifyError):
    """No sandbox can be set up here; user code is not run."""
