"""`tactful train`: a new gate from replayed code or recorded decisions."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

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
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder for the new gate.")
def train(folders: tuple[Path, ...], files: tuple[Path, ...], stops: int, seed: int, out: Path) -> None:
    """Train the gate from replayed code or recorded decisions.

    Type through the files of one or more projects with --replay, or learn from recorded decisions with --decisions;
    both take several values. Without either, packages of the standard library are typed. Judge the result with
    `tactful evaluate` on a project that was not trained on.

    Exit code 0: the gate is in OUT; 1: there was not enough to learn from; 2: the command makes no sense.
    """
    folders = folders if folders or files else library_projects()
    with progress_bar() as progress:
        rows = collect_rows(folders, files, stops=stops, seed=seed, progress=progress)
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

    try:
        return save(out, trained.scorer, trained.about)
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
