"""What becomes of a model's answer: read, made an edit of the file, run on the tests, told in words."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tactful.verify.failures import Paths, test_failure
from tactful.verify.repair.answers import read
from tactful.verify.repair.brief import feedback_on
from tactful.verify.repair.candidates import Candidate, applied
from tactful.verify.repair.disclosure import Disclosure
from tactful.verify.repair.examine import Examiner
from tactful.verify.repair.rewrite import rewritten
from tactful.verify.repair.source import Function, Source
from tactful.verify.repair.strategy import Attempt
from tactful.verify.runner.host import Item, Runner, TestRun

if TYPE_CHECKING:
    from tactful.verify.repair.search import Problem

__all__ = ["Judge"]


class Judge:
    """Tries answers for one problem; `attempts` are those so far."""

    def __init__(self, source: Source, problem: "Problem", runner: Runner, paths: Paths, path: Path) -> None:
        self._source = source
        self._problem = problem
        self._paths = paths
        self._path = path
        self.examiner = Examiner(source, problem, runner)
        self.attempts: list[Attempt] = []

    def tried(self, text: str, function: Function, disclosure: Disclosure) -> tuple[Attempt, Candidate | None]:
        """Return what became of an answer for `function`, and its candidate where that is new. Raises RunnerLost."""
        attempt, candidate = self._tried(text, function)
        if candidate is not None:
            runs = self.examiner.runs(candidate)
            attempt = self._judged(attempt, candidate, runs, disclosure)
        self.attempts.append(attempt)
        return attempt, candidate

    def _tried(self, text: str, function: Function) -> tuple[Attempt, Candidate | None]:
        """Return the attempt as far as it is known before anything is run, and what is to be run."""
        answered = read(text)
        attempt = Attempt(
            number=len(self.attempts),
            thought=answered.thought,
            sure=answered.sure,
            code=answered.code,
            fault=answered.fault,
        )
        if answered.source is None:
            return attempt, None
        for known in self.attempts:
            if known.code == answered.code:
                return replace(known, number=attempt.number, thought=attempt.thought, sure=attempt.sure), None
        try:
            candidate = rewritten(self._source, function, answered.source)
        except RecursionError:
            candidate = "the code is nested too deeply"
        if isinstance(candidate, str):
            return replace(attempt, fault=candidate), None
        return attempt, candidate

    def _judged(
        self, attempt: Attempt, candidate: Candidate, runs: Sequence[TestRun], disclosure: Disclosure
    ) -> Attempt:
        if not runs:
            return replace(attempt, fault="with it the tests cannot be collected, or their process ends")
        paths = self._paths
        failures = [test_failure(each, _item(each, paths), paths) for each in runs if each.outcome == "failed"]
        text = applied(self._source.text, candidate)
        return replace(
            attempt,
            passed=tuple(each.id for each in runs if each.outcome == "passed"),
            failed=tuple(each.test_id for each in failures),
            feedback=feedback_on(failures, paths, disclosure, {self._path: text}),
            reward=_reward(self._problem.runs, runs),
        )


def _reward(before: Sequence[TestRun], after: Sequence[TestRun]) -> float:
    """Return the share of the tests that failed before that pass now, less those that passed before and fail now."""
    failing = {each.id for each in before if each.outcome == "failed"}
    mended = sum(each.id in failing and each.outcome == "passed" for each in after)
    broken = sum(each.id not in failing and each.outcome == "failed" for each in after)
    return max(0.0, (mended - broken) / len(failing)) if failing else 0.0


def _item(run: TestRun, paths: Paths) -> Item:
    """Return where a test stands whose failure does not say it, as that of one that was stopped."""
    return Item(id=run.id, path=str(paths.inside / run.id.partition("::")[0]), line=0, kind="test")
