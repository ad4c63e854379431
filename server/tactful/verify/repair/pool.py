"""A model's part in the search for a repair: it is asked, its code is tried, and what passes joins the other repairs.

Everything under one budget of samples, tokens and seconds. While answers are out the other search goes on: `step` takes
in what has come and never waits unless told to. What a model answers, or that it does not, cannot end the repair.
"""

import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tactful.verify.asking import Ask, Question, Reply
from tactful.verify.failures import Paths
from tactful.verify.model import ModelUse, Progress
from tactful.verify.repair.behaviour import observed
from tactful.verify.repair.brief import Brief, brief_of, function_to_repair
from tactful.verify.repair.candidates import Candidate, applied
from tactful.verify.repair.choose import Passed, chosen
from tactful.verify.repair.disclosure import Disclosure
from tactful.verify.repair.judge import Judge
from tactful.verify.repair.prompts import OPENING, RULES, prompt_for, temperature_of
from tactful.verify.repair.refine import Refine
from tactful.verify.repair.sample import Sample
from tactful.verify.repair.source import Function, Source
from tactful.verify.repair.strategy import FIRST_TRIES, Strategy, Turn
from tactful.verify.repair.tree import Tree
from tactful.verify.runner.host import Runner

if TYPE_CHECKING:
    from tactful.verify.repair.search import Problem

__all__ = ["Advice", "Pool", "distinct", "model_pool"]

# How likely a model's code that passes is right, on the scale of the other edits' scores: as this share of all
# single edits together, before any was tried. A guess of ours: two in five answers of a model are right, and three in
# five bugs can be mended by a single edit. Lowered, to a half, the less of the function is left.
SHARE = 0.4 / 0.6
ANSWER_TOKENS = 2000  # that one answer may have
CHARS_PER_TOKEN = 3  # of prompts, and of answers that nobody counted
SURE = 0.8  # the chance of another repair at which no answer that is out is waited for
PATIENCE = 0.5  # how much of the time that is left an answer is waited for where another repair would be offered
UNLIKELY = 0.5  # the chance below which another repair would not be offered, so that the model is asked on
GRACE_S = 1.5  # after a first success: how long those that were asked at the same time are waited for
WAIT_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A model to ask, and what is needed to tell it of the user's files."""

    use: ModelUse
    ask: Ask
    paths: Paths
    path: Path  # the verified file


def model_pool(
    advice: Advice | None, source: Source, problem: "Problem", runner: Runner, end: float, mass: float
) -> "Pool":
    """Return the model's part in a repair that ends at `end` (monotonic seconds).

    `mass` is the sum of the scores of all single edits.
    """
    return Pool() if advice is None else ModelPool(advice, source, problem, runner, end, mass)


class Pool:
    """The part of a model that there is none of: nobody is asked, nothing comes."""

    @property
    def evidence(self) -> str:
        """What was asked and what came of it, in words."""
        return ""

    @property
    def tried(self) -> int:
        """How many candidates were tried."""
        return 0

    def session_changed(self) -> None:
        """Take in that the fork server has had another text of the file collected."""

    def thought_of(self, candidate: Candidate) -> str:
        """Return the bug as the model named it with this candidate; "" for one that is not its own."""
        return ""

    def step(self, wait_s: float = 0.0, *, ask: bool = True) -> list[Passed]:
        """Take in the answers that are there, try them, ask on; return what passes. Raises RunnerLost."""
        return []

    def rest(self, passed: Sequence[Passed], on_progress: Progress) -> list[Passed]:
        """Return what else passes, when nothing but the model is left to wait for. Raises RunnerLost."""
        return []

    def close(self) -> None:
        """Give up what is out."""


