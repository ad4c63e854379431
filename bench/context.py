"""What the parts of a prompt are worth, and what it costs to put one together.

    python bench/context.py recall REPOSITORY...      are the names of the right line in the prompt?
    python bench/context.py time FOLDER               milliseconds for a prompt in a workspace of any size

Each REPOSITORY is the folder of an unpacked source package (bench/completion.py names eight). A fifth of the Python
files of each is left out of the index, and 100 lines are drawn from those and cut before one of their names; the text
after the line is known. Recall is the share of the cut-off names that occur in the prompt. Recent edits are
not measured: finished files have none.
"""

import argparse
import asyncio
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tactful.core.types import CompletionRequest, PartKind, Prompt
from tactful.privacy.redact import Redactor
from tactful.retrieval import WorkspacePrompts
from tactful.retrieval.gather import ALL_KINDS, Sources, gather
from tactful.retrieval.indexing import bring_up_to_date
from tactful.retrieval.store import Reader
from tactful.retrieval.words import identifiers
from tactful.workspace.files import read_source, workspace_files

LEFT_OUT = 0.2
BUDGETS = (2_000, 4_000, 8_000, 16_000, 32_000)
WAYS: dict[str, tuple[PartKind, ...]] = {
    "document": (),
    **{f"document + {kind}": (kind,) for kind in ALL_KINDS if kind is not PartKind.EDIT},
    "all": ALL_KINDS,
    **{
        f"all but {kind}": tuple(k for k in ALL_KINDS if k is not kind)
        for kind in ALL_KINDS
        if kind is not PartKind.EDIT
    },
}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("recall", "time"))
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--positions", type=int, default=100, help="for each folder")
    parser.add_argument("--budget", type=int, default=8_000, help="characters, for the times")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    if options.what == "recall":
        print_recall([recalls(folder, options.positions, options.seed) for folder in options.folders])
    else:
        asyncio.run(print_times(options.folders, options.positions, options.budget, options.seed))
    print(f"\n    {' '.join(['python', *sys.argv])}")


Table = dict[tuple[str, int], list[float]]


def recalls(repository: Path, positions: int, seed: int) -> Table:
    """Return the recall at each cursor of one repository, by way and budget."""
    rng = random.Random(f"{seed} {repository.name}")
    files = [file for file in workspace_files([repository]) if file.suffix == ".py" and read_source(file)]
    left_out = rng.sample(files, int(len(files) * LEFT_OUT))
    table: Table = {}
    with tempfile.TemporaryDirectory() as folder:
        bring_up_to_date(Path(folder) / "index", [repository], leave_out=frozenset(left_out))
        reader = Reader(Path(folder) / "index")
        for file, offset, end in draw_cuts(left_out, positions, rng):
            text = read_source(file) or ""
            truth = identifiers(text[offset:end])
            for (way, budget), prompt in prompts(reader, file, text[:offset] + text[end:], offset):
                known = set(identifiers("\n".join(part.text for part in prompt.parts)))
                table.setdefault((way, budget), []).append(sum(name in known for name in truth) / len(truth))
    print(f"# {repository.name}: {len(left_out)} of {len(files)} files left out", flush=True)
    return table


def prompts(reader: Reader, file: Path, text: str, offset: int) -> list[tuple[tuple[str, int], Prompt]]:
    """Return the prompts at one cursor, by way and budget."""
    request = CompletionRequest(uri=file.as_uri(), path=str(file), language_id="python", text=text, offset=offset)
    sources = Sources(redactor=Redactor(), is_ignored=lambda path: False, shown_path=str, reader=reader)
    found = {
        (way, budget): gather(request, budget, sources, kinds) for way, kinds in WAYS.items() for budget in BUDGETS
    }
    return [(key, prompt) for key, prompt in found.items() if isinstance(prompt, Prompt)]


