"""How long the gate takes at each key press: `python bench/gate.py [FILE] [--model DIR]`.

Types a few lines into the middle of a Python file of 2,000 lines (by default the standard library's argparse) and times
each step of both stages, and loading the model. Prints one table; p50 and p99 in milliseconds.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tactful.acceptance.artifact import bundled, load
from tactful.core import gate
from tactful.core.context import context_at
from tactful.core.features import stage1_features, stage2_features
from tactful.core.gate import GatePolicy
from tactful.core.ports import Scorer
from tactful.core.syntax import parse
from tactful.core.text import Document, Edit, apply_edit, open_document
from tactful.core.types import Completion, History, Rhythm

LINES = 2_000
ROUNDS = 3
TYPED = """
        value = self._registry_get('action', kwargs)
        if value is None:  # not there
            return [item for item in self._actions if item.dest]
        self.register(name, f'{value}', len(kwargs) + 1)
"""
SUGGESTION = Completion(
    text="self.register(name, value)", probability=0.5, token_logprobs=(-0.1,) * 8, source="document", match_length=4
)


class Stopwatch:
    """Times by step, in milliseconds."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time what happens inside."""
        begun = time.perf_counter()
        yield
        self.times[name].append((time.perf_counter() - begun) * 1000)

    def table(self) -> str:
        """Return the table of all steps."""
        lines = [f"{'step':44}{'p50 ms':>9}{'p99 ms':>9}{'n':>7}"]
        for name, times in self.times.items():
            ordered = sorted(times)
            p50, p99 = ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
            lines.append(f"{name:44}{p50:9.3f}{p99:9.3f}{len(ordered):7}")
        return "\n".join(lines)


def main() -> None:
    """Time the gate and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=Path(argparse.__file__), help="Python file to type into")
    parser.add_argument(
        "--model", type=Path, default=bundled(), help="folder of the gate (default: the one that ships)"
    )
    options = parser.parse_args()
    watch = Stopwatch()
    for _ in range(10):
        with watch.step("load the model"):
            scorer = load(options.model)
    document = first_lines(options.file.read_text(encoding="utf-8"))
    for _ in range(ROUNDS):
        type_and_time(document, scorer, watch)
    print(f"{len(document.line_starts) - 1} lines, {len(document.text)} characters, {options.file.name}")
    print(watch.table())
    print("scikit-learn imported:", "yes" if "sklearn" in sys.modules else "no")


def first_lines(text: str) -> Document:
    """Return a document of exactly 2,000 lines, the text repeated if need be."""
    lines = text.splitlines(keepends=True)
    repeated = (lines * (LINES // len(lines) + 1))[:LINES]
    return open_document("file:///bench.py", "python", 1, "".join(repeated))


def type_and_time(document: Document, scorer: Scorer, watch: Stopwatch) -> None:
    """Type into the middle of `document`, one character at a time, and decide at each."""
    middle = document.text.index("\n    def ", len(document.text) // 2)
    tree = parse(document, None, middle)
    for number, character in enumerate(TYPED):
        offset = middle + number
        document = apply_edit(document, Edit(start=offset, end=offset, text=character), number)
        with watch.step("parse again (tree-sitter, incremental)"):
            tree = parse(document, tree, offset + 1)
        with watch.step("context"):
            ctx = context_at(
                document, offset + 1, path=None, automatic=True, tree=tree, rhythm=Rhythm(), history=History()
            )
        with watch.step("stage 1, features and score"):
            gate.stage1(stage1_features(ctx), scorer, GatePolicy(mode="eager"))
        with watch.step("stage 2, features and score"):
            gate.stage2(stage2_features(ctx, SUGGESTION), scorer, GatePolicy(mode="eager"))
        with watch.step("the reason in words, when asked for"):
            gate.spoken_against(2, stage2_features(ctx, SUGGESTION), scorer)


if __name__ == "__main__":
    main()
