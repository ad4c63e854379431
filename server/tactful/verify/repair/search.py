"""The search for a repair: candidates are tried in order, what passes is chosen from and confirmed from scratch."""

import ast
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice, takewhile

from tactful.verify.model import Failure, Progress, VerifyResult
from tactful.verify.repair.behaviour import observed
from tactful.verify.repair.candidates import Candidate, applied, swap_point
from tactful.verify.repair.choose import Choice, Passed, chosen
from tactful.verify.repair.hints import hints_from
from tactful.verify.repair.offers import offered, offers_of, why_nothing
from tactful.verify.repair.pairs import pairs
from tactful.verify.repair.pool import Advice, Pool, distinct, model_pool
from tactful.verify.repair.ranking import Ranked, ranked
from tactful.verify.repair.source import Source
from tactful.verify.repair.trial import Bench, bench_for, tried
from tactful.verify.runner.host import Runner, RunnerLost, TestRun
from tactful.verify.symbols import Symbol

__all__ = ["Explored", "Patience", "Problem", "explore", "repair"]

BATCH, FIRST_BATCH = 128, 16
CONFIRM_SHARE = 0.15  # of the time that is left, kept for the confirmation
LEAST_CHANCE = 0.6  # of being right; with less, nothing is offered
LEAST_CHANCE_OF_OTHERS = 0.1  # what a further offer needs
MAX_OFFERS = 3
MAX_AFRESH, AFRESH_SHARE = 150, 0.4  # edits of what runs at import, which cost an import each, and of the time left
MAX_NEARLY = 4  # repairs that pass but for slow tests, for which there is time
SLOW_S, SLOW_SHARE = 10.0, 0.5  # what a slow test gets when all others pass: seconds, and of the time left


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What failed: the text, the chosen symbol, the runs of the near tests, and the failures as shown to people."""

    text: str
    path: str
    name: str  # the path in the workspace
    symbol: Symbol | None
    runs: Sequence[TestRun]
    failures: Sequence[Failure]
    target: str  # the verified file as the tests see it
    files: Sequence[str]
    doctests: bool
    importable: bool

    @property
    def passing(self) -> int:
        """How many of the near tests pass already."""
        return sum(each.outcome == "passed" for each in self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the search goes on after a first repair passed, to see whether others do.

    Until those left are `less_likely` than the first, `most` have passed, or so many seconds and so large a share of
    the time until then have gone by.
    """

    less_likely: float = 0.03
    most: int = 12
    more_s: float = 1.5
    more_s_share: float = 0.5


@dataclass(slots=True, kw_only=True)
class _Effort:
    """How far the search has come."""

    started: float
    end: float
    patience: Patience
    tried: int = 0
    promising: list[Ranked] = field(default_factory=list)  # they make the first failing test pass, but not all
    nearly: list[Ranked] = field(default_factory=list)  # they pass but for tests that are slow, or do not end
    least: float = 0.0  # score below which enough has been seen of what passes

    def over(self) -> bool:
        return time.monotonic() >= self.end

    def time_for_slow_tests(self) -> bool:
        """Return whether half of the time is over and there is a use for the other half."""
        return bool(self.nearly) and time.monotonic() >= (self.started + self.end) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """What the search has found: all candidates in their order, and those that pass."""

    source: Source
    candidates: list[Ranked]
    passed: list[Passed]
    effort: _Effort
    model: Pool


