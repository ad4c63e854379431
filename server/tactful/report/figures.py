"""All that a report shows, counted in one pass over the decisions.

Must not know: how it is shown, where the decisions are stored. The words for what hid a suggestion are given.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from tactful.core.types import Features, Outcome, Stage
from tactful.feedback.totals import Moment
from tactful.report.estimate import Estimate, PolicyLog, together
from tactful.report.judge import is_kept, saved_s

__all__ = ["BINS", "Bin", "Figures", "Tally", "Words", "gather"]

Words = Callable[[int, Features], str]  # stage (1 or 2) and what it scored -> what spoke against it most

BINS = 10  # of the calibration curve, of equal width
_SESSION_GAP_S = 30 * 60.0
_DAY_S = 86_400
_HIDDEN_BY = {Stage.GATE1: 1, Stage.GATE2: 2}
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
    outcomes: Counter[Outcome] = field(default_factory=Counter)
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


def gather(moments: Iterable[Moment], *, words: Words | None = None, utc_offset_s: int = 0) -> Figures:
    """Count `moments`, which come oldest first; `utc_offset_s` says where days begin."""
    figures = Figures()
    tallies: dict[tuple[int, str, str | None], Tally] = {}
    reasons: Counter[tuple[Stage, str]] = Counter()
    policies = _Policies()
    for moment in moments:
        policies.see(moment)
        key = (int((moment.decided_at + utc_offset_s) // _DAY_S), moment.language_id, moment.source)
        tally = tallies.get(key)
        if tally is None:
            tally = tallies[key] = Tally()
        tally.moments += 1
        if moment.stage is Stage.SHOWN:
            kept = is_kept(moment)
            _shown(figures, tally, moment, kept)
            policies.shown(moment, kept)
        else:
            tally.hidden += moment.stage in _HIDDEN_BY
            reasons[moment.stage, moment.reason] += 1
            if moment.features is not None and words is not None:
                figures.hidden_words[words(_HIDDEN_BY[moment.stage], moment.features)] += 1
        if moment.ms_by_stage:
            _time(figures, moment.ms_by_stage)
    _divide(figures, tallies)
    _reasons(figures, reasons)
    for times in figures.ms_by_stage.values():
        times.sort()
    figures.policies = policies.estimates()
    return figures


def _shown(figures: Figures, tally: Tally, moment: Moment, kept: bool | None) -> None:
    tally.shown += 1
    tally.judged += kept is not None
    tally.kept += kept is True
    tally.saved_s += saved_s(moment)
    figures.explored += moment.propensity < 1
    if moment.outcome is not None:
        figures.outcomes[moment.outcome] += 1
    if kept is not None and moment.score is not None and moment.automatic:
        found = figures.bins[min(int(moment.score * BINS), BINS - 1)]
        found.count += 1
        found.scores += moment.score
        found.kept += kept


def _time(figures: Figures, ms_by_stage: Mapping[str, float]) -> None:
    for stage, ms in ms_by_stage.items():
        figures.ms_by_stage.setdefault(stage, []).append(ms)
    figures.ms_by_stage.setdefault("all", []).append(sum(ms_by_stage.values()))


def _divide(figures: Figures, tallies: Mapping[tuple[int, str, str | None], Tally]) -> None:
    days = [day for day, _, _ in tallies]
    if days:
        figures.by_day = {_date(day): Tally() for day in range(min(days), max(days) + 1)}
    for (day, language, source), tally in tallies.items():
        figures.total.add(tally)
        figures.by_day[_date(day)].add(tally)
        figures.by_language.setdefault(language, Tally()).add(tally)
        if source:
            figures.by_source.setdefault(source, Tally()).add(tally)


def _date(day: int) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + day)


def _reasons(figures: Figures, reasons: Mapping[tuple[Stage, str], int]) -> None:
    for (stage, reason), count in reasons.items():
        if stage is Stage.GATE1:
            figures.hidden_before += count
        if stage not in _HIDDEN_BY:
            figures.nothing[_NUMBER.sub("…", reason) or "no reason was given"] += count


class _Policies:
    """Other policies, each of which shows all that is generated and scores at least so much.

    Only sessions in which everything had a chance of being shown can tell how they would have done.
    """

    def __init__(self) -> None:
        self._logs = [PolicyLog() for _ in _OTHER_POLICIES]  # what scores between one policy's least and the next one's
        self._session = 0
        self._last = float("-inf")
        self._without_chance: set[int] = set()

    def see(self, moment: Moment) -> None:
        """Take note of when sessions end, and of what could not have been shown."""
        if moment.decided_at - self._last > _SESSION_GAP_S:
            self._session += 1
        self._last = moment.decided_at
        if moment.propensity <= 0 and moment.stage in _HIDDEN_BY:
            self._without_chance.add(self._session)

    def shown(self, moment: Moment, kept: bool | None) -> None:
        """Log a suggestion that was shown."""
        if moment.score is not None and moment.automatic and 0 < moment.propensity <= 1:
            self._logs[bisect_right(_OTHER_POLICIES, moment.score) - 1].add(self._session, moment.propensity, kept)

    def estimates(self) -> list[tuple[str, Estimate | None]]:
        """Return what each policy would have done."""
        for log in self._logs:
            log.drop(self._without_chance)
        return [(_name(least), together(self._logs[place:])) for place, least in enumerate(_OTHER_POLICIES)]


def _name(least: float) -> str:
    return f"show what scores at least {least:.1f}" if least else "show everything"
