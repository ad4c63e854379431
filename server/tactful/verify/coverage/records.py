"""What is measured of a test, and what the map knows about it; values only."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

__all__ = ["NOTHING_KNOWN", "Known", "Measured", "Record", "Texts", "test_key"]

Texts = Mapping[str, str]  # unsaved texts by path relative to the root


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one test did: `ran` are lines (from 0) by path relative to the root; `exact` files' lines are all there."""

    test_id: str
    failed: bool
    seconds: float
    ran: Mapping[str, Collection[int]]
    exact: Collection[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known of a test: whether it ran the target when last measured, and whether nothing else changed since.

    `runs_lines` says whether it ran one of the chosen lines; None where nobody can say any more.
    """

    runs_target: bool
    is_current: bool
    failed: bool
    seconds: float
    runs_lines: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the map says about one target: the records of tests, and the test files in which some run the target."""

    records: Mapping[tuple[str, str, str], Record]
    files: tuple[str, ...]

    def of(self, test_id: str) -> Record | None:
        """Return the record of a test, None where it has none."""
        return self.records.get(test_key(test_id))


NOTHING_KNOWN = Known(records={}, files=())


def test_key(test_id: str) -> tuple[str, str, str]:
    """Return file, name and, as a checksum, the parameters of a test."""
    file, _, name = test_id.partition("::")
    name, bracket, parameters = name.partition("[")
    variant = hashlib.sha256(parameters.encode("utf-8", "surrogatepass")).hexdigest()[:12] if bracket else ""
    return file, name, variant
