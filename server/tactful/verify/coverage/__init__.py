"""What each test ran when it was last measured, kept between verifications."""

from tactful.verify.coverage.records import NOTHING_KNOWN, Known, Measured, Record
from tactful.verify.coverage.store import CoverageMap, map_file

__all__ = ["NOTHING_KNOWN", "CoverageMap", "Known", "Measured", "Record", "map_file"]
