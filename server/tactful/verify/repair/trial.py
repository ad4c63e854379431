"""How candidates are tried: which tests in which order, how long each may take, how many share a process."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tactful.verify.repair.candidates import Candidate, swap_point
from tactful.verify.repair.excerpt import excerpt
from tactful.verify.repair.source import Source
from tactful.verify.runner.host import Runner, TestRun, Trial

__all__ = ["Bench", "bench_for", "swapped_in", "tried"]

LEAST_LIMIT_S, LIMIT_SHARE = 0.025, 4.0  # what a test may take: so much, and so many times what it took at first
AGAIN_S, AGAIN_SHARE = 1.0, 0.05  # what a test that was stopped gets when it is run again
UNKNOWN_S = 0.003  # what a test is taken to need when none came to its end
MOST_SHARED, SHARED_S = 32, 1.0  # candidates in one process: as many as take so long, and no more than so many


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The tests of a trial, in the order in which a candidate is tried on them; `limits` in seconds of processor time.

    Failing ones come first, and quick ones. `slow` are those that did not come to their end, last of all: whether they
    are slow or do not end at all cannot be told, so that a candidate gets as little for them as for the others.
    """

    ids: tuple[str, ...]
    failing: tuple[str, ...]
    slow: frozenset[str]
    limits: Mapping[str, float]
    share: int


def bench_for(runs: Sequence[TestRun], runner: Runner) -> Bench:
    """Return how to try candidates on the tests of `runs`. Raises RunnerLost."""
    told = _timed_again([each for each in runs if each.outcome in ("passed", "failed")], runner)
    runs = sorted(told, key=lambda each: (_is_slow(each), each.outcome != "failed", each.seconds))
    usual = sorted(each.seconds for each in runs if not _is_slow(each)) or [UNKNOWN_S]
    typical = usual[len(usual) // 2]
    took = {each.id: typical if _is_slow(each) else each.seconds for each in runs}
    return Bench(
        ids=tuple(each.id for each in runs),
        failing=tuple(each.id for each in runs if each.outcome == "failed"),
        slow=frozenset(each.id for each in runs if _is_slow(each)),
        limits={name: LEAST_LIMIT_S + LIMIT_SHARE * seconds for name, seconds in took.items()},
        share=max(1, min(MOST_SHARED, int(SHARED_S / (sum(took.values()) + 0.001)))),
    )


def _is_slow(run: TestRun) -> bool:
    return bool(run.failure.get("timed_out"))


def _timed_again(runs: Sequence[TestRun], runner: Runner) -> list[TestRun]:
    """Return `runs` with those that were stopped run again untraced: being traced may be all that made them slow."""
    stopped = [each.id for each in runs if _is_slow(each)]
    limit_s = min(AGAIN_S, AGAIN_SHARE * (runner.deadline - time.monotonic()))
    again = {each.id: each for each in runner.run(stopped, trace=False, limit_s=limit_s)} if stopped else {}
    found = [again.get(each.id, each) for each in runs]
    return [replace(new, outcome=old.outcome) for new, old in zip(found, runs, strict=True)]


def tried(source: Source, batch: Sequence[Candidate], runner: Runner, bench: Bench, within_s: float) -> Iterator[Trial]:
    """Yield what becomes of each of the batch that can be swapped in, `index` counted in the batch.

    Raises RunnerLost.
    """
    sendable = [(index, data) for index, each in enumerate(batch) if (data := swapped_in(source, each)) is not None]
    trials = runner.try_candidates(
        [data for _, data in sendable],
        bench.ids,
        bench.limits,
        failing=bench.failing,
        jobs=os.cpu_count() or 1,
        share=bench.share,
        within_s=within_s,
    )
    for trial in trials:
        yield Trial(index=sendable[trial.index][0], verdict=trial.verdict, test=trial.test, message=trial.message)


def swapped_in(source: Source, candidate: Candidate) -> dict[str, object] | None:
    """Return the candidate as the fork server takes it; None when it changes what runs at import."""
    point, function = swap_point(source, candidate), source.outermost_function_of(candidate.node)
    if point is None or function is None:
        return None
    text = excerpt(source, function, candidate.start, candidate.end, candidate.new_text)
    return {"text": text, "name": point[0], "line": point[1]}
