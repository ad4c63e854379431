"""The last step before an edit is offered: the affected tests that found no time before run on the repaired text.

The repair itself has run every test that ran at first. With few or quick tests those are all there are.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

from tactful.verify.model import Offer, Progress, TestNames, VerifyResult
from tactful.verify.repair.search import Problem
from tactful.verify.runner.host import Runner, RunnerLost, TestRun
from tactful.verify.selection import Chosen

__all__ = ["confirmed", "reserve_s"]

_LIMIT_S = 10.0  # of one test
_COLLECTING_S = 1.0
_ABOUT_S = 0.05  # of a test that was never timed, where none was
_MARGIN, _MOST = 1.5, 0.5  # of the time the tests should take; of the time that is left


def confirmed(
    problem: Problem, result: VerifyResult, left: Sequence[Chosen], runner: Runner, on_progress: Progress
) -> VerifyResult:
    """Return `result` with only those offers that no affected test speaks against; the others become unclear."""
    ids = [each.item.id for each in left if each.is_affected]
    if not result.offers or not ids:
        return result
    on_progress(f"Running the other {len(ids)} affected tests on the repair", None)
    try:
        kept, passed = _kept(problem, result.offers, ids, runner)
    except RunnerLost:
        kept, passed = [], set()
    if kept:
        return _kept_some(result, kept, tuple(sorted(passed)))
    why = (
        f"A repair passes the tests that ran first, but not all of {len(ids)} other affected tests, or these found no "
    )
    why += "time: nothing is offered; give more seconds (`verify.budgetS`, `--budget-s`)."
    before = f"{len(result.evidence.tests_before.failed)} of {len(result.evidence.tests_before)} near tests fail."
    evidence = replace(result.evidence, tests_after=TestNames())
    return replace(
        result, status="failing", message=f"{before} {why}", offers=(), unclear=result.offers, evidence=evidence
    )


def reserve_s(left: Sequence[Chosen], runs: Sequence[TestRun], until: float) -> float:
    """Return how many of the seconds before `until` (monotonic) the repair has to leave for the tests in `left`."""
    waiting = [each for each in left if each.is_affected]
    if not waiting:
        return 0.0
    typical = sum(each.seconds for each in runs) / len(runs) if runs else _ABOUT_S
    seconds = sum(typical if each.record is None else each.record.seconds for each in waiting)
    return min(_COLLECTING_S + _MARGIN * seconds, _MOST * max(0.0, until - time.monotonic()))


def _kept(problem: Problem, offers: Sequence[Offer], ids: list[str], runner: Runner) -> tuple[list[Offer], set[str]]:
    """Return the offers under which all of `ids` pass that pass without them, and these tests for the first offer."""
    kept: list[Offer] = []
    passed: set[str] = set()
    failing_before: set[str] | None = None
    for offer in offers:
        outcomes = _outcomes(problem, _applied(problem.text, offer), ids, runner)
        if len(outcomes) < len(ids):
            break  # no time for this one, nor for the next
        failing = {name for name, outcome in outcomes.items() if outcome == "failed"}
        if failing and failing_before is None:
            before = _outcomes(problem, problem.text, sorted(failing), runner)
            failing_before = {name for name, outcome in before.items() if outcome == "failed"}
        if failing <= (failing_before or set()):
            passed = passed or {name for name, outcome in outcomes.items() if outcome == "passed"}
            kept.append(offer)
    return kept, passed


def _outcomes(problem: Problem, text: str, ids: list[str], runner: Runner) -> dict[str, str]:
    runner.hold(problem.files, target=problem.target, text=text, doctests=problem.doctests)
    within = runner.deadline - time.monotonic()
    return {each.id: each.outcome for each in runner.run(ids, limit_s=_LIMIT_S, within_s=max(0.0, within - 1.0))}


def _applied(text: str, offer: Offer) -> str:
    return text[: offer.start] + offer.new_text + text[offer.end :]


def _kept_some(result: VerifyResult, kept: Sequence[Offer], passed: tuple[str, ...]) -> VerifyResult:
    after = result.evidence.tests_after
    after = replace(after, passed=(*after.passed, *passed))
    selection = f"{result.evidence.selection} before the repair; all did on the repaired text"
    tests = len(after.passed)
    message = f"{kept[0].description} makes all {tests} near tests pass."
    evidence = replace(result.evidence, tests_after=after, selection=selection)
    return replace(result, message=message, offers=tuple(kept), evidence=evidence)
