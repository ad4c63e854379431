"""The plots of a model card: well-formed, and drawn from what training says."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tactful.acceptance.plots import calibration_svg, hiding_svg, write_plots

ABOUT: dict[str, Any] = {
    "cascades": {
        "embedded": {
            "stage2": {"curve": [[0.1, 0.12, 50], [0.6, 0.5, 20], [0.9, 0.0, 1]]},
            "hidden_and_lost": [[0.0, 0.1], [0.3, 1]],
        },
        "model": {"stage2": {"curve": []}, "hidden_and_lost": []},
    }
}
SVG = "{http://www.w3.org/2000/svg}"


def points(svg: str) -> list[str]:
    lines = ElementTree.fromstring(svg).iter(f"{SVG}polyline")
    return [line.get("points", "") for line in lines]


def test_a_line_for_each_kind_beside_the_diagonal() -> None:
    assert points(calibration_svg(ABOUT)) == ["48.0,368.0 368.0,48.0", "80.0,329.6 240.0,208.0", ""]


def test_hiding_goes_to_the_upper_corner() -> None:
    assert points(hiding_svg(ABOUT))[1] == "48.0,336.0 368.0,48.0"


def test_both_are_written(tmp_path: Path) -> None:
    write_plots(tmp_path, ABOUT)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calibration.svg", "hiding.svg"]
