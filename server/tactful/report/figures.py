"""All that a report shows, counted in one pass over what was shown.

Must not know: how it is shown, where the decisions are stored. The words for what hid a suggestion are given.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tactful.core.types import Features, Stage
from tactful.feedback.totals import BLOCKS_A_DAY, Log, Quiet, Shown
from tactful.report.estimate import Estimate, PolicyLog, together
from tactful.report.judge import is_kept, saved_s

__all__ = ["BINS", "Bin", "Figures", "Tally", "Words", "gather"]

Words = Callable[[int, Features], str]  # stage (1 or 2) and what it scored -> what spoke against it most

BINS = 10  # of the calibration curve, of equal width
_GATES = (Stage.GATE1, Stage.GATE2)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_OTHER_POLICIES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)  # the least score that each would show


@dataclass(slots=True)
class Tally:
    """Counts of decisions of one kind; `judged` are the shown ones of which it is known whether they were kept."""

    moments: int = 0
    shown: int = 0
    judged: int = 0
    kept: int = 0
    hidden: int = 0
    saved_s: float = 0.0

    @property
    def kept_share(self) -> float | None:
        """Return the share of the judged that was kept, in [0, 1]."""
        return self.kept / self.judged if self.judged else None

    def add(self, other: "Tally") -> None:
        """Add the counts of other decisions."""
        self.moments += other.moments
        self.shown += other.shown
        self.judged += other.judged
        self.kept += other.kept
        self.hidden += other.hidden
        self.saved_s += other.saved_s


@dataclass(slots=True)
class Bin:
    """Shown suggestions with about the same score."""

    count: int = 0
    scores: float = 0.0
    kept: int = 0


@dataclass(slots=True)
class Figures:
    """Everything that was counted; empty where there is no decision yet."""

    total: Tally = field(default_factory=Tally)
    by_day: dict[date, Tally] = field(default_factory=dict)  # without gaps
    by_language: dict[str, Tally] = field(default_factory=dict)
    by_source: dict[str, Tally] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    explored: int = 0  # shown although the gate would have hidden them
    hidden_before: int = 0  # hidden before anything was generated
    hidden_words: Counter[str] = field(default_factory=Counter)  # in a sample
    nothing: Counter[str] = field(default_factory=Counter)  # why there was nothing to show or hide
    bins: list[Bin] = field(default_factory=lambda: [Bin() for _ in range(BINS)])
    ms_by_stage: dict[str, list[float]] = field(default_factory=dict)  # sorted, in a sample
    policies: list[tuple[str, Estimate | None]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Say whether nothing has been decided yet."""
        return not self.total.moments


def gather(log: Log, words: Words | None = None) -> Figures:
    """Count what `log` holds."""
    figures = Figures()
    tallies: dict[_Key, Tally] = {}
    _quiet(figures, tallies, log.quiet)
    chances = _Chances()
    for shown in log.shown:
        kept = is_kept(shown)
        _count(figures, tallies, shown, kept)
        chances.add(shown, kept)
    without = {kind.block for kind in log.quiet if kind.stage in _GATES and not kind.had_a_chance}
    figures.policies = chances.estimates(without)
    _divide(figures, tallies)
    figures.ms_by_stage = _times(log.ms_by_stage)
    if words is not None:
        figures.hidden_words = Counter(words(stage, features) for stage, features in log.hidden)
    return figures


_Key = tuple[int, str, str | None]  # block, language, source


def _quiet(figures: Figures, tallies: dict[_Key, Tally], quiet: Mapping[Quiet, int]) -> None:
    for kind, count in quiet.items():
        tally = tallies.setdefault((kind.block, kind.language_id, kind.source), Tally())
        tally.moments += count
        if kind.stage in _GATES:
            tally.hidden += count
            figures.hidden_before += count * (kind.stage == Stage.GATE1)
        else:
            figures.nothing[_NUMBER.sub("…", kind.reason) or "no reason was given"] += count


def _count(figures: Figures, tallies: dict[_Key, Tally], shown: Shown, kept: bool | None) -> None:
    tally = tallies.get(shown[:3])
    if tally is None:
        tally = tallies[shown[:3]] = Tally()
    tally.moments += 1
    tally.shown += 1
    tally.saved_s += saved_s(shown)
    figures.explored += shown.propensity < 1
    if shown.outcome is not None:
        figures.outcomes[shown.outcome] += 1
    if kept is None:
        return
    tally.judged += 1
    tally.kept += kept
    if shown.score is not None and shown.automatic:
        found = figures.bins[min(int(shown.score * BINS), BINS - 1)]
        found.count += 1
        found.scores += shown.score
        found.kept += kept


def _times(samples: Iterable[Mapping[str, float]]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {}
    for sample in samples:
        for stage, ms in sample.items():
            times.setdefault(stage, []).append(ms)
        if sample:
            times.setdefault("all", []).append(sum(sample.values()))
    return {stage: sorted(values) for stage, values in times.items()}


def _divide(figures: Figures, tallies: Mapping[_Key, Tally]) -> None:
    days = [block // BLOCKS_A_DAY for block, _, _ in tallies]
    if days:
        figures.by_day = {_date(day): Tally() for day in range(min(days), max(days) + 1)}
    for (block, language, source), tally in tallies.items():
        figures.total.add(tally)
        figures.by_day[_date(block // BLOCKS_A_DAY)].add(tally)
        figures.by_language.setdefault(language, Tally()).add(tally)
        if source:
            figures.by_source.setdefault(source, Tally()).add(tally)


def _date(day: int) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + day)


class _Chances:
    """Other policies, each of which shows all that is generated and scores at least so much."""

    def __init__(self) -> None:
        # One log for what scores between one policy's least and the next one's.
        self._logs: Sequence[PolicyLog] = [PolicyLog() for _ in _OTHER_POLICIES]

    def add(self, shown: Shown, kept: bool | None) -> None:
        """Log a suggestion; three hours of the clock are a session."""
        if shown.score is not None and shown.automatic and 0 < shown.propensity <= 1:
            self._logs[bisect_right(_OTHER_POLICIES, shown.score) - 1].add(shown.block, shown.propensity, kept)

    def estimates(self, without_chance: Iterable[int]) -> list[tuple[str, Estimate | None]]:
        """Return what each policy would have done, told by the sessions in which everything had a chance."""
        without = tuple(without_chance)
        for log in self._logs:
            log.drop(without)
        return [(_name(least), together(self._logs[place:])) for place, least in enumerate(_OTHER_POLICIES)]


def _name(least: float) -> str:
    return f"show what scores at least {least:.1f}" if least else "show everything"
