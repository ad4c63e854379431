"""Learn which kinds of edits repair what, and how far a repair that passes is to be trusted.

    collect   repairs each task without stopping at the first success, and lets the hidden tests judge all that passes
    fit       fits models/repair.json to that, and to what repair_edits.py wrote, and says how it does on tasks that it
              was not fitted to

Tasks are those of bench/repair.py.
"""

import argparse
import json
import math
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from repair import kind_of
from repair_edits import tokens_changed
from tactful.verify import VerifyRequest, VerifyResult, session
from tactful.verify.bed import Site, make_bed
from tactful.verify.model import Progress
from tactful.verify.repair import search
from tactful.verify.repair.behaviour import observed
from tactful.verify.repair.choose import Passed, behaviours, facts_of, weight_of
from tactful.verify.repair.priors import LEARNED, default_path
from tactful.verify.repair.ranking import Ranked
from tactful.verify.repair.source import Source
from tactful.verify.repair.trial import bench_for, tried
from tactful.verify.runner.host import Runner
from tactful.verify.sandbox import choose_sandbox

PATIENCE = search.Patience(less_likely=0.003, most=60, more_s=6.0, more_s_share=1.0)
# Which way each fact of `facts_of` can only point. Where every test fails the bug shows from all sides, and a repair
# that makes all of them pass is seldom made for one of them.
SIGNS = [(None, None), (0, None), (0, None), (0, None), (0, None), (None, 0), (None, 0)]
JUDGE_LIMIT_S = 5.0  # of processor time, for one hidden test
RIDGE = 3.0  # how strongly a prior is held to what it was estimated to be
FOLDS = 8
Rows = list[dict[str, Any]]
Floats = NDArray[np.float64]
Prepared = tuple[NDArray[np.int_], Floats, NDArray[np.bool_], NDArray[np.bool_]]


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    collecting = commands.add_parser("collect")
    collecting.add_argument("--data", type=Path, required=True)
    collecting.add_argument("--budget-s", type=float, default=30.0)
    collecting.set_defaults(run=collect)
    fitting = commands.add_parser("fit")
    fitting.add_argument("--tasks", type=Path, required=True, help="what `collect` wrote")
    fitting.add_argument("--edits", type=Path, default=None, help="what repair_edits.py wrote")
    fitting.add_argument("--edits-weight", type=float, default=0.15, help="of one against a task")
    fitting.set_defaults(run=fit)
    for each in (collecting, fitting):
        default = default_path() if each is fitting else None
        each.add_argument("--out", type=Path, default=default, required=default is None)
        each.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    arguments.run(arguments)


# -- collect


def collect(arguments: argparse.Namespace) -> None:
    """Write one line for each task: its candidates, which of them pass, and which of these are right."""
    tasks = [json.loads(line) for line in arguments.data.read_text(encoding="utf-8").splitlines()]
    with ProcessPoolExecutor(arguments.jobs) as pool, arguments.out.open("w", encoding="utf-8") as sink:
        for row in pool.map(partial(explored, budget_s=arguments.budget_s), tasks):
            sink.write(json.dumps(row) + "\n")
            sink.flush()
            print(f"{row['id']:34} {len(row['groups'])} behaviours, right: {[each['right'] for each in row['groups']]}")


def explored(task: dict[str, Any], budget_s: float) -> dict[str, Any]:
    """Return what is learned from one task."""
    found: dict[str, Any] = {"id": task["id"], "edits": [], "groups": []}

    def explore(
        problem: search.Problem, result: VerifyResult, runner: Runner, on_progress: Progress, _: object = None
    ) -> VerifyResult:
        seen = search.explore(problem, runner, on_progress, PATIENCE)
        passed = observed(seen.source, seen.passed, [each.id for each in problem.runs], runner)
        keep(found, problem, seen.candidates, passed, judged(task, seen.source, passed))
        return result

    with tempfile.TemporaryDirectory(prefix="learn-") as name:
        root = Path(name)
        (root / "module.py").write_text(task["module"], encoding="utf-8")
        (root / "test_visible.py").write_text(task["visible_tests"], encoding="utf-8")
        request = VerifyRequest(
            root=root, path=root / "module.py", text=task["module"], symbol=task["symbol"], python=Path(sys.executable),
            budget_s=budget_s, fix=True,
        )  # fmt: skip
        with patch.object(session, "repair", explore):
            session.run(request, lambda message, fraction: None)
    return found


