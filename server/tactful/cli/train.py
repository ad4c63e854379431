"""`tactful train`: a new gate from replayed code, recorded decisions or what became of the user's suggestions."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tactful.cli.learning import learn_from_outcomes, roll_back, rows_of_store
from tactful.cli.rows import (
    ManyValues,
    collect_rows,
    library_projects,
    progress_bar,
    source_options,
    training_packages_missing,
)

if TYPE_CHECKING:
    from tactful.acceptance.rows import Row
    from tactful.acceptance.train import Trained

__all__ = ["train"]


@click.command(cls=ManyValues)
@source_options
@click.option("--store", "from_store", is_flag=True, help="Learn from what became of your own suggestions.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the new gate.")
@click.option("--own", is_flag=True, help="Learn from your own suggestions, and use the result here if it does better.")
@click.option("--rollback", is_flag=True, help="Go back to the gate that was in use before, here.")
def train(
    folders: tuple[Path, ...],
    files: tuple[Path, ...],
    stops: int,
    seed: int,
    from_store: bool,
    out: Path | None,
    own: bool,
    rollback: bool,
) -> None:
    """Train the gate from replayed code, recorded decisions or your own outcomes.

    Type through the files of one or more projects with --replay, learn from recorded decisions with --decisions (both
    take several values) or from this machine's memory of your suggestions with --store. Without any, packages of the
    standard library are typed. Judge the result with `tactful evaluate` on a project that was not trained on.

    With --own the gate that the server uses here is recalibrated and retrained from your outcomes; it is replaced only
    if it would have done better on outcomes that came later. The server does the same in the background.

    Exit code 0: the gate is in OUT, or --own or --rollback did its work; 1: there was not enough to learn from; 2: the
    command makes no sense.
    """
    if own or rollback:
        if out or folders or files or from_store or (own and rollback):
            raise click.UsageError("--own and --rollback stand alone.")
        click.echo(learn_from_outcomes(seed) if own else roll_back())
        return
    if out is None:
        raise click.UsageError("Say with --out FOLDER where the gate goes.")
    folders = folders if folders or files or from_store else library_projects()
    with progress_bar() as progress:
        rows = collect_rows(folders, files, stops=stops, seed=seed, progress=progress)
        rows += rows_of_store() if from_store else []
        task = progress.add_task("comparing models", total=None)

        def tell(what: str, done: int, total: int) -> None:
            progress.update(task, description=what, completed=done, total=total)

        trained = _fit(rows, seed, tell)
    click.echo(_summary(trained, _save(trained, out)))


def _fit(rows: "list[Row]", seed: int, tell: Callable[[str, int, int], None]) -> "Trained":
    try:
        from tactful.acceptance.train import NotEnoughData, fit
    except ModuleNotFoundError as error:
        raise training_packages_missing(error) from None
    try:
        return fit(rows, seed=seed, progress=tell)
    except NotEnoughData as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def _save(trained: "Trained", out: Path) -> Path:
    from tactful.acceptance.artifact import save
    from tactful.acceptance.plots import write_plots

    try:
        path = save(out, trained.scorer, trained.about)
        write_plots(out, trained.about)
        return path
    except OSError as error:
        raise click.ClickException(f"The gate cannot be written to {out}: {error.strerror}.") from None


def _summary(trained: "Trained", path: Path) -> str:
    lines = [f"{path}:"]
    for kind, about in trained.about["cascades"].items():
        lines.append(
            f"{kind}: {about['suggestions']} suggestions at {about['rows']} moments of {about['groups']} groups, "
            f"{about['wanted']} wanted."
        )
        for stage in ("stage1", "stage2"):
            found = about[stage]
            lines.append(
                f"  {stage}: {found['model']}, AUROC {found['auroc']:.3f}, ECE {found['ece']:.3f} on left-out groups"
            )
    return "\n".join(lines)
