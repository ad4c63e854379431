"""The report as one HTML page: no script, nothing from the network, light and dark as the reader's system has it.

It holds numbers, the names of languages and reasons in words, all escaped; what it is made of holds no source text.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from html import escape
from importlib import resources

from tactful.report.charts import Interval, Point, bars, calibration, intervals, stacked_days
from tactful.report.estimate import LEAST_EFFECTIVE, LEAST_SESSIONS
from tactful.report.figures import Figures, Tally
from tactful.report.words import OUTCOMES, STAGES, duration, percent, quantile, share

__all__ = ["page"]

_MOST_BARS = 60  # in the chart over time; more days are put together
_MOST_REASONS = 10
_LEAST_JUDGED = 30  # suggestions, for a calibration curve
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(figures: Figures) -> str:
    """Return the page."""
    style = resources.files("tactful.report").joinpath("page.css").read_text(encoding="utf-8")
    body = "".join(_sections(figures)) if not figures.is_empty else _NOTHING_YET
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Tactful: report</title><style>{style}</style></head><body><main>{body}</main></body></html>\n"
    )


_NOTHING_YET = (
    "<h1>Tactful: report</h1><p>Nothing has been decided yet. Write some code with Tactful in your editor, "
    "then make the report again.</p>"
)


def _sections(figures: Figures) -> Iterator[str]:
    yield from _head(figures)
    yield from _over_time(figures)
    yield from _outcomes(figures)
    yield from _calibration(figures)
    yield from _reasons(figures)
    yield from _policies(figures)
    yield from _latency(figures)
    yield from _by("By language", "language", figures.by_language)
    yield from _by("By source", "source", figures.by_source)
    yield _HOW


def _head(figures: Figures) -> Iterator[str]:
    total = figures.total
    days = list(figures.by_day)
    yield f"<h1>Tactful: report</h1><p class='note'>{days[0]:%d %B %Y} to {days[-1]:%d %B %Y}. "
    yield "Made on this machine from what Tactful remembers here: numbers and reasons, no source text.</p>"
    tiles = (
        (f"{total.shown:,}", "suggestions shown"),
        (percent(total.kept_share), f"kept, of {total.judged:,} judged"),
        (f"{total.hidden:,}", "hidden by the gate"),
        (duration(total.saved_s), "saved, reading taken off"),
    )
    cells = "".join(f"<div class='tile'><b>{escape(value)}</b><span>{what}</span></div>" for value, what in tiles)
    yield f"<div class='tiles'>{cells}</div>"


def _over_time(figures: Figures) -> Iterator[str]:
    labels, tallies = _periods(figures.by_day)
    stacks = [(tally.kept, tally.shown - tally.kept, tally.hidden) for tally in tallies]
    yield "<h2>Over time</h2>"
    yield "<p class='key'><i class='kept'></i>kept<i class='shown'></i>shown, not kept<i class='hidden'></i>hidden</p>"
    yield stacked_days(labels, stacks, ("kept", "shown", "hidden"))


def _periods(by_day: Mapping[date, Tally]) -> tuple[list[str], list[Tally]]:
    """Put days together so that there are not too many bars."""
    length = -(-len(by_day) // _MOST_BARS)
    first = next(iter(by_day))
    periods: dict[date, Tally] = {}
    for day, tally in by_day.items():
        begin = first + timedelta(days=(day - first).days // length * length)
        periods.setdefault(begin, Tally()).add(tally)
    return [f"{day:%d %b}" for day in periods], list(periods.values())


def _outcomes(figures: Figures) -> Iterator[str]:
    known = sum(figures.outcomes.values())
    yield "<h2>What became of what was shown</h2>"
    if not known:
        yield "<p>Nothing is known yet.</p>"
        return
    found = [(outcome, figures.outcomes[outcome]) for outcome in OUTCOMES if figures.outcomes[outcome]]
    yield bars([(OUTCOMES[key], count, f"{count:,} ({share(count, known)})") for key, count in found], "kept")


def _calibration(figures: Figures) -> Iterator[str]:
    judged = sum(found.count for found in figures.bins)
    yield "<h2>Does the score keep its word?</h2>"
    if judged < _LEAST_JUDGED:
        yield f"<p>Not enough data: {judged} scored suggestions have been judged; {_LEAST_JUDGED} are needed.</p>"
        return
    gap = sum(abs(found.scores - found.kept) for found in figures.bins) / judged
    yield (
        f"<p class='note'>Of the suggestions with a score of 0.6, 60% should be kept. Mean distance: {gap:.1%}, "
        f"over {judged:,} suggestions. Larger dots stand for more of them.</p>"
    )
    yield calibration(
        Point(found.scores / found.count, found.kept / found.count, found.count)
        for found in figures.bins
        if found.count
    )


def _reasons(figures: Figures) -> Iterator[str]:
    hidden = figures.total.hidden
    yield "<h2>What was hidden, and why</h2>"
    if not hidden:
        yield "<p>Nothing was hidden.</p>"
    else:
        yield (
            f"<p class='note'>{hidden:,} hidden, {share(figures.hidden_before, hidden)} of them before anything was "
            f"generated. {figures.explored:,} more would have been hidden, but were shown to learn from them.</p>"
        )
    sampled = sum(figures.hidden_words.values())
    if sampled:
        yield f"<p class='note'>What spoke against them most, in a sample of {sampled:,}:</p>"
        yield bars(_top(figures.hidden_words, sampled), "hidden")
    if figures.nothing:
        nothing = sum(figures.nothing.values())
        yield f"<p class='note'>{nothing:,} times there was nothing to show or to hide:</p>"
        yield bars(_top(figures.nothing, nothing), "shown")


def _top(counts: Mapping[str, int], whole: int) -> list[tuple[str, float, str]]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows = [(label, float(count), share(count, whole)) for label, count in ordered[:_MOST_REASONS]]
    rest = sum(count for _, count in ordered[_MOST_REASONS:])
    return [*rows, ("other reasons", float(rest), share(rest, whole))] if rest else rows


def _policies(figures: Figures) -> Iterator[str]:
    yield "<h2>Had the gate decided otherwise</h2>"
    known = [(name, estimate) for name, estimate in figures.policies if estimate is not None]
    if not known:
        yield (
            f"<p>Not enough data. This needs {LEAST_SESSIONS} sessions in which some of what would be hidden was shown "
            f"(<code>gate.exploration</code>), and {LEAST_EFFECTIVE:.0f} judged suggestions of every kind.</p>"
        )
        return
    yield (
        "<p class='note'>The share kept of what other rules would have shown, with 95% intervals, estimated from the "
        "suggestions that were shown by chance (inverse propensity).</p>"
    )
    yield intervals(
        [Interval(name, found.kept_share, found.low, found.high, f"{found.shown:,.0f} shown") for name, found in known]
    )
    missing = [name for name, estimate in figures.policies if estimate is None]
    if missing:
        yield f"<p class='note'>Not enough data for: {escape(', '.join(missing))}.</p>"


def _latency(figures: Figures) -> Iterator[str]:
    rows = [(label, figures.ms_by_stage[stage]) for stage, label in STAGES.items() if figures.ms_by_stage.get(stage)]
    yield "<h2>Latency</h2>"
    yield _table(
        ("stage", "median", "90%", "99%", "measured"),
        [
            (label, *(f"{quantile(times, part):.1f} ms" for part in (0.5, 0.9, 0.99)), f"{len(times):,}")
            for label, times in rows
        ],
    )


def _by(title: str, kind: str, tallies: Mapping[str, Tally]) -> Iterator[str]:
    ordered = sorted(tallies.items(), key=lambda item: (-item[1].shown, -item[1].moments, item[0]))
    yield f"<h2>{title}</h2>"
    yield _table(
        (kind, "asked" if kind == "language" else "generated", "shown", "hidden", "kept", "saved"),
        [
            (
                name,
                f"{tally.moments:,}",
                f"{tally.shown:,}",
                f"{tally.hidden:,}",
                percent(tally.kept_share),
                duration(tally.saved_s),
            )
            for name, tally in ordered
        ],
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    titles = "".join(f"<th>{escape(each)}</th>" for each in head)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<div class='scroll'><table><thead><tr>{titles}</tr></thead><tbody>{lines}</tbody></table></div>"


_HOW = (
    "<h2>How this is counted</h2><p class='note'><b>Kept</b>: accepted and at least half of it still there later, or "
    "typed by hand just so. Judged are those of which that is known: what went before anybody could read it, or within "
    "a second, is left out. <b>Saved</b>: the time to write what was kept, less the time to read all that was seen; "
    "typing and reading times are those of docs/gate.md, not measured on you. <b>Hidden</b>: by one of the two stages "
    "of the gate. Times are of a sample.</p>"
)
