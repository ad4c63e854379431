"""The report in a few lines for the terminal."""

from collections.abc import Iterator, Mapping

from tactful.report.figures import Figures, Tally
from tactful.report.words import duration, percent, quantile, share

__all__ = ["brief"]

_MOST_ROWS = 5


def brief(figures: Figures) -> str:
    """Return the short form, without a line end."""
    if figures.is_empty:
        return "Nothing has been decided yet. Write some code with Tactful in your editor first."
    return "\n".join(_lines(figures))


def _lines(figures: Figures) -> Iterator[str]:
    total, days = figures.total, list(figures.by_day)
    requests = "1 request" if total.moments == 1 else f"{total.moments:,} requests"
    yield f"{days[0]} to {days[-1]}: {requests}"
    yield f"  shown    {total.shown:>9,}   kept {percent(total.kept_share)} of {total.judged:,} judged"
    before = share(figures.hidden_before, total.hidden)
    yield f"  hidden   {total.hidden:>9,}   {before} of them before anything was generated"
    yield f"  saved    {duration(total.saved_s):>9}   writing what was kept, less reading what was seen"
    if times := figures.ms_by_stage.get("all"):
        middle, late = (quantile(times, part) for part in (0.5, 0.99))
        yield f"  latency  {middle:>6.1f} ms   99% within {late:.1f} ms"
    yield from _why(figures)
    yield from _by("language", figures.by_language)
    yield from _by("source", figures.by_source)


def _why(figures: Figures) -> Iterator[str]:
    sampled = sum(figures.hidden_words.values())
    if sampled:
        yield "hidden because"
    for words, count in figures.hidden_words.most_common(_MOST_ROWS):
        yield f"  {share(count, sampled):>4}  {words}"


def _by(kind: str, tallies: Mapping[str, Tally]) -> Iterator[str]:
    if not tallies:
        return
    yield f"{kind:<16}{'shown':>8}{'hidden':>9}{'kept':>7}{'saved':>13}"
    ordered = sorted(tallies.items(), key=lambda item: (-item[1].shown, -item[1].moments, item[0]))
    for name, tally in ordered[:_MOST_ROWS]:
        kept, saved = percent(tally.kept_share), duration(tally.saved_s)
        yield f"  {name[:14]:<14}{tally.shown:>8,}{tally.hidden:>9,}{kept:>7}{saved:>13}"
