"""`tactful replay`: what a programmer would meet who typed the files of a project, with and without the gate."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tactful.cli.rows import collect_rows, load_gate, progress_bar

if TYPE_CHECKING:
    from tactful.acceptance.policies import PolicyOutcome

__all__ = ["replay"]


@click.command()
@click.argument("folders", metavar="FOLDER...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--model", type=click.Path(path_type=Path), help="Folder of the gate. Default: the one that ships.")
@click.option("--stops", default=1500, show_default=True, help="Stops to make in each project.", type=click.IntRange(1))
@click.option("--seed", default=0, show_default=True, help="Same seed, same result.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def replay(folders: tuple[Path, ...], model: Path | None, stops: int, seed: int, as_json: bool) -> None:
    """Type through files of the projects and count what would be shown, by policy.

    A suggestion is kept when the file goes on with it, and an interruption when it does not. The files that are typed
    are left out of the index.

    Exit code 0: counted; 1: the gate cannot be used or the folders hold no Python to type; 2: the command makes no
    sense.
    """
    from tactful.acceptance.policies import compare_policies

    scorer = load_gate(model)
    with progress_bar() as progress:
        rows = collect_rows(folders, (), stops=stops, seed=seed, progress=progress)
    if not rows:
        click.echo("There is no Python file of 30 lines or more to type through.", err=True)
        sys.exit(1)
    found = compare_policies(scorer, rows)
    if as_json:
        click.echo(json.dumps({"moments": len(rows), "policies": {name: asdict(one) for name, one in found.items()}}))
    else:
        click.echo(f"{len(rows)} stops while typing\n\n{_table(found)}")


def _table(found: "Mapping[str, PolicyOutcome]") -> str:
    names = ("generated", "shown", "kept", "interruptions", "kept of shown", "characters saved")
    lines = [f"{'policy':10}" + "".join(f"{name:>{len(name) + 3}}" for name in names)]
    for policy, one in found.items():
        share = f"{one.kept / one.shown:.2f}" if one.shown else "-"
        cells = (one.generated, one.shown, one.kept, one.interruptions, share, one.saved_chars)
        lines.append(
            f"{policy:10}" + "".join(f"{cell:>{len(name) + 3}}" for name, cell in zip(names, cells, strict=True))
        )
    return "\n".join(lines)
