"""`tactful replay`: what a programmer would meet who typed the files of a project, under several policies."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import click
from rich.progress import Progress

from tactful.cli.rows import can_be_typed, collect_rows, files_to_type, library_projects, load_gate, progress_bar
from tactful.config import GateSettings

if TYPE_CHECKING:
    from tactful.acceptance.policies import Policy
    from tactful.acceptance.simulate import Tally
    from tactful.core.ports import Scorer

__all__ = ["replay"]

_FIT_STOPS = 200
_folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("folders", metavar="FOLDER...", nargs=-1, required=True, type=_folder)
@click.option("--model", type=click.Path(path_type=Path), help="Folder of the gate. Default: the one that ships.")
@click.option("--lines", default=200, show_default=True, help="Lines to type in each project.", type=click.IntRange(1))
@click.option("--seed", default=0, show_default=True, help="Same seed, same result.")
@click.option(
    "--max-lost",
    default=GateSettings().max_lost_accepts,
    show_default=True,
    type=click.FloatRange(0, 0.5),
    help="As the setting gate.maxLostAccepts.",
)
@click.option(
    "--max-delay-ms",
    default=GateSettings().max_delay_ms,
    show_default=True,
    type=click.FloatRange(0, 5000),
    help="As the setting gate.maxDelayMs.",
)
@click.option(
    "--fit",
    multiple=True,
    type=_folder,
    help="Projects for the published policies to learn from. Default: packages of the standard library.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def replay(
    folders: tuple[Path, ...],
    model: Path | None,
    lines: int,
    seed: int,
    max_lost: float,
    max_delay_ms: float,
    fit: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Type through files of the projects as a programmer would, by the clock, and compare policies.

    The programmer reads what appears and stays for a quarter of a second, takes what the file goes on with, and types
    on otherwise; all policies meet the same key presses. The files that are typed are left out of the index. Published
    policies are compared with where scikit-learn is installed.

    Exit code 0: counted; 1: the gate cannot be used or the folders hold no Python to type; 2: the command makes no
    sense.
    """
    from tactful.acceptance.policies import Always, Remembering, gate_policies

    scorer = Remembering(scorer=load_gate(model))
    if not any(map(can_be_typed, folders)):
        click.echo("There is no Python file of 30 lines or more to type through.", err=True)
        sys.exit(1)
    with progress_bar() as progress:
        policies: dict[str, Policy] = {
            "never": Always(share=0),
            "always": Always(),
            **_published(scorer, fit or library_projects(), seed, progress),
            **gate_policies(scorer, max_lost=max_lost, max_delay_ms=max_delay_ms),
        }
        files = _type(folders, policies, lines, seed, progress)
    found = {name: _figures([file[name] for file in files], [file["never"] for file in files]) for name in policies}
    typed = sum(file["never"].lines for file in files)
    if as_json:
        click.echo(json.dumps({"lines": typed, "files": len(files), "policies": found}))
    else:
        click.echo(f"{typed} lines in {len(files)} files; per 100 lines:\n\n{_table(found)}")


def _published(scorer: "Scorer", folders: Sequence[Path], seed: int, progress: Progress) -> "Mapping[str, Policy]":
    try:
        from tactful.acceptance.published import published_policies
    except ModuleNotFoundError:
        return {}
    return published_policies(
        scorer, collect_rows(folders, (), stops=_FIT_STOPS, seed=seed, progress=progress), seed=seed
    )


def _type(
    folders: Sequence[Path], policies: "Mapping[str, Policy]", lines: int, seed: int, progress: Progress
) -> "list[Mapping[str, Tally]]":
    """Return what each policy did in each file."""
    from tactful.acceptance.simulate import simulate_file

    found = []
    for folder in folders:
        random = Random(f"{seed} {folder.name}")  # noqa: S311 no secret depends on it
        typed, engine = files_to_type(folder, random) or ([], None)
        task = progress.add_task(f"typing through {folder.name}", total=len(typed))
        for source in typed:
            if engine is not None:
                found.append(simulate_file(source, engine, policies, random, lines=-(-lines // len(typed))))
            progress.advance(task)
    return found


def _figures(tallies: "Sequence[Tally]", never: "Sequence[Tally]") -> Mapping[str, float]:
    """Return one policy's figures per 100 lines, and the standard error over files of the seconds it saves."""
    from tactful.acceptance.simulate import Tally

    total = sum(tallies, Tally())
    saved = [without.seconds - one.seconds for one, without in zip(tallies, never, strict=True)]
    lines = [one.lines for one in tallies]
    rate = sum(saved) / total.lines
    spread = sum((seconds - rate * count) ** 2 for seconds, count in zip(saved, lines, strict=True))
    files = len(tallies)
    error = (spread * files / max(1, files - 1)) ** 0.5 / total.lines
    counts = {
        "asked": total.asked,
        "generations_saved": total.asked - total.generated,
        "shown": total.shown,
        "kept": total.kept,
        "interruptions": total.interruptions,
        "kept_chars": total.kept_chars,
        "lines_helped": total.lines_helped,
        "seconds_reading": total.reading_s,
    }
    figures = {name: 100 * value / total.lines for name, value in counts.items()}
    return {**figures, "seconds_saved": 100 * rate, "seconds_saved_error": 100 * error}


def _table(found: Mapping[str, Mapping[str, float]]) -> str:
    titles = {
        "shown": "shown",
        "kept": "kept",
        "interruptions": "interruptions",
        "lines_helped": "lines helped",
        "kept_chars": "characters kept",
        "generations_saved": "generations saved",
    }
    lines = [f"{'policy':17}" + "".join(f"{title:>{len(title) + 2}}" for title in titles.values()) + "  seconds saved"]
    for policy, one in found.items():
        cells = "".join(f"{one[name]:>{len(title) + 2}.1f}" for name, title in titles.items())
        lines.append(f"{policy:17}{cells}{one['seconds_saved']:>9.1f} ± {one['seconds_saved_error']:.1f}")
    return "\n".join(lines)
