"""How much a model adds to a repair, and which search makes most of its answers; judged by hidden tests.

The same tasks are repaired without a model, with independent samples, and with the two searches, each with the same
budget of answers and seconds. A server on loopback plays prepared answers back, so that every run asks the same model.

The answers lie in a folder, one file for each task, named after its id with `--` for `/`:

    {"task": "llm/some/12", "thoughts": [{"answers": [{"bug": "...", "sure": 7, "code": "def f(...): ..."}, ...]}, ...]}

A prompt without an earlier try gets the first answer of the next thought; one that goes on from a try gets the next
answer of the thought which that try came from, and where there is none, the next thought. When all are used up they
come again. `--record URL --model M` asks a real endpoint instead and writes what it says into the folder, for others to
play back. The tasks are those of bench/repair.py.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import mean
from typing import Any

from rich.console import Console
from rich.table import Table

from repair import is_right
from tactful.cli.consultant import consultant
from tactful.verify import Ask, ModelUse, Question, Reply, StrategyName, VerifyRequest, run
from tactful.verify.repair.answers import read
from tactful.verify.repair.prompts import LAST_TRY

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from model_server import ModelServer

WAYS = ("none", "sample", "refine", "tree")
NAMES = {"none": "no model", "sample": "samples side by side", "refine": "refine", "tree": "tree"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One task repaired in one way."""

    task: str
    way: str
    status: str
    right: tuple[bool, ...]
    of_model: bool  # whether the first offer is the model's
    asked: int
    seconds: float
    evidence: str


def main() -> None:
    """Run every task in every way and print one table."""
    arguments = parse_arguments()
    lines = arguments.data.read_text(encoding="utf-8").splitlines()
    tasks = [task for task in map(json.loads, lines) if task["id"].startswith(arguments.kind)][: arguments.limit]
    if arguments.record:
        record(tasks, arguments)
        return
    tasks = [task for task in tasks if thoughts_of(task, arguments)]
    jobs = [(task, way, seed, arguments) for seed, way, task in product(range(arguments.draws), arguments.ways, tasks)]
    with ProcessPoolExecutor(arguments.jobs) as pool:
        runs = []
        for each in pool.map(play, jobs):
            runs.append(each)
            if arguments.verbose:
                marks = " ".join("right" if right else "WRONG" for right in each.right) or "-"
                print(f"{each.way:7} {each.task:34} {marks:18} {each.seconds:5.1f} s  {each.evidence}", flush=True)
    print_table(runs, arguments)
    print("made by: python bench/repair_model.py " + " ".join(sys.argv[1:]))


def parse_arguments() -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="JSON lines of tasks, as for bench/repair.py")
    parser.add_argument("--answers", type=Path, required=True, help="folder of prepared answers, see above")
    parser.add_argument("--kind", default="llm/", help="only tasks whose id begins with this")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--samples", type=int, default=10)
    parser.add_argument("--budget-s", type=float, default=20.0)
    parser.add_argument("--answer-s", type=float, default=1.0, help="seconds that each played answer takes")
    parser.add_argument("--draws", type=int, default=1, help="how often all is done, with other orders of the thoughts")
    parser.add_argument(
        "--hard",
        action="store_true",
        help="play only thoughts with further answers, those whose first one fails; tasks without any are left out",
    )
    parser.add_argument("--limit", type=int, default=None, help="only the first so many tasks")
    parser.add_argument("--jobs", type=int, default=1, help="tasks at a time; 1 for figures to be quoted")
    parser.add_argument("--verbose", action="store_true", help="one line for each run")
    parser.add_argument("--record", metavar="URL", help="ask this endpoint and write its answers into the folder")
    parser.add_argument("--model", default="", help="the model's name, for --record")
    parser.add_argument("--api-key-env", default="", help="variable with its key, for --record")
    return parser.parse_args()


# -- playing answers back


class Playback:
    """Prepared answers for one task, given by the prompt; `turned` puts another thought first."""

    def __init__(self, thoughts: list[dict[str, Any]], turned: int) -> None:
        turned %= max(1, len(thoughts))
        self._thoughts = [*thoughts[turned:], *thoughts[:turned]]
        self._followed: Counter[int] = Counter()
        self._next = 0

    def __call__(self, body: dict[str, Any]) -> str:
        answer = self._chosen(self.thought_of(str(body["messages"][-1]["content"])))
        return f"BUG: {answer['bug']}\nSURE: {answer['sure']}\n```python\n{answer['code'].strip()}\n```\n"

    def _chosen(self, number: int | None) -> dict[str, Any]:
        """Return the next answer of a thought, else the first of the next thought."""
        if number is not None:
            self._followed[number] += 1
            following = self._thoughts[number]["answers"][self._followed[number] :]
            if following:
                return following[0]
        self._next += 1
        return self._thoughts[(self._next - 1) % len(self._thoughts)]["answers"][0]

    def thought_of(self, prompt: str) -> int | None:
        """Return the thought which the prompt's last try came from."""
        _, found, last = prompt.partition(LAST_TRY)
        begun = last.strip().partition("\n")[0].removeprefix("BUG: ")
        for number, thought in enumerate(self._thoughts if found else ()):
            if any(" ".join(each["bug"].split())[:600] == begun for each in thought["answers"]):
                return number
        return None


