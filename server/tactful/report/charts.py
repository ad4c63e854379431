"""Charts as inline SVG: stacked bars over days, bars with labels, the calibration curve, intervals.

Each takes plain numbers and texts and returns one `<svg>` element. Colours come from the page's classes, so that a
chart follows light and dark; every text is escaped here. Must not know what the numbers mean.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

__all__ = ["Interval", "Point", "bars", "calibration", "intervals", "stacked_days"]

_WIDTH = 720
_ROW = 26  # height of one labelled row
_LABEL = 250  # width of the labels to the left of rows


class Point(NamedTuple):
    """One point of the calibration curve: promised and found share in [0, 1], and its weight."""

    promised: float
    found: float
    weight: int


class Interval(NamedTuple):
    """A share in [0, 1] with its interval, and a remark behind it."""

    label: str
    middle: float
    low: float
    high: float
    remark: str


def stacked_days(labels: Sequence[str], stacks: Sequence[Sequence[int]], classes: Sequence[str]) -> str:
    """Draw one bar a label, made of as many parts as there are classes, the first at the bottom."""
    height, bottom, left = 200, 176, 44
    top = _nice(max((sum(stack) for stack in stacks), default=0))
    step = (_WIDTH - left) / max(1, len(stacks))
    parts = [_grid(left, bottom, bottom - 12, top)]
    for number, (label, stack) in enumerate(zip(labels, stacks, strict=True)):
        x, y = left + number * step, float(bottom)
        title = escape(
            f"{label}: " + ", ".join(f"{value:,} {name}" for value, name in zip(stack, classes, strict=True))
        )
        parts.append(f"<g><title>{title}</title>")
        for value, name in zip(stack, classes, strict=True):
            tall = value / top * (bottom - 12)
            y -= tall
            width = max(1.0, min(step - max(1.0, 0.2 * step), 40.0))
            parts.append(_rect(x + (step - width) / 2, y, width, tall, name) if value else "")
        parts.append("</g>")
    parts += _few_labels(labels, left, step, height - 6)
    return _svg(height, parts, "Bars, one for each day")


def bars(rows: Sequence[tuple[str, float, str]], name: str) -> str:
    """Draw one horizontal bar a row (label, length, remark), the longest over the whole width."""
    most = max((value for _, value, _ in rows), default=0) or 1
    room = _WIDTH - _LABEL - 110
    parts: list[str] = []
    for number, (label, value, remark) in enumerate(rows):
        y = number * _ROW
        parts.append(_text(_LABEL - 10, y + 17, label, "end", most_chars=38))
        parts.append(_rect(_LABEL, y + 5, max(1.0, value / most * room), _ROW - 10, name))
        parts.append(_text(_LABEL + max(1.0, value / most * room) + 8, y + 17, remark, "start", "faint"))
    return _svg(len(rows) * _ROW + 4, parts, "Bars, one for each row")


def calibration(points: Iterable[Point]) -> str:
    """Draw found shares over promised ones; a perfectly honest score lies on the diagonal."""
    size, left, bottom = 300, 48, 262
    side = bottom - 12

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return left + point[0] * side, bottom - point[1] * side

    known = [point for point in points if point.weight]
    most = max((point.weight for point in known), default=1)
    parts = [_axis_square(left, bottom, side)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place((point.promised, point.found)) for point in known))
    parts.append(f'<polyline class="curve" points="{line}"/>')
    for point in known:
        x, y = place((point.promised, point.found))
        radius = 3 + 5 * (point.weight / most) ** 0.5
        title = f"promised {point.promised:.0%}, kept {point.found:.0%} of {point.weight:,}"
        parts.append(f'<circle class="kept" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"><title>{title}</title></circle>')
    parts.append(_text(left + side / 2, size - 6, "score: promised share", "middle", "faint"))
    turned = f'transform="rotate(-90 12 {bottom - side / 2:.0f})"'
    parts.append(f"<g {turned}>{_text(12, bottom - side / 2, 'kept share', 'middle', 'faint')}</g>")
    return _svg(size, parts, "Calibration curve", width=left + side + 16)


def intervals(rows: Sequence[Interval]) -> str:
    """Draw a dot with its interval for each row, on one scale from 0 to 1."""
    room = _WIDTH - _LABEL - 150
    parts: list[str] = []
    height = len(rows) * _ROW
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = _LABEL + share * room
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{height}"/>')
        parts.append(_text(x, height + 16, f"{share:.0%}", "middle", "faint"))
    for number, row in enumerate(rows):
        y = number * _ROW + _ROW / 2
        low, high, middle = (_LABEL + value * room for value in (row.low, row.high, row.middle))
        parts.append(_text(_LABEL - 10, y + 4, row.label, "end", most_chars=38))
        title = f"{row.middle:.1%}, between {row.low:.1%} and {row.high:.1%}"
        line = f'<line class="whisker" x1="{low:.1f}" y1="{y}" x2="{high:.1f}" y2="{y}"/>'
        dot = f'<circle class="kept" cx="{middle:.1f}" cy="{y}" r="5"/>'
        parts.append(f"<g><title>{title}</title>{line}{dot}</g>")
        parts.append(_text(_LABEL + room + 14, y + 4, row.remark, "start", "faint"))
    return _svg(height + 24, parts, "Shares with their intervals")


def _grid(left: float, bottom: float, tall: float, top: float) -> str:
    lines = []
    for part in (0.0, 0.5, 1.0):
        y = bottom - part * tall
        lines.append(f'<line class="grid" x1="{left}" y1="{y:.1f}" x2="{_WIDTH}" y2="{y:.1f}"/>')
        lines.append(_text(left - 6, y + 4, f"{part * top:,.0f}", "end", "faint"))
    return "".join(lines)


def _axis_square(left: float, bottom: float, side: float) -> str:
    lines = [f'<rect class="frame" x="{left}" y="{bottom - side}" width="{side}" height="{side}"/>']
    lines.append(f'<line class="ideal" x1="{left}" y1="{bottom}" x2="{left + side}" y2="{bottom - side}"/>')
    for share in (0.0, 0.5, 1.0):
        lines.append(_text(left + share * side, bottom + 16, f"{share:.0%}", "middle", "faint"))
        lines.append(_text(left - 6, bottom - share * side + 4, f"{share:.0%}", "end", "faint"))
    return "".join(lines)


def _few_labels(labels: Sequence[str], left: float, step: float, y: float) -> Iterable[str]:
    every = max(1, -(-len(labels) // 8))
    for number in range(0, len(labels), every):
        yield _text(left + (number + 0.5) * step, y, labels[number], "middle", "faint")


def _nice(value: float) -> int:
    """Return a round number that is at least `value`: 2, 4, 6, 10, 20, 40, 60, 100, ..."""
    scale = 1
    while True:
        for step in (2, 4, 6, 10):
            if value <= step * scale:
                return step * scale
        scale *= 10


def _rect(x: float, y: float, width: float, height: float, name: str) -> str:
    return f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _text(x: float, y: float, text: str, anchor: str, name: str = "label", most_chars: int = 60) -> str:
    shown = text if len(text) <= most_chars else text[: most_chars - 1] + "…"
    title = f"<title>{escape(text)}</title>" if shown != text else ""
    return f'<text class="{name}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(shown)}{title}</text>'


def _svg(height: float, parts: Iterable[str], label: str, width: float = _WIDTH) -> str:
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" style="max-width:{width:.0f}px"'
    return f'<svg {size} role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
