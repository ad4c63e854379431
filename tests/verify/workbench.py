"""Types of the fixtures in this folder."""

from collections.abc import Callable
from pathlib import Path

from tactful.verify import VerifyResult

__all__ = ["Project", "Verify"]

Project = Callable[[dict[str, str]], Path]
Verify = Callable[..., VerifyResult]