class ModelPool(Pool):
    """What was asked, what is out, and what came of it."""

    def __init__(
        self, advice: Advice, source: Source, problem: "Problem", runner: Runner, end: float, mass: float
    ) -> None:
        self._advice = advice
        self._runner = runner
        self._score = max(1.0, SHARE * mass)
        self._source = source
        self._problem = problem
        self._end = end
        self._judge = Judge(source, problem, runner, advice.paths, advice.path)
        self._strategy = _strategy(advice.use)
        self._disclosure = Disclosure(advice.paths.root)
        self._out: dict[Future[Reply], Turn] = {}
        self._thoughts: dict[Candidate, str] = {}
        self._asked = self._tokens = 0  # tokens of what is out count as the most that they can be
        self._answer_tokens = min(ANSWER_TOKENS, advice.use.max_tokens)
        self._trouble = ""
        self._function, self._brief = self._briefing()

    @property
    def evidence(self) -> str:
        use = self._advice.use
        right = sum(each.is_right for each in self._judge.attempts)
        said = f"{self._asked} of {use.max_samples} samples of {use.name}"
        if self._judge.attempts:
            said += f" ({self.tried} could be tried, {right} pass{'es' * (right == 1)})"
        return f"{said}; {self._trouble}" if self._trouble else said

    @property
    def tried(self) -> int:
        return sum(not each.fault for each in self._judge.attempts)

    def session_changed(self) -> None:
        self._judge.examiner.is_stale = True

    def thought_of(self, candidate: Candidate) -> str:
        return self._thoughts.get(candidate, "")

    def step(self, wait_s: float = 0.0, *, ask: bool = True) -> list[Passed]:
        if not self._out and ask:
            self._ask()
        done, _ = wait(self._out, timeout=max(0.0, wait_s), return_when=FIRST_COMPLETED)
        passed = [each for future in [each for each in self._out if each in done] for each in self._taken(future)]
        if ask and not passed and time.monotonic() < self._end:
            self._ask()
        return passed

    def rest(self, passed: Sequence[Passed], on_progress: Progress) -> list[Passed]:
        """Return what else passes, when nothing but the model is left to wait for.

        It is waited for, and asked on, until something passes, and what is out then for a moment more. Where another
        repair passes that would be offered, only what is out is waited for, half of the time that is left at most, and
        not when that repair is likely right.
        """
        found: list[Passed] = []
        own = any(each.candidate in self._thoughts for each in passed)
        end = min(self._end, time.monotonic() + GRACE_S) if own else self._end
        chance = 0.0 if own else self._chance(passed)
        if chance >= UNLIKELY:
            now = time.monotonic()
            end = min(end, now + PATIENCE * (end - now))
        while (left := end - time.monotonic()) > 0 and chance < SURE:
            on_progress(f"Waiting for {self._advice.use.name}: {self.evidence}", None)
            new = self.step(min(left, WAIT_S), ask=chance < UNLIKELY and not (own or found))
            if not self._out and not new:
                break  # nothing is out, and the strategy, or the budget, has nothing more to ask
            if new and not found:
                end = min(end, time.monotonic() + GRACE_S)
            found += new
        return found

    def close(self) -> None:
        for future in self._out:
            future.cancel()
        self._out.clear()

    def _chance(self, passed: Sequence[Passed]) -> float:
        """Return how likely the best of the repairs that pass is right, 0 without any."""
        if not passed or self._brief is None:
            return 0.0
        ids = [each.id for each in self._problem.runs if not each.failure.get("timed_out")]
        told_apart = observed(self._source, passed, ids, self._runner)
        return max(each.chance for each in chosen(told_apart, len(self._problem.failures), self._problem.passing))

    def _briefing(self) -> tuple[Function | None, Brief | None]:
        """Return the function to repair and what is told of it; where there is none, the trouble says why."""
        problem, path = self._problem, str(self._advice.path)
        function = function_to_repair(self._source, problem.symbol, problem.runs, problem.failures, problem.path)
        if function is None:
            self._trouble = "it was not asked: no function stands out as the one to repair"
        elif not self._disclosure.allows(path):
            self._trouble = "it was not asked: this file is ignored, nothing of it is sent to a model"
        elif not any(self._disclosure.allows(each.path) for each in problem.failures):
            self._trouble = "it was not asked: the failing tests are ignored, nothing of them is sent to a model"
        else:
            passing = [each.id for each in problem.runs if each.outcome == "passed"]
            return function, brief_of(
                self._source, function, problem.failures, passing, self._advice.paths, self._disclosure, path,
                self._advice.use.context_chars,
            )  # fmt: skip
        return None, None

    def _ask(self) -> None:
        """Ask what the strategy has to ask, as far as the budget goes."""
        if self._brief is None or self._trouble:
            return
        use = self._advice.use
        room = min(FIRST_TRIES - len(self._out), use.max_samples - self._asked)
        for turn in self._strategy.turns(room) if room > 0 else ():
            question = self._question(self._brief, turn)
            most = len(question.text + question.rules) // CHARS_PER_TOKEN + question.max_tokens
            if self._tokens + most > use.max_tokens:
                self._strategy.learn(turn, None)
                if not self._out:
                    self._trouble = f"its budget of {use.max_tokens} tokens is used up"
                continue
            self._tokens += most
            self._asked += 1
            self._out[self._advice.ask(question)] = turn

    def _question(self, brief: Brief, turn: Turn) -> Question:
        text, redactions = self._disclosure.clean(prompt_for(brief, turn))
        return Question(
            rules=RULES,
            text=text,
            opening=OPENING,
            max_tokens=self._answer_tokens,
            temperature=temperature_of(turn),
            within_s=max(0.1, self._end - time.monotonic()),
            files=self._disclosure.files,
            redactions=redactions,
        )

    def _taken(self, future: "Future[Reply]") -> list[Passed]:
        turn = self._out.pop(future)
        reply = Reply(trouble="it was not answered") if future.cancelled() else future.result()
        self._tokens += (reply.tokens or len(reply.text) // CHARS_PER_TOKEN) - self._answer_tokens
        if reply.trouble:
            self._trouble = self._trouble or reply.trouble
            self._strategy.learn(turn, None)
            return []
        assert self._function is not None
        text = self._disclosure.restored(reply.text)
        attempt, candidate = self._judge.tried(text, self._function, self._disclosure)
        self._strategy.learn(turn, attempt)
        if candidate is None or not attempt.is_right:
            return []
        self._thoughts[candidate] = attempt.thought
        return [Passed(candidate=candidate, score=self._score * (1.0 + candidate.weight) / 2)]


def distinct(text: str, passed: Sequence[Passed]) -> list[Passed]:
    """Return the repairs without those that make the same of `text` as one before; the better score stays."""
    found: dict[str, Passed] = {}
    for each in sorted(passed, key=lambda each: -each.score):
        found.setdefault(applied(text, each.candidate), each)
    return list(found.values())


def _strategy(use: ModelUse) -> Strategy:
    made: dict[str, type[Strategy]] = {"refine": Refine, "tree": Tree, "sample": Sample}
    return made[use.strategy]()
