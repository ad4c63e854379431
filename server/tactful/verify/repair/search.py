"""The search for a repair: candidates in order, tried in batches, the first that passes is confirmed from scratch."""

import ast
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tactful.verify.localise import suspiciousness
from tactful.verify.model import Failure, Fix, Progress, VerifyResult
from tactful.verify.repair.candidates import Candidate, applied, swap_point
from tactful.verify.repair.expressions import expression_edits
from tactful.verify.repair.priors import PRIORS
from tactful.verify.repair.source import Source
from tactful.verify.runner.host import Runner, RunnerLost, TestRun
from tactful.verify.symbols import Symbol

__all__ = ["Problem", "repair"]

BATCH = 24
CONFIRM_SHARE = 0.15  # of the time that is left, kept for the confirmation
OUTSIDE_SYMBOL = 0.3  # weight of lines outside of the chosen function


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What failed: the text, the chosen symbol, the runs of the near tests, and the failures as shown to people."""

    text: str
    path: str
    symbol: Symbol | None
    runs: Sequence[TestRun]
    failures: Sequence[Failure]
    files: Sequence[str]
    doctests: bool
    importable: bool


def repair(problem: Problem, result: VerifyResult, runner: Runner, on_progress: Progress) -> VerifyResult:
    """Return `result` with a fix that makes every near test pass, or with the reason why there is none."""
    started = time.monotonic()
    source = Source(problem.text)
    candidates = ranked(source, problem)
    tried = 0
    end = runner.deadline - CONFIRM_SHARE * (runner.deadline - started)
    ids, limits = _order(problem)
    try:
        for batch in _batches(candidates):
            if time.monotonic() >= end:
                break
            on_progress(f"Tried {tried} of {len(candidates)} candidate repairs", tried / len(candidates))
            winner, count = _try(source, batch, runner, ids, limits)
            tried += count
            if winner is not None:
                fixed = _confirm(source, winner, problem, runner, result)
                if fixed is not None:
                    return _with_effort(fixed, tried, started)
    except RunnerLost:
        pass
    reason = "the time budget is over" if time.monotonic() >= end else "none passes"
    message = f"{result.message} Of {tried} candidate repairs {reason}, so nothing is offered."
    return _with_effort(replace(result, message=message), tried, started)


def ranked(source: Source, problem: Problem) -> list[Candidate]:
    """Return the candidates for the failing tests, most likely first."""
    failing = [each.lines for each in problem.runs if each.outcome == "failed"]
    passing = [each.lines for each in problem.runs if each.outcome == "passed"]
    named = {line for each in problem.failures for path, line in each.traceback_lines if path == problem.path}
    suspicious = suspiciousness(failing, passing, named)
    scored: dict[tuple[int, int, str], tuple[float, Candidate]] = {}
    for node in ast.walk(source.tree):
        line = getattr(node, "lineno", 0) - 1
        if suspicious.get(line, 0.0) <= 0:
            continue
        symbol = problem.symbol
        inside = symbol is None or symbol.first_line <= line <= symbol.last_line
        weight = suspicious[line] * (1.0 if inside else OUTSIDE_SYMBOL)
        for each in expression_edits(source, node):
            score = weight * PRIORS[each.operator] * each.weight
            key = (each.start, each.end, each.new_text)
            if key not in scored or scored[key][0] < score:
                scored[key] = (score, each)
    return [each for _, each in sorted(scored.values(), key=lambda pair: -pair[0])]


def _order(problem: Problem) -> tuple[list[str], dict[str, float]]:
    """Return the tests for a candidate, failing ones first and quick ones first, and the limit of each in seconds."""
    runs = [each for each in problem.runs if each.outcome in ("passed", "failed")]
    runs.sort(key=lambda each: (each.outcome != "failed", each.seconds))
    usual = sorted(each.seconds for each in runs if not each.failure.get("timed_out")) or [0.1]
    typical = usual[len(usual) // 2]
    limits = {each.id: 0.3 + 3.0 * (typical if each.failure.get("timed_out") else each.seconds) for each in runs}
    return [each.id for each in runs], limits


def _batches(candidates: list[Candidate]) -> Iterator[list[Candidate]]:
    for start in range(0, len(candidates), BATCH):
        yield candidates[start : start + BATCH]


def _try(
    source: Source, batch: list[Candidate], runner: Runner, ids: list[str], limits: dict[str, float]
) -> tuple[Candidate | None, int]:
    """Return the first of the batch that passes all tests, and how many were tried."""
    sendable: list[tuple[Candidate, dict[str, object]]] = []
    for each in batch:
        point = swap_point(source, each)
        text = applied(source.text, each)
        if point is not None and _parses(text):
            sendable.append((each, {"text": text, "name": point[0], "line": point[1]}))
    count, passed = 0, []
    jobs = max(1, os.cpu_count() or 1)
    for trial in runner.try_candidates([data for _, data in sendable], ids, limits, jobs):
        count += 1
        if trial.verdict == "passed":
            passed.append(trial.index)
    return (sendable[min(passed)][0] if passed else None), count


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _confirm(
    source: Source, winner: Candidate, problem: Problem, runner: Runner, result: VerifyResult
) -> VerifyResult | None:
    """Run every near test again on the repaired file, freshly imported; None when one of them does not pass."""
    items, errors = runner.hold(problem.files, text=applied(source.text, winner), doctests=problem.doctests)
    known = {each.id for each in problem.runs}
    ids = [item.id for item in items if item.id in known]
    runs = list(runner.run(ids, trace=False, limit_s=10.0))
    if errors or any(each.outcome == "failed" for each in runs):
        runner.hold(problem.files, text=source.text, doctests=problem.doctests)
        return None
    fix = _fix(source, winner)
    passing = tuple(each.id for each in runs if each.outcome == "passed")
    return replace(
        result,
        status="fixed",
        message=f"{fix.description} makes all {len(passing)} near tests pass.",
        fix=fix,
        evidence=replace(result.evidence, pass_after=passing),
    )


def _fix(source: Source, winner: Candidate) -> Fix:
    old = source.text[winner.start : winner.end]
    line = source.text.count("\n", 0, winner.start) + 1
    return Fix(
        start=winner.start,
        end=winner.end,
        old_text=old,
        new_text=winner.new_text,
        description=f"`{old}` -> `{winner.new_text}` at line {line}",
    )


def _with_effort(result: VerifyResult, tried: int, started: float) -> VerifyResult:
    seconds = round(time.monotonic() - started, 3)
    return replace(result, evidence=replace(result.evidence, candidates_tried=tried, seconds_repairing=seconds))