@contextmanager
def served(answer: Callable[[dict[str, Any]], str], first_s: float) -> Iterator[str]:
    """Serve answers on loopback from a thread; yield the address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = ModelServer(answer, first_s=first_s)
    asyncio.run_coroutine_threadsafe(server.start(), loop).result()
    try:
        yield server.url
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def play(job: tuple[dict[str, Any], str, int, argparse.Namespace]) -> Run:
    """Repair one task in one way with the prepared answers."""
    task, way, seed, arguments = job
    if way == "none":
        return repaired(task, way, None, arguments)
    thoughts = thoughts_of(task, arguments)
    with (
        private_state(),
        served(Playback(thoughts, seed), arguments.answer_s) as url,
        consultant(url, "played", "chat", "", arguments.budget_s) as ask,
    ):
        return repaired(task, way, ask, arguments)


def repaired(task: dict[str, Any], way: str, ask: Ask | None, arguments: argparse.Namespace) -> Run:
    """Repair one task and judge each offer by the hidden tests."""
    asked: list[Question] = []

    def counted(question: Question) -> "Future[Reply]":
        assert ask is not None
        asked.append(question)
        return ask(question)

    name: StrategyName = way if way in ("sample", "refine", "tree") else "refine"  # type: ignore[assignment]
    with tempfile.TemporaryDirectory(prefix="repair-") as folder:
        root = Path(folder)
        (root / "module.py").write_text(task["module"], encoding="utf-8")
        (root / "test_visible.py").write_text(task["visible_tests"], encoding="utf-8")
        request = VerifyRequest(
            root=root,
            path=root / "module.py",
            text=task["module"],
            symbol=task["symbol"],
            python=Path(sys.executable),
            budget_s=arguments.budget_s,
            fix=True,
            model=None if ask is None else ModelUse(name="played", strategy=name, max_samples=arguments.samples),
        )
        result = run(request, lambda message, fraction: None, None if ask is None else counted)
    return Run(
        task=task["id"],
        way=way,
        status=result.status,
        right=tuple(is_right(task, each) for each in result.offers),
        of_model=any("the model named" in line for offer in result.offers[:1] for line in offer.evidence),
        asked=len(asked),
        seconds=result.evidence.seconds,
        evidence=result.evidence.model,
    )


def thoughts_of(task: dict[str, Any], arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Return what is prepared for a task."""
    thoughts = json.loads(file_of(arguments.answers, task).read_text(encoding="utf-8"))["thoughts"]
    return [each for each in thoughts if len(each["answers"]) > 1 or not arguments.hard]


def file_of(folder: Path, task: dict[str, Any]) -> Path:
    """Return where a task's answers lie."""
    return folder / (task["id"].replace("/", "--") + ".json")


@contextmanager
def private_state() -> Iterator[None]:
    """Keep the egress log of what goes to loopback away from the user's own."""
    with tempfile.TemporaryDirectory(prefix="state-") as folder:
        os.environ["XDG_STATE_HOME"] = folder
        yield


# -- recording


def record(tasks: list[dict[str, Any]], arguments: argparse.Namespace) -> None:
    """Ask a real endpoint in each of the ways and write down what it says, thought by thought."""
    arguments.answers.mkdir(parents=True, exist_ok=True)
    for task in tasks:
        thoughts: list[dict[str, Any]] = []
        for way in (each for each in arguments.ways if each != "none"):
            with consultant(
                arguments.record, arguments.model, "auto", arguments.api_key_env, arguments.budget_s
            ) as ask:
                done = repaired(task, way, recording(ask, thoughts), arguments)
            print(f"{task['id']:34} {way:7} {done.status:8} {done.evidence}", flush=True)
        text = json.dumps({"task": task["id"], "model": arguments.model, "thoughts": thoughts}, indent=1)
        file_of(arguments.answers, task).write_text(text + "\n", encoding="utf-8")


def recording(ask: Ask, thoughts: list[dict[str, Any]]) -> Ask:
    """Return what asks and writes the answers down below the thought that they go on from."""

    def written(question: Question, reply: Reply) -> None:
        answered = read(reply.text)
        entry = {"bug": answered.thought, "sure": round(10 * answered.sure), "code": answered.code or reply.text}
        number = Playback(thoughts, 0).thought_of(question.text)
        if number is None:
            thoughts.append({"answers": [entry]})
        else:
            thoughts[number]["answers"].append(entry)

    def asking(question: Question) -> "Future[Reply]":
        future = ask(question)
        future.add_done_callback(
            lambda done: None if done.cancelled() or done.result().trouble else written(question, done.result())
        )
        return future

    return asking


# -- the table


def print_table(runs: list[Run], arguments: argparse.Namespace) -> None:
    """Print the figures of each way."""
    table = Table()
    for name in ("way", "tasks", "offered", "first offer right", "wrong", "right in three", "answers used", "mean s"):
        table.add_column(name, justify="left" if name == "way" else "right")
    for way in arguments.ways:
        own = [each for each in runs if each.way == way]
        offered = [each for each in own if each.right]
        first = sum(each.right[0] for each in offered)
        table.add_row(
            NAMES[way],
            str(len(own)),
            str(len(offered)),
            f"{first} ({first / max(1, len(own)):.0%})",
            str(len(offered) - first),
            str(sum(any(each.right[:3]) for each in offered)),
            f"{mean(each.asked for each in own):.1f}",
            f"{mean(each.seconds for each in own):.1f}",
        )
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
