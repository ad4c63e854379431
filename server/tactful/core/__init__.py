"""The pure part: text, int offsets and frozen dataclasses. No protocol types, no processes, no clock, no files."""