def repair(
    problem: Problem, result: VerifyResult, runner: Runner, on_progress: Progress, advice: Advice | None = None
) -> VerifyResult:
    """Return `result` with a fix that makes every near test pass, or with the reason why there is none.

    With `advice` a model is asked too.
    """
    found = explore(problem, runner, on_progress, Patience(), advice)
    passed = found.passed
    if len(passed) > 1:
        on_progress("Comparing the repairs that pass", None)
        passed = observed(found.source, passed, _quick_first(problem), runner)
    choices = chosen(passed, len(problem.failures), problem.passing)
    kept: list[Choice] = []
    after: tuple[str, ...] = ()
    for choice in choices:
        if choice.chance < (LEAST_CHANCE_OF_OTHERS if kept else LEAST_CHANCE) or len(kept) == MAX_OFFERS:
            break
        confirmed = _passing_afresh(found.source, choice.passed.candidate, problem, runner)
        if confirmed:
            after = after or confirmed
            kept.append(choice)
    evidence = replace(result.evidence, model=found.model.evidence, candidates=found.effort.tried + found.model.tried)
    seconds = round(time.monotonic() - found.effort.started, 3)
    result = replace(result, evidence=replace(evidence, seconds_repairing=seconds))
    thought_of = found.model.thought_of
    if kept:
        return offered(result, offers_of(found.source, problem.name, kept, result, thought_of), after)
    best = choices[0].chance if choices else 0.0
    unclear = choices[:MAX_OFFERS] if best < LEAST_CHANCE else []
    examples = offers_of(found.source, problem.name, unclear, result, thought_of)
    reason = why_nothing(len(passed), examples, found.effort.tried, found.effort.over())
    return replace(result, message=f"{result.message} {reason}", unclear=examples)


def explore(
    problem: Problem, runner: Runner, on_progress: Progress, patience: Patience, advice: Advice | None = None
) -> Explored:
    """Return what makes the near tests pass, before anything of it is compared, chosen or confirmed."""
    started = time.monotonic()
    source = Source(problem.text, hints_from(problem.failures, _documentation(problem)))
    candidates = ranked(source, problem.runs, problem.failures, problem.path, problem.symbol)
    end = runner.deadline - CONFIRM_SHARE * (runner.deadline - started)
    effort = _Effort(started=started, end=end, patience=patience)
    mass = sum(each.score for each in candidates)
    with closing(model_pool(advice, source, problem, runner, effort.end, mass)) as model:
        passed = distinct(source.text, _search(source, problem, candidates, runner, effort, on_progress, model))
    return Explored(source=source, candidates=candidates, passed=passed, effort=effort, model=model)


def _quick_first(problem: Problem) -> list[str]:
    """Return the tests, those last that did not come to an end."""
    return [each.id for each in sorted(problem.runs, key=lambda run: bool(run.failure.get("timed_out")))]


def _documentation(problem: Problem) -> str:
    node = problem.symbol.node if problem.symbol else ast.parse(problem.text)
    return ast.get_docstring(node) or ""


def _search(
    source: Source,
    problem: Problem,
    candidates: list[Ranked],
    runner: Runner,
    effort: _Effort,
    on_progress: Progress,
    model: Pool,
) -> list[Passed]:
    """Return what passes: single edits, else edits of what runs at import, else pairs of edits."""
    passed: list[Passed] = []
    try:
        bench = bench_for(problem.runs, runner)
        for batch in _growing(candidates):
            # Pairs come on top of the candidates, and how many is not known before.
            on_progress(f"Tried {effort.tried} candidate repairs", min(1.0, effort.tried / len(candidates)))
            passed.extend(model.step(ask=not passed))
            if not _try_batch(source, batch, runner, bench, effort, passed) or effort.time_for_slow_tests():
                break
        if not passed:
            passed.extend(_patiently(source, problem, runner, effort, model))
        if not passed:
            passed.extend(_search_afresh(source, problem, candidates, runner, effort, model))
        if not passed and not effort.over():
            runner.hold(problem.files, target=problem.target, text=problem.text, doctests=problem.doctests)
            for batch in _in_batches(pairs(source, candidates, effort.promising), effort):
                on_progress(f"Tried {effort.tried} candidate repairs", 1.0)
                passed.extend(model.step(ask=not passed))
                if not _try_batch(source, batch, runner, bench, effort, passed):
                    break
        passed.extend(model.rest(passed, on_progress))
    except RunnerLost:
        return passed
    return passed


def _patiently(source: Source, problem: Problem, runner: Runner, effort: _Effort, model: Pool) -> Iterator[Passed]:
    """Try those that pass all but the slow tests once more, with time for these; yield the first that passes."""
    for each in sorted(effort.nearly, key=lambda nearly: -nearly.score)[:MAX_NEARLY]:
        if effort.over():
            return
        model.session_changed()
        if _passing_afresh(source, each.candidate, problem, runner):
            yield Passed(candidate=each.candidate, score=each.score)
            return


