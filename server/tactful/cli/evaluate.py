"""`tactful evaluate`: how good a gate is on projects or programmers that it was not trained on."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from tactful.cli.rows import (
    ManyValues,
    collect_rows,
    load_gate,
    progress_bar,
    source_options,
    training_packages_missing,
)

__all__ = ["evaluate"]


@click.command(cls=ManyValues)
@source_options
@click.option("--model", type=click.Path(path_type=Path), help="Folder of the gate. Default: the one that ships.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def evaluate(
    folders: tuple[Path, ...], files: tuple[Path, ...], stops: int, seed: int, model: Path | None, as_json: bool
) -> None:
    """Measure a gate on replayed code or recorded decisions.

    Give projects or programmers that the gate was not trained on, else the figures flatter it.

    Exit code 0: measured; 1: the gate cannot be used or there is nothing to judge by; 2: the command makes no sense.
    """
    if not folders and not files:
        raise click.UsageError("Nothing to judge by: give --replay FOLDER or --decisions FILE.")
    try:
        from tactful.acceptance.evaluate import evaluate as measure
    except ModuleNotFoundError as error:
        raise training_packages_missing(error) from None
    scorer = load_gate(model)
    with progress_bar() as progress:
        rows = collect_rows(folders, files, stops=stops, seed=seed, progress=progress)
    if not any(row.stage2 is not None for row in rows):
        click.echo("No suggestion was made, so there is nothing to judge by. Give more files or recordings.", err=True)
        sys.exit(1)
    found = measure(scorer, rows)
    click.echo(json.dumps(found) if as_json else _table(found))


def _table(found: Mapping[str, Any]) -> str:
    lines = [
        f"{found['n']} suggestions at {found['moments']} moments of {found['users']} projects or programmers, "
        f"{found['wanted']} wanted",
        "",
        f"{'':22}{'AUROC':>8}{'AUPRC':>8}{'ECE':>8}{'Brier':>8}{'hidden*':>9}",
    ]
    keys = ("auroc", "auprc", "ece", "brier", "unwanted_hidden_at_5pct_lost")
    for name, figures in (("before generation", found["stage1"]), ("with the suggestion", found)):
        lines.append(f"{name:22}" + "".join(f"{_number(figures[key]):>{9 if key == keys[-1] else 8}}" for key in keys))
    lines += ["* unwanted suggestions hidden when 5% of the wanted ones are lost, read from these very rows", ""]
    lines.append(
        f"{'mode':10}{'wanted lost':>13}{'unwanted hidden':>17}{'wanted among shown':>20}{'not generated':>15}"
    )
    for mode, figures in found["modes"].items():
        parts = [figures[key] for key in ("wanted_lost", "unwanted_hidden", "shown_precision", "not_generated")]
        cells = [f"{_number(part):>{width}}" for part, width in zip(parts, (13, 17, 20, 15), strict=True)]
        lines.append(f"{mode:10}" + "".join(cells))
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
