"""How often the embedded engine is right: the rest of lines in files that its index has not seen.

    python bench/completion.py REPOSITORY...

Each REPOSITORY is the folder of an unpacked source package that is not installed in the indexed environment, e.g.

    pip download --no-deps --no-binary :all: jinja2==3.1.4 requests==2.32.3 sqlparse==0.5.0 tornado==6.4.1 \\
        beautifulsoup4==4.12.3 boltons==24.0.0 celery==5.4.0 werkzeug==3.0.3

A fifth of the files of each is left out of the index. Lines are drawn from those at random and cut before one of their
tokens (comments and docstrings too). `prefix` is the text before the cursor only; `suffix` adds the lines below; `live`
types whole files from their first line on, one cut in each line, with nothing below, and its times include reading what
was typed. `three` is right when one of three candidates is. Blocks are measured where nothing stands below.
"""

import argparse
import difflib
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from completion_baseline import longest_suffix
from tactful.backends.local.blocks import BlockLimits
from tactful.backends.local.engine import Engine
from tactful.backends.local.files import read_source
from tactful.backends.local.segment import Segment
from tactful.backends.local.train import draw_cut, repository_engine, stdlib_layer
from tactful.core.languages import LANGUAGES, language
from tactful.core.types import Completion, CompletionRequest

LEFT_OUT = 0.2
ONE_LINE = BlockLimits(max_lines=1)
URI = "file:///open.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One cursor's outcome."""

    exact: bool
    similarity: float
    probability: float
    ms: float
    cpu_ms: float  # on a busy machine this is the fairer one
    at_line_start: bool
    lines: int  # of the answer
    wholly_right: bool  # all of them


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--positions", type=int, default=250, help="for each repository")
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="interpreter whose packages are used")
    parser.add_argument("--language", choices=[known.ids[0] for known in LANGUAGES], default="python")
    parser.add_argument("--within-words", action="store_true", help="cut within identifiers, not before tokens")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--show", type=int, default=0, help="print so many answers of each repository")
    options = parser.parse_args()
    known = language(options.language)
    assert known is not None
    python = options.python if options.language == "python" else None
    stdlib = Segment(stdlib_layer(python))
    tables: dict[tuple[str, str], list[list[Answer]]] = {}
    for repository in options.repositories:
        rng = random.Random(f"{options.seed} {repository.name}")
        engine, left_out = repository_engine(repository, python, stdlib, LEFT_OUT, rng, known.suffixes)
        cuts = draw_cuts(left_out, options.positions, rng, options.within_words)
        by_mode = {"prefix": cuts, "suffix": cuts, "live": draw_live(left_out, options.positions, rng)}
        for mode, chosen in by_mode.items():
            for name, complete in WAYS.items():
                if name != "blocks" or mode != "suffix":
                    engine.limits = BlockLimits() if name == "blocks" else ONE_LINE
                    answers = [measure(engine, cut, mode, complete, options.language) for cut in chosen]
                    engine.close_document(URI)
                    tables.setdefault((mode, name), []).append(answers)
        show(engine, cuts[: options.show])
        print(f"# {repository.name}: {per_repository(tables)}", flush=True)
    print_table({key: runs for key, runs in tables.items() if key[1] != "blocks"})
    print_blocks({key[0]: runs for key, runs in tables.items() if key[1] == "blocks"})
    print(f"\n    {' '.join(['python', *sys.argv])}")


def draw_live(files: Sequence[Path], count: int, rng: random.Random) -> list[tuple[Path, int, int]]:
    """Return `count` cuts (file, offset, end of line) in the order of typing: one in each line of whole files."""
    cuts: list[tuple[Path, int, int]] = []
    for file in rng.sample(list(files), len(files)):
        text = read_source(file) or ""
        start = 0
        for line in text.splitlines(keepends=True):
            cut = draw_cut(line, rng, within_words=False) if line.strip() else None
            if cut is not None and len(cuts) < count:
                cuts.append((file, start + cut[0], start + cut[1]))
            start += len(line)
    return cuts


