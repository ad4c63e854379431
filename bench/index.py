"""What the index costs: time, disk, memory, and how soon it answers.

    python bench/index.py FOLDER...

FOLDERs hold Python source, 60 MB or more for the first three rows to be measured rather than worked out. The keystrokes
are those of a programmer who types files of the first folder from their first to their last character, without pauses;
54,000 are an hour at fifteen a second.
"""

import argparse
import asyncio
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tactful.backends.local import EngineStatus, LocalBackend
from tactful.backends.local.files import read_source, workspace_files
from tactful.core.types import CompletionRequest

WHOLE_MB = 60
FILES = 500
URI = "file:///bench/open.py"
SETTLED = 2_000  # keystrokes after which memory is read for the first time
BUILD = """
import sys
from pathlib import Path
from tactful.backends.local import build_index
report = build_index(roots=[Path(p) for p in sys.argv[2:]], python=None, cache_dir=Path(sys.argv[1]))
print(report.tokens, report.bytes_on_disk, report.seconds)
"""

Row = tuple[str, str, str]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--keystrokes", type=int, default=54_000)
    options = parser.parse_args()
    files = [file for file in workspace_files(options.folders) if file.suffix == ".py"]
    with tempfile.TemporaryDirectory() as folder:
        print("| | measured | limit |\n|---|---|---|")
        show(building(options.folders, Path(folder)))
        show(asyncio.run(starting(files, Path(folder))))
        show(asyncio.run(typing(files, options.folders, Path(folder), options.keystrokes)))
    print(f"\n    {' '.join(['python', *sys.argv])}")


def show(rows: Sequence[Row]) -> None:
    """Print rows of the table as soon as they are known."""
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


def building(folders: Sequence[Path], scratch: Path) -> list[Row]:
    """Build an index over all folders in a process of its own."""
    roots = [str(folder.resolve()) for folder in folders]
    read = sum(len((read_source(file) or "").encode("utf-8", "replace")) for file in workspace_files(folders)) / 1e6
    command = [sys.executable, "-c", BUILD, str(scratch / "large"), *roots]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s, peak_mb = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    tokens, on_disk, seconds = map(float, answer.split())
    how = "" if read >= WHOLE_MB else ", worked out"
    return [
        ("source read per second, MB", f"{read / seconds:.1f} (of {read:.0f} MB)", ""),
        (f"index of {WHOLE_MB} MB{how}, s", f"{WHOLE_MB * seconds / read:.1f}", ""),
        (f"the same, seconds of the processor{how}", f"{WHOLE_MB * cpu_s / read:.1f}", ""),
        ("on disk per token, bytes", f"{on_disk / tokens:.1f} ({tokens / 1e6:.1f} million tokens)", ""),
        ("builder's peak memory, MB", f"{peak_mb:.0f}", ""),
    ]