def judged(task: dict[str, Any], source: Source, passed: Sequence[Passed]) -> list[bool]:
    """Return for each repair whether the hidden tests pass with it."""
    if not passed:
        return []
    with tempfile.TemporaryDirectory(prefix="judge-") as name:
        root, folder = Path(name) / "root", Path(name) / "bed"
        root.mkdir()
        folder.mkdir()
        (root / "module.py").write_text(task["module"], encoding="utf-8")
        (root / "test_hidden.py").write_text(task["hidden_tests"], encoding="utf-8")
        site = Site(root=root, python=Path(sys.executable), sandbox=choose_sandbox("auto"), budget_s=120.0)
        bed = make_bed(site, {}, folder, time.monotonic() + 120.0)
        try:
            target = bed.place(root / "module.py")
            items, _ = bed.runner.hold([bed.place(root / "test_hidden.py")], target=target)
            runs = list(bed.runner.run([item.id for item in items], trace=False, limit_s=10.0))
            bench = bench_for(runs, bed.runner)
            bench = replace(bench, limits=dict.fromkeys(bench.ids, JUDGE_LIMIT_S))
            verdicts = {
                each.index: each.verdict
                for each in tried(source, [each.candidate for each in passed], bed.runner, bench, 100.0)
            }
        finally:
            bed.close()
    return [verdicts.get(index) == "passed" for index in range(len(passed))]


def keep(
    found: dict[str, Any],
    problem: search.Problem,
    candidates: Sequence[Ranked],
    passed: Sequence[Passed],
    right: Sequence[bool],
) -> None:
    """Add to `found` what is needed to learn from."""
    text = problem.text
    fate = {id(each.candidate): is_right for each, is_right in zip(passed, right, strict=True)}
    for each in candidates:
        edit = each.candidate
        place = each.score / LEARNED.score(edit.operator, edit.weight, 1.0)
        outcome = "right" if fate.get(id(edit)) else "wrong" if id(edit) in fate else ""
        tokens = tokens_changed(text[edit.start : edit.end], edit.new_text) if outcome else 0
        row = [edit.operator, edit.weight, place ** (1 / LEARNED.place_power), outcome, tokens]
        found["edits"].append(row)
    best = max((each.score for each in passed), default=0.0)
    usual = search.Patience()  # what is compared in use
    groups = behaviours([each for each in passed if each.score >= usual.less_likely * best][: usual.most])
    weights = [sum(weight_of(each) for each in group) for group in groups]
    for group, weight in zip(groups, weights, strict=True):
        best = max(group, key=lambda each: each.score)
        entry = {"weight": weight, "score": best.score, "operator": best.candidate.operator, "broken": best.broken}
        found["groups"].append({**entry, "right": fate[id(best.candidate)]})
    found["groups"].sort(key=lambda each: -each["weight"])
    if groups:
        first = groups[weights.index(max(weights))]
        found["facts"] = facts_of(first, weights, len(problem.failures), problem.passing)


# -- fit