def draw_cuts(files: Sequence[Path], count: int, rng: random.Random, within_words: bool) -> list[tuple[Path, int, int]]:
    """Return `count` cuts (file, offset, end of line), lines drawn evenly over all files."""
    texts = {file: read_source(file) or "" for file in files}
    weights = [text.count("\n") for text in texts.values()]
    cuts: list[tuple[Path, int, int]] = []
    while len(cuts) < count:
        file = rng.choices(list(texts), weights)[0]
        cut = draw_cut(texts[file], rng, within_words=within_words)
        if cut is not None:
            cuts.append((file, *cut))
    return cuts


Complete = Callable[[Engine, CompletionRequest], Sequence[Completion]]


def run_engine(engine: Engine, request: CompletionRequest) -> Sequence[Completion]:
    """Ask the engine."""
    return engine.complete(request)


def run_three(engine: Engine, request: CompletionRequest) -> Sequence[Completion]:
    """Ask the engine for three candidates."""
    return engine.complete(replace(request, max_candidates=3))


def run_baseline(engine: Engine, request: CompletionRequest) -> Sequence[Completion]:
    """Ask the yardstick, on the same document and layers."""
    engine.set_document(request.uri, request.path, request.language_id, request.text)
    found = longest_suffix(engine.sight(request.uri, engine.cursor(request.uri, request.offset)))
    return [found] if found else []


WAYS: dict[str, Complete] = {
    "baseline": run_baseline,
    "engine": run_engine,
    "three": run_three,
    "blocks": run_engine,
}


def measure(engine: Engine, cut: tuple[Path, int, int], mode: str, complete: Complete, language_id: str) -> Answer:
    """Return how `complete` does at one cut."""
    file, offset, end = cut
    text = read_source(file) or ""
    known = text[:offset] + (text[end:] if mode == "suffix" else "")
    request = CompletionRequest(uri=URI, path=str(file), language_id=language_id, text=known, offset=offset)
    if mode != "live":
        engine.close_document(URI)
        engine.set_document(URI, str(file), language_id, known)  # Opening is not part of answering.
    started, cpu_started = time.perf_counter(), time.process_time()
    found = complete(engine, request)
    ms, cpu_ms = (time.perf_counter() - started) * 1000, (time.process_time() - cpu_started) * 1000
    truth = text[offset:end]
    answers = [each.text for each in found] or [""]
    lines = answers[0].split("\n")
    return Answer(
        exact=truth in answers if len(lines) == 1 else truth == lines[0],
        similarity=difflib.SequenceMatcher(None, lines[0], truth, autojunk=False).ratio(),
        probability=found[0].probability if found else 0.0,
        ms=ms,
        cpu_ms=cpu_ms,
        at_line_start=not text[text.rfind("\n", 0, offset) + 1 : offset].strip(),
        lines=len(lines),
        wholly_right=_goes_on_with(text[offset:], lines),
    )


def _goes_on_with(following: str, lines: Sequence[str]) -> bool:
    return [line.rstrip() for line in following.splitlines()[: len(lines)]] == list(lines)


def show(engine: Engine, cuts: Sequence[tuple[Path, int, int]]) -> None:
    """Print some answers beside the truth."""
    for file, offset, end in cuts:
        text = read_source(file) or ""
        request = CompletionRequest(
            uri=URI, path=str(file), language_id="python", text=text[:offset] + text[end:], offset=offset
        )
        found = engine.complete(request)
        engine.close_document(URI)
        shown = f"{found[0].probability:.2f} {found[0].text!r}" if found else "-"
        print(f"  {text[text.rfind(chr(10), 0, offset) + 1 : offset]}|{text[offset:end]}\n      -> {shown}")