async def starting(files: Sequence[Path], scratch: Path) -> list[Row]:
    """Time the first suggestion from a workspace of 500 files, and that of a file saved in it."""
    root = scratch / "workspace"
    step = max(1, len(files) // FILES)
    for number, file in enumerate(files[::step][:FILES]):
        target = root / f"{number:03}" / file.name
        target.parent.mkdir(parents=True)
        shutil.copy(file, target)
    mark(root / "marked.py", "first")
    rows = []
    for name, limit in (("cold", "5"), ("warm", "1")):
        backend = LocalBackend(cache_dir=scratch / "small")
        started = time.perf_counter()
        await backend.start(roots=[root], python=Path(sys.executable))
        await suggested(backend, "first")
        rows.append((f"first suggestion from {FILES} files, {name} start, s", f"{since(started):.2f}", limit))
        if name == "warm":
            mark(root / "marked.py", "second")
            started = time.perf_counter()
            backend.saved(str(root / "marked.py"))
            await suggested(backend, "second")
            rows.append(("a saved text is suggested after, s", f"{since(started):.3f}", "1"))
            await backend.close()
            mark(root / "marked.py", "third")
            rows.append(await outside_change(root, scratch))
        else:
            await settled(backend)
            await backend.close()
    return rows


async def outside_change(root: Path, scratch: Path) -> Row:
    """Time the first suggestion from a file that changed while no server ran."""
    backend = LocalBackend(cache_dir=scratch / "small")
    started = time.perf_counter()
    await backend.start(roots=[root], python=Path(sys.executable))
    await suggested(backend, "third")
    seconds = since(started)
    await backend.close()
    return ("a file changed while no server ran is suggested after the start, s", f"{seconds:.2f}", "5")


async def typing(files: Sequence[Path], folders: Sequence[Path], scratch: Path, keystrokes: int) -> list[Row]:
    """Type for an hour over the large index and watch the worker's memory and answers."""
    ready = asyncio.Event()
    backend = LocalBackend(cache_dir=scratch / "large", on_status=lambda status: tell(status, ready))
    await backend.start(roots=[folder.resolve() for folder in folders], python=None)
    await ready.wait()
    times: list[float] = []
    memory: list[float] = []
    looks = [min(SETTLED, keystrokes // 2), keystrokes // 2, keystrokes - 1]
    offset, text = 0, ""
    sources = iter(files * (1 + keystrokes // 1_000))
    for number in range(keystrokes):
        if offset >= len(text):
            backend.close_document(URI)
            path = next(sources)
            text, offset = read_source(path) or "#", 0
            backend.open_document(URI, str(path), "python", "")
        offset += 1
        request = CompletionRequest(uri=URI, path=str(path), language_id="python", text=text[:offset], offset=offset)
        started = time.perf_counter()
        backend.change_document(URI, request.text)
        await backend.complete(request)
        times.append(since(started) * 1000)
        memory += [own_memory(backend)] * looks.count(number)
    await backend.close()
    times.sort()
    return [
        ("worker's memory that is not memory-mapped, MB", f"{memory[0]:.0f}", ""),
        (
            f"the same half-way through and after {keystrokes} keystrokes, MB",
            f"{memory[1]:.0f}, {memory[2]:.0f}",
            "flat",
        ),
        ("a request while typing, p50 ms", f"{times[len(times) // 2]:.1f}", "8"),
        ("a request while typing, p99 ms", f"{times[int(len(times) * 0.99)]:.1f}", "30"),
    ]


def mark(path: Path, word: str) -> None:
    """Write a file that holds what `suggested` waits for."""
    path.write_text(f"alpha, beta = inputs_of_{word}(options)\nvalue_of_{word} = compute_{word}(alpha, beta)\n" * 2)


async def suggested(backend: LocalBackend, word: str) -> None:
    """Return when the second line that `mark` wrote is suggested under the first."""
    text = f"alpha, beta = inputs_of_{word}(options)\nvalue_of_{word} = "
    request = CompletionRequest(uri=URI, path=None, language_id="python", text=text, offset=len(text), max_candidates=3)
    async with asyncio.timeout(120):
        while not any(f"compute_{word}" in found.text for found in await backend.complete(request)):
            await asyncio.sleep(0.005)
    backend.close_document(URI)


async def settled(backend: LocalBackend) -> None:
    """Return when the builder has ended."""
    process = backend._process
    assert process is not None
    async with asyncio.timeout(300):
        while Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().strip():
            await asyncio.sleep(0.05)


def tell(status: EngineStatus, ready: asyncio.Event) -> None:
    """Note that the index is ready."""
    if status.phase in ("ready", "degraded", "failed"):
        ready.set()


def own_memory(backend: LocalBackend) -> float:
    """Return the worker's anonymous memory in MB: what is resident and not a mapped file."""
    assert backend._process is not None
    for line in Path(f"/proc/{backend._process.pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) / 1024
    raise OSError(os.strerror(2))


def since(started: float) -> float:
    """Return the seconds that passed."""
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