def _search_afresh(
    source: Source, problem: Problem, candidates: list[Ranked], runner: Runner, effort: _Effort, model: Pool
) -> Iterator[Passed]:
    """Try the edits of what runs at import, each with the module imported anew; yield the first that passes."""
    now = time.monotonic()
    end = now + AFRESH_SHARE * (effort.end - now)
    for each in [each for each in candidates if swap_point(source, each.candidate) is None][:MAX_AFRESH]:
        if time.monotonic() >= end:
            return
        effort.tried += 1
        if _passing_afresh(source, each.candidate, problem, runner):
            yield Passed(candidate=each.candidate, score=each.score)
            return
        model.session_changed()
        if found := model.step():
            yield from found
            return


def _growing(candidates: list[Ranked]) -> Iterator[list[Ranked]]:
    """Yield batches of the candidates in their order, small ones first for a quick end."""
    start, size = 0, FIRST_BATCH
    while start < len(candidates):
        yield candidates[start : start + size]
        start, size = start + size, min(BATCH, 2 * size)


def _in_batches(candidates: Iterator[Ranked], effort: _Effort) -> Iterator[list[Ranked]]:
    in_time = takewhile(lambda _: not effort.over(), candidates)
    while batch := list(islice(in_time, BATCH)):
        yield batch


def _try_batch(
    source: Source, batch: list[Ranked], runner: Runner, bench: Bench, effort: _Effort, passed: list[Passed]
) -> bool:
    """Add what passes of the batch to `passed`; return whether to go on."""
    if effort.over() or len(passed) >= effort.patience.most or batch[0].rank < effort.least:
        return False
    passed += [
        Passed(candidate=each.candidate, score=each.score) for each in _try(source, batch, runner, bench, effort)
    ]
    if passed and not effort.least:
        now = time.monotonic()
        effort.least = effort.patience.less_likely * max(each.score for each in passed)
        more_s = effort.patience.more_s + effort.patience.more_s_share * (now - effort.started)
        effort.end = min(effort.end, now + more_s)
    return True


def _try(source: Source, batch: list[Ranked], runner: Runner, bench: Bench, effort: _Effort) -> Iterator[Ranked]:
    """Yield those of the batch that pass all tests, in their order."""
    passed = []
    within_s = max(0.0, effort.end - time.monotonic())
    for trial in tried(source, [each.candidate for each in batch], runner, bench, within_s):
        effort.tried += trial.verdict not in ("unfit", "known")
        if trial.verdict == "passed":
            passed.append(trial.index)
        elif trial.test in bench.slow and not bench.slow.issuperset(bench.failing):
            effort.nearly.append(batch[trial.index])
        elif trial.verdict == "failed" and trial.test != bench.ids[0]:
            effort.promising.append(batch[trial.index])
    for index in sorted(passed):
        yield batch[index]


def _passing_afresh(source: Source, winner: Candidate, problem: Problem, runner: Runner) -> tuple[str, ...]:
    """Run every near test again on the repaired file, freshly imported; return those that pass, or nothing at all."""
    try:
        items, errors = runner.hold(
            problem.files, target=problem.target, text=applied(source.text, winner), doctests=problem.doctests
        )
        known = {each.id for each in problem.runs}
        slow = {each.id for each in problem.runs if each.failure.get("timed_out")}
        limit = max([1.0, *(4.0 * each.seconds for each in problem.runs if each.id not in slow)])
        if slow:
            limit = max(limit, min(SLOW_S, SLOW_SHARE * (runner.deadline - time.monotonic())))
        ids = [item.id for item in items if item.id in known or not problem.importable]
        failed = {each.id for each in problem.runs if each.outcome == "failed"}
        runs = list(runner.run([name for name in ids if name in failed], trace=False, limit_s=limit))
        if all(each.outcome != "failed" for each in runs):
            runs += runner.run([name for name in ids if name not in failed], trace=False, limit_s=limit)
    except RunnerLost:
        return ()
    if errors or not runs or any(each.outcome == "failed" for each in runs) or len(runs) < len(known):
        return ()
    return tuple(each.id for each in runs if each.outcome == "passed")