def coverage(answers: Sequence[Answer], precision: float) -> float:
    """Return the largest share of cursors that can be answered, most confident first, at `precision`."""
    ranked = sorted(answers, key=lambda answer: -answer.probability)
    right = best = 0
    for number, answer in enumerate(ranked, 1):
        right += answer.exact
        if answer.probability > 0 and right >= precision * number:
            best = number
    return best / len(ranked)


def calibration_error(answers: Sequence[Answer], bins: int = 10) -> float:
    """Return the expected calibration error of the engine's probability over equal-width bins."""
    total = 0.0
    for number in range(bins):
        inside = [a for a in answers if number / bins <= a.probability < (number + 1) / bins + (number == bins - 1)]
        if inside:
            total += abs(sum(a.exact for a in inside) - sum(a.probability for a in inside))
    return total / len(answers)


def confident_third(answers: Sequence[Answer]) -> float:
    """Return the share of exact answers in the third that the engine is most sure of."""
    ranked = sorted(answers, key=lambda answer: -answer.probability)[: max(1, len(answers) // 3)]
    return mean([answer.exact for answer in ranked])


def quantiles(values: Sequence[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile."""
    ranked = sorted(values)
    return statistics.median(ranked), ranked[int(len(ranked) * 0.99)]


def mean(values: Sequence[float]) -> float:
    """Return the arithmetic mean, 0 of nothing."""
    return sum(values) / len(values) if values else 0.0


def per_repository(tables: dict[tuple[str, str], list[list[Answer]]]) -> str:
    """Return the exact match of the repository measured last."""
    return "  ".join(f"{mode} {name} {mean([a.exact for a in runs[-1]]):.3f}" for (mode, name), runs in tables.items())


def print_blocks(runs_by_mode: dict[str, list[list[Answer]]]) -> None:
    """Print how often several lines are suggested, and how often all of them are right."""
    print("\n| text | several lines | of them right | their first line right | lines | p50 ms | p99 ms |")
    print("|" + "---|" * 7)
    for mode, runs in runs_by_mode.items():
        pooled = [answer for run in runs for answer in run]
        blocks = [answer for answer in pooled if answer.lines > 1]
        cells = [
            f"{len(blocks) / len(pooled):.3f}",
            f"{mean([a.wholly_right for a in blocks]):.3f} ({sum(a.wholly_right for a in blocks)} of {len(blocks)})",
            f"{mean([a.exact for a in blocks]):.3f}",
            f"{mean([a.lines for a in blocks]):.1f}",
            *(f"{value:.1f}" for value in quantiles([a.ms for a in pooled])),
        ]
        print(f"| {mode} | {' | '.join(cells)} |")


def print_table(tables: dict[tuple[str, str], list[list[Answer]]]) -> None:
    """Print one row for each way and mode; shares are means over repositories."""
    print(
        "\n| text | way | exact | similarity | confident third | answered at .80 | line start | mid-line | ECE |",
        end="",
    )
    print(" p50 ms | p99 ms | p50 CPU ms | p99 CPU ms |\n|" + "---|" * 13)
    for (mode, name), runs in tables.items():
        pooled = [answer for run in runs for answer in run]
        cells = [
            mean([mean([a.exact for a in run]) for run in runs]),
            mean([mean([a.similarity for a in run]) for run in runs]),
            mean([confident_third(run) for run in runs]),
            mean([coverage(run, 0.8) for run in runs]),
            mean([a.exact for a in pooled if a.at_line_start]),
            mean([a.exact for a in pooled if not a.at_line_start]),
            calibration_error(pooled),
        ]
        if name == "three":
            cells = cells[:1]  # The others are about the first candidate.
        figures = " | ".join([*(f"{cell:.3f}" for cell in cells), *[""] * (7 - len(cells))])
        times = [*quantiles([a.ms for a in pooled]), *quantiles([a.cpu_ms for a in pooled])]
        print(f"| {mode} | {name} | {figures} | {' | '.join(f'{value:.1f}' for value in times)} |")


if __name__ == "__main__":
    main()
