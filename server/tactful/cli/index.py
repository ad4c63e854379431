"""`tactful index`: build the engine's index in the foreground."""

from pathlib import Path

import click

from tactful.cli.project import find_python

__all__ = ["index"]


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".")
@click.option(
    "--python",
    type=click.Path(path_type=Path),
    help="Interpreter whose packages are indexed; found in the folder or on the PATH without it.",
)
@click.option("--force", is_flag=True, help="Build again what is up to date.")
def index(folder: Path, python: Path | None, force: bool) -> None:
    """Build the index of a workspace now, and exit when it is done.

    FOLDER is the workspace (the current folder by default). The language server does the same in the background when it
    first opens a file there; the index lies in the user's cache folder and is shared by all editors.
    """
    from tactful import paths
    from tactful.backends.local import build_index
    from tactful.cli.console import task

    root = folder.resolve()
    with task("Indexing") as show:
        report = build_index(
            roots=[root],
            python=python or find_python(root),
            cache_dir=paths.cache_dir(),
            on_progress=lambda status: show(status.layer, status.done / status.total if status.total else None),
            force=force,
        )
    click.echo(
        f"{report.files} files, {report.tokens} tokens, {report.bytes_on_disk / 1e6:.1f} MB in {report.seconds:.1f} s; "
        f"kept in {paths.cache_dir()}"
    )
