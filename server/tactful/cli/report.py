"""`tactful report`: what the gate did, in the terminal or as a page."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tactful import paths

if TYPE_CHECKING:
    from tactful.core.types import Features
    from tactful.report.figures import Words

__all__ = ["report"]


@click.command()
@click.option("--html", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write a page to this file.")
@click.option("--store", type=click.Path(dir_okay=False, path_type=Path), help="Read this database, not your own.")
def report(file: Path | None, store: Path | None) -> None:
    """Say what was shown, kept and hidden, and why, and what it saved.

    Everything is read from the database on this machine; nothing is sent anywhere, and there is no source text in it.

    Exit code 0: reported, also where nothing has been decided yet; 1: the database cannot be read or the page not be
    written.
    """
    from tactful.feedback.totals import opened
    from tactful.report.brief import brief
    from tactful.report.figures import gather
    from tactful.report.page import page

    if store is not None and not store.exists():
        raise click.BadParameter(f"{store} does not exist.", param_hint="--store")
    with opened(store or paths.database(), time.localtime().tm_gmtoff) as log:
        figures = gather(log, _words())
    if file is None:
        click.echo(brief(figures))
        return
    try:
        file.write_text(page(figures), encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None
    click.echo(f"The report is in {file}.")


def _words() -> "Words | None":
    """Return what says in words what spoke against a hidden suggestion, as the gate that is in use sees it."""
    from tactful.acceptance import artifact
    from tactful.core.errors import ModelUnusable
    from tactful.core.features import SCHEMA, STAGE1_NAMES, STAGE2_NAMES
    from tactful.core.gate import spoken_against

    try:
        scorer = artifact.load(artifact.bundled())
    except ModelUnusable:
        return None

    def words(stage: int, features: "Features") -> str:
        names = STAGE1_NAMES if stage == 1 else STAGE2_NAMES
        if features.schema != SCHEMA or not features.values.keys() >= set(names):
            return "recorded by another version"
        return spoken_against(stage, features, scorer).partition(", ")[0]

    return words