def draw_cuts(files: Sequence[Path], count: int, rng: random.Random) -> list[tuple[Path, int, int]]:
    """Return cuts (file, offset, end of line) before a random name of random lines that have one."""
    texts = {file: read_source(file) or "" for file in files}
    lines = {file: [match.span() for match in re.finditer(r"[^\n]+", text)] for file, text in texts.items()}
    cuts: list[tuple[Path, int, int]] = []
    while len(cuts) < count:
        file = rng.choices(list(texts), [len(spans) for spans in lines.values()])[0]
        start, end = rng.choice(lines[file])
        names = [match.start() for match in re.finditer(r"[^\W\d]\w*", texts[file][start:end])]
        offset = start + rng.choice(names) if names else end
        if identifiers(texts[file][offset:end]):
            cuts.append((file, offset, end))
    return cuts


def print_recall(tables: Sequence[Table]) -> None:
    """Print one row for each way; the spread is over repositories."""
    print("\n| parts | " + " | ".join(f"{budget:,} characters" for budget in BUDGETS) + " |\n|" + "---|" * 6)
    for way in WAYS:
        cells = []
        for budget in BUDGETS:
            means = [statistics.fmean(table[way, budget]) for table in tables]
            cells.append(f"{statistics.fmean(means):.3f} ({min(means):.2f}-{max(means):.2f})")
        print(f"| {way} | {' | '.join(cells)} |")


async def print_times(folders: Sequence[Path], positions: int, budget: int, seed: int) -> None:
    """Print how long the index takes, and prompts once it is there, beside what the event loop feels of them."""
    rng = random.Random(seed)
    files = [file for file in workspace_files(folders) if file.suffix == ".py" and read_source(file)]
    with tempfile.TemporaryDirectory() as cache:
        prompts = WorkspacePrompts(cache_dir=Path(cache), roots=folders)
        started = time.perf_counter()
        await prompts.start()
        await prompts.indexed.wait()
        print(f"{len(files)} Python files indexed in {time.perf_counter() - started:.1f} s at low priority")
        lags = asyncio.create_task(loop_lags())
        cold: list[tuple[float, float]] = []
        typing: list[tuple[float, float]] = []
        for file, offset, end in draw_cuts(files, positions, rng):
            text = read_source(file) or ""
            prompts.open_document(file.as_uri(), str(file), text)
            for typed in range(6):  # the first one looks at a new document, the others follow key by key
                known = text[: offset + typed] + text[end:]
                request = CompletionRequest(
                    uri=file.as_uri(), path=str(file), language_id="python", text=known, offset=offset + typed
                )
                (typing if typed else cold).append(await timed(prompts, request, budget))
            prompts.close_document(file.as_uri())
        lags.cancel()
        print(f"\nprompts of {budget:,} characters\n\n| moment | p50 ms | p99 ms | p50 CPU ms | p99 CPU ms |")
        print("|---|---|---|---|---|")
        rows = {"a document's first": cold[1:], "at the next keys": typing, "wait of the event loop": LAGS}
        for name, values in rows.items():
            figures = [quantile([pair[way] for pair in values], q) for way in (0, 1) for q in (0.5, 0.99)]
            print(f"| {name} | {' | '.join(f'{figure:.2f}' for figure in figures)} |")
        print(f"\nthe very first, which loads the libraries: {cold[0][0]:.0f} ms")
        await prompts.close()


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values lie."""
    return sorted(values)[int(len(values) * share)]


async def timed(prompts: WorkspacePrompts, request: CompletionRequest, budget: int) -> tuple[float, float]:
    """Return the milliseconds that one prompt takes, by the clock and of CPU time."""
    started, cpu_started = time.perf_counter(), time.process_time()
    await prompts.gather(request, budget)
    return (time.perf_counter() - started) * 1000, (time.process_time() - cpu_started) * 1000


LAGS: list[tuple[float, float]] = []


async def loop_lags() -> None:
    """Note how much later than asked for the event loop comes back, all the time."""
    while True:
        started = time.perf_counter()
        await asyncio.sleep(0.001)
        LAGS.append(((time.perf_counter() - started) * 1000 - 1, float("nan")))


if __name__ == "__main__":
    main()