def fit(arguments: argparse.Namespace) -> None:
    """Fit priors and chance, print how they do on tasks they were not fitted to, and write the file."""
    tasks, edits = lines_of(arguments.tasks), lines_of(arguments.edits)
    estimates: dict[str, float] = json.loads(default_path().read_text(encoding="utf-8"))["estimates"]
    operators = sorted(estimates)
    known = [each for each in map(partial(prepared, operators), tasks) if each is not None]
    model = Priors(estimates, known, edits, arguments.edits_weight)
    print(f"{len(model.tasks)} of {len(tasks)} tasks can be repaired by one edit; {len(edits)} edits between releases")
    print("mean log-probability of the right edits on unseen tasks: before {:.3f}, after {:.3f}".format(*model.judge()))
    values = model.fitted(range(len(model.tasks)))
    coefficients, told = chance_of(tasks)
    print("\n".join(told))
    priors = {name: round(float(math.exp(value)), 4) for name, value in zip(operators, values[:-2], strict=True)}
    about = {
        "fitted": f"by bench/repair_learn.py to {len(model.tasks)} tasks and {len(edits)} edits between releases",
        "chance": told,
    }
    learned = {"about": about, "estimates": estimates, "priors": priors, "weight_power": round(float(values[-2]), 4)}
    learned |= {"place_power": round(float(values[-1]), 4), "chance": coefficients}
    arguments.out.write_text(json.dumps(learned, indent=1) + "\n", encoding="utf-8")


def lines_of(path: Path | None) -> Rows:
    """Return the objects that a file holds, one a line; none without a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path else []


def prepared(operators: list[str], task: dict[str, Any]) -> Prepared | None:
    """Return the edits of a task as arrays: operator, (log weight, log place), right, passed.

    Of the right edits only those count that change the fewest tokens: `x <= y` is what was meant, not `x < y + 1`.
    """
    rows = task["edits"]
    fewest = min((row[4] for row in rows if row[3] == "right"), default=None)
    if fewest is None:
        return None
    kinds = np.array([operators.index(row[0]) for row in rows])
    logs = np.log(np.maximum(np.array([[row[1], row[2]] for row in rows]), 1e-4))
    return (
        kinds,
        logs,
        np.array([row[3] == "right" and row[4] == fewest for row in rows]),
        np.array([bool(row[3]) for row in rows]),
    )


class Priors:
    """The conditional logit: of all edits of a task (at half weight), and of those that pass, one is the right one."""

    def __init__(self, estimates: dict[str, float], tasks: list[Any], edits: Rows, edits_weight: float) -> None:
        operators = sorted(estimates)
        self.operators, self.tasks, self.edits, self.edits_weight = operators, tasks, edits, edits_weight
        self.start = np.array([*(math.log(estimates[name]) for name in operators), 1.0, 1.0])

    def fitted(self, chosen: Sequence[int]) -> Floats:
        """Return log priors and the two powers, fitted to the tasks `chosen` and to the edits between releases."""
        found = minimize(self.loss, self.start, args=(list(chosen),), jac=True, method="L-BFGS-B")
        values: Floats = found.x
        return values

    def loss(self, values: Floats, chosen: list[int]) -> tuple[float, Floats]:
        """Return the penalised negative log-likelihood and its gradient."""
        total, gradient = 0.0, np.zeros_like(values)
        for index in chosen:
            kinds, logs, right, passed = self.tasks[index]
            scores = values[kinds] + logs @ values[-2:]
            for among, weight in ((np.ones_like(right), 0.5), (passed, 1.0)):
                pull, cost = choice_loss(scores[among], right[among])
                total += weight * cost
                np.add.at(gradient, kinds[among], weight * pull)
                gradient[-2:] += weight * (pull @ logs[among])
        for row in self.edits:
            names = [name for name in row["counts"] if name in self.operators]
            kinds = np.array([self.operators.index(name) for name in names] * 2)
            right = [row["right"].get(name, 0.0) for name in names]
            wrong = [row["counts"][name] - weight for name, weight in zip(names, right, strict=True)]
            scores = values[kinds] + np.log(np.maximum([*wrong, *right], 1e-9))
            pull, cost = choice_loss(scores, np.arange(len(scores)) >= len(names))
            total += self.edits_weight * cost
            np.add.at(gradient, kinds, self.edits_weight * pull)
        away = values - self.start
        ridge = np.array([RIDGE] * len(self.operators) + [10.0, 10.0])
        return total + float((ridge * away * away).sum()) / 2, gradient + ridge * away

    def judge(self) -> tuple[float, float]:
        """Return the mean log-probability of the right edits, before and after, by models not fitted to the task."""
        order = list(range(len(self.tasks)))
        random.Random(0).shuffle(order)
        before, after = [], []
        for fold in range(FOLDS):
            unseen = order[fold::FOLDS]
            values = self.fitted([index for index in order if index not in unseen])
            for index in unseen:
                kinds, logs, right, _ = self.tasks[index]
                before.append(-choice_loss(self.start[kinds] + logs @ self.start[-2:], right)[1])
                after.append(-choice_loss(values[kinds] + logs @ values[-2:], right)[1])
        return float(np.mean(before)), float(np.mean(after))


def choice_loss(scores: Floats, right: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Return the gradient by score and the loss of one choice in which any of `right` would do."""
    shares = np.exp(scores - scores.max())
    all_of_them, the_right = shares.sum(), shares[right].sum()
    return shares / all_of_them - np.where(right, shares / the_right, 0.0), -math.log(the_right / all_of_them)


