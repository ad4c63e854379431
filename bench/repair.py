"""How often the repair's first offer is right, judged by hidden tests that the repair never sees.

Each task becomes a folder with module.py and test_visible.py; `verify --fix` gets the folder and a budget, and its
offers are then judged by the hidden tests. The tasks come as JSON lines with id, symbol, module, visible_tests and
hidden_tests; ids begin with their kind. Public sources of such tasks: HumanEvalFix (github.com/YerbaPage/MGDebugger),
QuixBugs (github.com/jkoppel/QuixBugs), code written by language models (github.com/FloridSleeves/LLMDebugger).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from tactful.verify import Offer, VerifyRequest, run

JUDGE_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One task: whether each offer is right, in the order of the offers, and what it took."""

    task: str
    kind: str
    status: str
    message: str
    right: tuple[bool, ...]
    offers: tuple[str, ...]
    chances: tuple[float, ...]
    tried: int
    seconds: float
    seconds_repairing: float


def main() -> None:
    """Run the tasks and print one table."""
    arguments = parse_arguments()
    tasks = [json.loads(line) for line in arguments.data.read_text(encoding="utf-8").splitlines()]
    kinds = list(dict.fromkeys(kind_of(task) for task in tasks))
    tasks = [task for task in tasks if arguments.kind in (None, kind_of(task)) and (arguments.only or "") in task["id"]]
    tasks = tasks[: arguments.limit]
    results: list[Judged] = []
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for each in pool.map(judge_task, tasks, [arguments.budget_s] * len(tasks)):
            results.append(each)
            if arguments.verbose:
                show_task(each)
    print_table(results, [kind for kind in kinds if any(each.kind == kind for each in results)])
    print("made by: python bench/repair.py " + " ".join(sys.argv[1:]))
    if arguments.out is not None:
        lines = [json.dumps({name: getattr(each, name) for name in Judged.__slots__}) for each in results]
        arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def parse_arguments() -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="JSON lines of tasks")
    parser.add_argument("--budget-s", type=float, default=20.0)
    parser.add_argument("--limit", type=int, default=None, help="only the first so many tasks")
    parser.add_argument("--kind", default=None, help="only tasks whose id begins with this")
    parser.add_argument("--only", default=None, help="only tasks whose id holds this text")
    parser.add_argument("--jobs", type=int, default=1, help="tasks at a time; 1 for figures to be quoted")
    parser.add_argument("--verbose", action="store_true", help="one line for each task")
    parser.add_argument("--out", type=Path, default=None, help="write each task's result there as JSON lines")
    return parser.parse_args()


def kind_of(task: dict[str, Any]) -> str:
    """Return the kind of a task."""
    kind: str = task["id"].partition("/")[0]
    return kind


def judge_task(task: dict[str, Any], budget_s: float) -> Judged:
    """Repair one task and judge each offer by the hidden tests."""
    with tempfile.TemporaryDirectory(prefix="repair-") as name:
        folder = Path(name)
        (folder / "module.py").write_text(task["module"], encoding="utf-8")
        (folder / "test_visible.py").write_text(task["visible_tests"], encoding="utf-8")
        request = VerifyRequest(
            root=folder,
            path=folder / "module.py",
            text=task["module"],
            symbol=task["symbol"],
            python=Path(sys.executable),
            budget_s=budget_s,
            fix=True,
        )
        result = run(request, lambda message, fraction: None)
    offers = result.offers
    return Judged(
        task=task["id"],
        kind=kind_of(task),
        status=result.status,
        message=result.message,
        right=tuple(is_right(task, each) for each in offers),
        offers=tuple(each.description for each in offers),
        chances=tuple(each.chance_right for each in offers),
        tried=result.evidence.candidates,
        seconds=result.evidence.seconds,
        seconds_repairing=result.evidence.seconds_repairing,
    )


def is_right(task: dict[str, Any], fix: Offer) -> bool:
    """Return whether the hidden tests pass after `fix`."""
    text = task["module"]
    with tempfile.TemporaryDirectory(prefix="judge-") as name:
        folder = Path(name)
        (folder / "module.py").write_text(text[: fix.start] + fix.new_text + text[fix.end :], encoding="utf-8")
        (folder / "test_hidden.py").write_text(task["hidden_tests"], encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "test_hidden.py"]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, timeout=JUDGE_TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def show_task(each: Judged) -> None:
    """Print one task's result on a line."""
    marks = " ".join(
        f"[{'right' if right else 'WRONG'} {chance:.2f}: {offer}]"
        for right, chance, offer in zip(each.right, each.chances, each.offers, strict=True)
    )
    print(
        f"{each.task:34} {each.status:8} {each.tried:5} {each.seconds:5.1f} s  {marks or each.message}",
        flush=True,
    )


def print_table(results: list[Judged], kinds: list[str]) -> None:
    """Print the figures of each kind, and of all."""
    table = Table()
    names = (
        "tasks",
        "offered",
        "first offer right",
        "wrong",
        "abstained",
        "right in three",
        "median s",
        "candidates/s",
    )
    for name in ("kind", *names):
        table.add_column(name, justify="left" if name == "kind" else "right")
    for kind in kinds:
        table.add_row(kind, *figures([each for each in results if each.kind == kind]))
    table.add_section()
    table.add_row("all", *figures(results))
    Console(width=130).print(table)


def figures(results: list[Judged]) -> Iterable[str]:
    """Return the cells of one row."""
    offered = [each for each in results if each.right]
    first = sum(each.right[0] for each in offered)
    tried = sum(each.tried for each in results)
    seconds = sum(each.seconds_repairing for each in results)
    return (
        str(len(results)),
        str(len(offered)),
        f"{first} ({first / max(1, len(results)):.0%})",
        f"{len(offered) - first} ({(len(offered) - first) / max(1, len(offered)):.0%} of offers)",
        str(len(results) - len(offered)),
        str(sum(any(each.right[:3]) for each in offered)),
        f"{median(each.seconds for each in results):.1f}" if results else "-",
        f"{tried / seconds:.0f}" if seconds else "-",
    )


if __name__ == "__main__":
    main()
