"""Where `train`, `evaluate` and `replay` get their rows: projects to type through, and files of recorded decisions.

The one place that gives the replay an engine: for each project one that has seen the project's other files and the
standard library, but not the files that are typed.
"""

import sysconfig
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from tactful.acceptance.replay import Engine, SourceFile
    from tactful.acceptance.rows import Row
    from tactful.acceptance.scorer import TreeScorer

__all__ = [
    "ManyValues",
    "can_be_typed",
    "collect_rows",
    "files_to_type",
    "library_projects",
    "load_gate",
    "progress_bar",
    "source_options",
    "training_packages_missing",
]

_Command = TypeVar("_Command", bound=Callable[..., Any])

_TYPED_SHARE = 0.2  # of a project's files are typed, the others are what its programmer has written before
_MAX_TYPED = 12
_STOPS_IN_SITTING = 150  # stops that are made in one file before the next is taken
_MAX_CHARS = 300_000
_LEAST_LINES = 30
_STDLIB_TOKENS = 2_000_000
_LIBRARY_PROJECTS = (
    "asyncio",
    "email",
    "http",
    "importlib",
    "json",
    "logging",
    "multiprocessing",
    "unittest",
    "urllib",
)
_MANY = ("--replay", "--decisions")


class ManyValues(click.Command):
    """A command whose source options take several values each: `--replay A B` is `--replay A --replay B`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write the option before each of its values, then parse as usual."""
        spread: list[str] = []
        option: str | None = None
        for arg in args:
            if arg.startswith("-"):
                option = arg if arg in _MANY else None
                spread += [] if option else [arg]
            else:
                spread += [option, arg] if option else [arg]
        return super().parse_args(ctx, spread)


def library_projects() -> tuple[Path, ...]:
    """Return packages of the standard library, each to be taken for a project: what is there on every machine."""
    library = Path(sysconfig.get_paths()["stdlib"])
    return tuple(library / name for name in _LIBRARY_PROJECTS if (library / name).is_dir())


def source_options(command: _Command) -> _Command:
    """Add the options that say where rows come from: `replay`, `decisions`, `stops` and `seed`."""
    folder = click.Path(exists=True, file_okay=False, path_type=Path)
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    options = (
        click.option(
            "--replay", "folders", type=folder, multiple=True, help="A project of Python files to type through."
        ),
        click.option(
            "--decisions", "files", type=file, multiple=True, help="Recorded decisions, one JSON object a line."
        ),
        click.option(
            "--stops", default=1500, show_default=True, help="Stops to make in each project.", type=click.IntRange(1)
        ),
        click.option("--seed", default=0, show_default=True, help="Same seed, same result."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def progress_bar() -> Progress:
    """Return a progress bar that is drawn on the error stream, so that results can be piped."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def collect_rows(
    folders: Sequence[Path], files: Sequence[Path], *, stops: int, seed: int, progress: Progress
) -> "list[Row]":
    """Return the rows of all projects and recordings. Raises click.BadParameter for a file that is no recording."""
    rows = [row for file in files for row in _rows_of_file(file)]
    task = progress.add_task("typing through projects", total=stops * len(folders), visible=bool(folders))
    for number, folder in enumerate(folders):
        progress.update(task, description=f"typing through {folder.name}")
        for row in _rows_of_project(folder, stops=stops, random=Random(f"{seed} {folder.name}")):  # noqa: S311
            rows.append(row)
            progress.advance(task)
        progress.update(task, completed=stops * (number + 1))
    return rows


def load_gate(folder: Path | None) -> "TreeScorer":
    """Return the gate in `folder`, or the one that ships; ends the command with exit code 1 where it is unusable."""
    from tactful.acceptance.artifact import bundled, load
    from tactful.core.errors import ModelUnusable

    try:
        return load(folder or bundled())
    except ModelUnusable as error:
        raise click.ClickException(str(error)) from None


def training_packages_missing(error: ModuleNotFoundError) -> click.ClickException:
    """Return what to tell where scikit-learn or a part of it is not installed."""
    return click.ClickException(
        f"{error.name} is not installed. Install what training needs: pip install 'tactful[train]'"
    )


def _rows_of_file(file: Path) -> "Iterator[Row]":
    from tactful.acceptance.decisions import read_decisions, rows_of_decisions

    try:
        decisions = list(read_decisions(file.read_text(encoding="utf-8").splitlines()))
    except ValueError as error:
        raise click.BadParameter(f"{file}: {error}", param_hint="--decisions") from None
    yield from rows_of_decisions(decisions)


def _rows_of_project(folder: Path, *, stops: int, random: Random) -> "Iterator[Row]":
    from tactful.acceptance.replay import replay_file, rows_of

    found = files_to_type(folder, random)
    if found is None:
        return
    typed, engine = found
    sittings = -(-stops // _STOPS_IN_SITTING)
    for number in range(sittings):
        source = typed[number % len(typed)]
        wanted_stops = min(_STOPS_IN_SITTING, stops - number * _STOPS_IN_SITTING)
        yield from rows_of(replay_file(source, engine, random, stops=wanted_stops), folder.resolve().name)


def can_be_typed(folder: Path) -> bool:
    """Say whether the project has a Python file that is long enough to be typed."""
    return bool(_choose_typed(_python_files(folder), Random(0)))  # noqa: S311 no secret depends on it


def files_to_type(folder: Path, random: Random) -> "tuple[list[SourceFile], Engine] | None":
    """Return files of the project and an engine that has seen all others; None where there is no Python to type."""
    paths = _python_files(folder)
    typed = _choose_typed(paths, random)
    return (typed, _engine(folder, paths, typed)) if typed else None


def _engine(folder: Path, paths: Sequence[Path], typed: "Sequence[SourceFile]") -> "Engine":
    from tactful.backends.local import Engine
    from tactful.backends.local.evidence import Layer

    library = Path(sysconfig.get_paths()["stdlib"])
    others = [path for path in _python_files(library) if not path.is_relative_to(folder)]
    hidden = [Path(source.path) for source in typed]
    layers = {Layer.WORKSPACE: paths, Layer.STDLIB: others}
    return Engine.from_files(layers, leave_out=hidden, max_tokens=_STDLIB_TOKENS)


def _python_files(folder: Path) -> list[Path]:
    """Return the project's files, without hidden folders, installed packages and the tests of the standard library."""
    skipped = {"site-packages", "dist-packages", "node_modules", "idlelib", "lib2to3"}
    found = (path for path in sorted(folder.rglob("*.py")) if path.is_file())
    inside = ((path, path.relative_to(folder).parts) for path in found)
    return [path for path, parts in inside if not any(part in skipped or part.startswith(".") for part in parts)]


def _choose_typed(paths: Sequence[Path], random: Random) -> "list[SourceFile]":
    from tactful.acceptance.replay import SourceFile

    shuffled = random.sample(paths, len(paths))
    limit = min(_MAX_TYPED, max(1, round(len(paths) * _TYPED_SHARE)))
    chosen: list[SourceFile] = []
    for path in shuffled:
        text = path.read_bytes().decode("utf-8", "replace")
        if len(chosen) < limit and len(text) <= _MAX_CHARS and text.count("\n") >= _LEAST_LINES:
            chosen.append(SourceFile(path=str(path), language_id="python", text=text))
    return chosen