def chance_of(tasks: Rows) -> tuple[dict[str, float], list[str]]:
    """Return the coefficients of the chance, and in words how it does on tasks that it was not fitted to."""
    found = [each for each in tasks if each["groups"]]
    names = list(found[0]["facts"])
    assert len(names) + 1 == len(SIGNS)
    inputs = np.array([[1.0, *(each["facts"][name] for name in names)] for each in found])
    right = np.array([each["groups"][0]["right"] for each in found], float)
    order = list(range(len(found)))
    random.Random(0).shuffle(order)
    unseen = np.zeros(len(found))
    for fold in range(FOLDS):
        left_out = order[fold::FOLDS]
        values = logistic(np.delete(inputs, left_out, 0), np.delete(right, left_out))
        unseen[left_out] = 1.0 / (1.0 + np.exp(-inputs[left_out] @ values))
    told = [f"{len(found)} tasks have a repair that passes; of the likeliest ones {right.mean():.0%} are right"]
    for least in (0.3, 0.4, 0.5, 0.6, 0.7):
        offered = unseen >= least
        kinds = ", ".join(
            f"{kind} {int(right[mask].sum())} right {int((1 - right[mask]).sum())} wrong"
            for kind in dict.fromkeys(kind_of(each) for each in found)
            if (mask := offered & np.array([kind_of(each) == kind for each in found])).any()
        )
        counts = f"{int(right[offered].sum())} right, {int((1 - right[offered]).sum())} wrong"
        told.append(f"offered from a chance of {least} on: {counts} ({kinds})")
    for low in (0.0, 0.25, 0.5, 0.75):
        inside = (unseen >= low) & (unseen < low + 0.25 + (low == 0.75))
        if inside.any():
            told.append(f"said {unseen[inside].mean():.2f}: right {right[inside].mean():.2f} of {inside.sum()}")
    values = logistic(inputs, right)
    return {name: round(float(value), 4) for name, value in zip(["bias", *names], values, strict=True)}, told


def logistic(inputs: Floats, right: Floats) -> Floats:
    """Return the coefficients of a logistic regression, the first one (the bias) hardly held to zero."""
    ridge = np.array([0.05] + [0.5] * (inputs.shape[1] - 1))

    def loss(values: Floats) -> float:
        return float(
            np.logaddexp(0.0, -(2 * right - 1) * (inputs @ values)).sum() + (ridge * values * values).sum() / 2
        )

    found: Floats = minimize(loss, np.zeros(len(SIGNS)), bounds=SIGNS, method="L-BFGS-B").x
    return found


if __name__ == "__main__":
    main()
