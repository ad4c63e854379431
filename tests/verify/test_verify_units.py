"""What of a file changes by itself, and what a change makes another."""

import pytest

from tactful.verify.coverage.units import OUTSIDE, units_of

SOURCE = """\
import os
RATE = 2

@staticmethod
def area(r):
    def square(x):
        return x * x
    return square(r)

class Box:
    kind = "box"

    def size(self):
        return 1

    @property
    def edge(self): return 1

    @edge.setter
    def edge(self, value): pass

if RATE:
    def late(): pass
"""


def test_functions_and_methods_are_units_and_nested_ones_are_not() -> None:
    names = [each.name for each in units_of(SOURCE).functions]
    assert names == ["area", "Box.size", "Box.edge", "Box.edge#2", "late"]


@pytest.mark.parametrize(
    ("line", "name"), [(0, None), (3, "area"), (4, "area"), (6, "area"), (8, None), (10, None), (13, "Box.size")]
)
def test_lines_belong_to_the_function_around_them(line: int, name: str | None) -> None:
    found = units_of(SOURCE).at(line)
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("x * x", "x + x", {"area"}),
        ("@staticmethod", "@classmethod", {"area"}),
        ("return 1\n", "return 2\n", {"Box.size"}),
        ("RATE = 2", "RATE = 3", {OUTSIDE}),
        ('kind = "box"', 'kind = "cube"', {OUTSIDE}),
        ("import os", "# a comment\n\nimport os", set()),
        ("def size", "def length", {OUTSIDE, "Box.size", "Box.length"}),
        ("class Box:", "class Box(dict):", {OUTSIDE}),
        ("value): pass", "value): 1", {"Box.edge#2"}),
    ],
)
def test_a_change_has_an_effect_on_nothing_else(old: str, new: str, changed: set[str]) -> None:
    before, after = (units_of(each).checksums() for each in (SOURCE, SOURCE.replace(old, new, 1)))
    assert {name for name in before | after if before.get(name) != after.get(name)} == changed


def test_lines_count_alike_whatever_they_end_in() -> None:
    assert units_of(SOURCE.replace("\n", "\r\n")) == units_of(SOURCE)


def test_a_file_that_cannot_be_parsed_is_all_outside() -> None:
    assert units_of("def broken(:").functions == ()
    assert units_of("def broken(:").outside != units_of("def other(:").outside
