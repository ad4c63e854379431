"""Two plots of a trained gate as small SVG files: how honest its scores are, and what hiding by them costs.

Drawn from what training says of itself (`Trained.about`). Must not know: rows, models.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["calibration_svg", "hiding_svg", "write_plots"]

_SIZE, _MARGIN = 320, 48
_LEAST_ROWS = 10  # that a point of the calibration curve stands for
_COLOURS = {"embedded": "#0969da", "model": "#bc4c00"}

Point = tuple[float, float]


def write_plots(folder: Path, about: Mapping[str, Any]) -> None:
    """Write `calibration.svg` and `hiding.svg` to `folder`. Raises OSError."""
    (folder / "calibration.svg").write_text(calibration_svg(about), encoding="utf-8")
    (folder / "hiding.svg").write_text(hiding_svg(about), encoding="utf-8")


def calibration_svg(about: Mapping[str, Any]) -> str:
    """Return the share of wanted suggestions by score with the suggestion in hand, on left-out groups."""
    curves = {
        kind: [(score, share) for score, share, rows in found["stage2"]["curve"] if rows >= _LEAST_ROWS]
        for kind, found in about["cascades"].items()
    }
    return _plot("Score and share wanted, on left-out groups", "score", "share wanted", curves, (1.0, 1.0))


def hiding_svg(about: Mapping[str, Any]) -> str:
    """Return what share of the unwanted is hidden when a share of the wanted is lost, on left-out groups."""
    curves = {
        kind: [(lost, hidden) for lost, hidden in found["hidden_and_lost"]] for kind, found in about["cascades"].items()
    }
    return _plot("Hidden and lost, on left-out groups", "wanted lost", "unwanted hidden", curves, (0.3, 1.0))


def _plot(title: str, across: str, up: str, curves: Mapping[str, Sequence[Point]], most: Point) -> str:
    plain = _line([(0.0, 0.0), (min(most), min(most))], most, 'stroke="#8c959f" stroke-dasharray="4 4"')
    lines = [_line(points, most, f'stroke="{_COLOURS[kind]}" stroke-width="2"') for kind, points in curves.items()]
    names = [
        f'<text x="{_MARGIN + 10}" y="{_MARGIN + 16 + 18 * number}" fill="{_COLOURS[kind]}">{kind}</text>'
        for number, kind in enumerate(curves)
    ]
    side = _SIZE + 2 * _MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side}" '
            'font-family="sans-serif" font-size="13">',
            f'<rect width="{side}" height="{side}" fill="#ffffff"/>',
            f'<text x="{side / 2}" y="24" text-anchor="middle" font-weight="bold">{title}</text>',
            f'<rect x="{_MARGIN}" y="{_MARGIN}" width="{_SIZE}" height="{_SIZE}" fill="none" stroke="#d0d7de"/>',
            *_ticks(most),
            f'<text x="{side / 2}" y="{side - 8}" text-anchor="middle">{across}</text>',
            f'<text transform="translate(14 {side / 2}) rotate(-90)" text-anchor="middle">{up}</text>',
            plain,
            *lines,
            *names,
            "</svg>\n",
        ]
    )


def _ticks(most: Point) -> list[str]:
    found = []
    for part in (0.0, 0.5, 1.0):
        x, y = _place((part * most[0], 0.0), most), _place((0.0, part * most[1]), most)
        found.append(f'<text x="{x[0]:.1f}" y="{x[1] + 17:.1f}" text-anchor="middle">{part * most[0]:g}</text>')
        found.append(f'<text x="{y[0] - 6:.1f}" y="{y[1] + 4:.1f}" text-anchor="end">{part * most[1]:g}</text>')
    return found


def _line(points: Sequence[Point], most: Point, style: str) -> str:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in (_place(point, most) for point in points))
    return f'<polyline points="{places}" fill="none" {style}/>'


def _place(point: Point, most: Point) -> Point:
    x, y = min(point[0] / most[0], 1.0), min(point[1] / most[1], 1.0)
    return _MARGIN + _SIZE * x, _MARGIN + _SIZE * (1 - y)
