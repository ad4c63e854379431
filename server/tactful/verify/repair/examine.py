"""A model's candidate run on every near test, so that it can be told what its code did; by the same fork server.

The mutation search stops at the first failing test and keeps no traceback: it tries thousands. Of these there are ten.
"""

from typing import TYPE_CHECKING

from tactful.verify.repair.candidates import Candidate, applied
from tactful.verify.repair.source import Source
from tactful.verify.repair.trial import swapped_in
from tactful.verify.runner.host import Runner, RunnerLost, TestRun

if TYPE_CHECKING:
    from tactful.verify.repair.search import Problem

__all__ = ["Examiner"]

FIRST_S, MOST_FIRST = 2.0, 60  # the tests that are run before the rest: what takes so long, and so many at most
LEAST_LIMIT_S = 1.0


class Examiner:
    """Runs candidates of one problem; the collected session is the problem's own again after each."""

    def __init__(self, source: Source, problem: "Problem", runner: Runner) -> None:
        self._source = source
        self._problem = problem
        self._runner = runner
        self.is_stale = False  # whether somebody else has had other text collected meanwhile
        runs = sorted(problem.runs, key=lambda each: (each.outcome != "failed", each.seconds))
        self._ids = [each.id for each in runs if each.outcome in ("passed", "failed")]
        usual = {each.id: each.seconds for each in runs if not each.failure.get("timed_out")}
        self._limit_s = max([LEAST_LIMIT_S, *(4.0 * seconds for seconds in usual.values())])
        self._first = self._quick(usual)

    def runs(self, candidate: Candidate) -> list[TestRun]:
        """Return what the tests do with the candidate; those that take long only where the others pass.

        Nothing is returned where no test can be collected any more. Raises RunnerLost when the session cannot be had
        back, or the time is over.
        """
        if self.is_stale:
            self._hold_again()
        try:
            found = self._swapped_in(candidate)
            return self._afresh(candidate) if found is None else found
        except RunnerLost:
            self._hold_again()
            return []

    def _quick(self, usual: dict[str, float]) -> int:
        """Return how many of the tests are run first."""
        seconds, count = 0.0, 0
        for name in self._ids[:MOST_FIRST]:
            seconds += usual.get(name, self._limit_s)
            if seconds > FIRST_S and count:
                break
            count += 1
        return count

    def _swapped_in(self, candidate: Candidate) -> list[TestRun] | None:
        """Run the tests that are held with the function's code in place; None where that cannot be done."""
        data = swapped_in(self._source, candidate)
        if data is None or not self._problem.importable or not self._ids:
            return None
        found = self._runner.run_with(data, self._ids[: self._first], limit_s=self._limit_s)
        if found is not None and all(each.outcome != "failed" for each in found):
            found += self._runner.run_with(data, self._ids[self._first :], limit_s=self._limit_s) or []
        return found

    def _afresh(self, candidate: Candidate) -> list[TestRun]:
        """Run the tests with the file imported anew."""
        problem = self._problem
        text = applied(self._source.text, candidate)
        try:
            items, errors = self._runner.hold(
                problem.files, target=problem.target, text=text, doctests=problem.doctests
            )
            ids = [item.id for item in items if item.id in self._ids or not problem.importable]
            return [] if errors else list(self._runner.run(ids, trace=False, limit_s=self._limit_s))
        finally:
            self._hold_again()

    def _hold_again(self) -> None:
        problem, self.is_stale = self._problem, False
        self._runner.hold(problem.files, target=problem.target, text=problem.text, doctests=problem.doctests)
