"""`tactful egress`: what left this machine, request by request, as the egress log has it."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from tactful import paths

if TYPE_CHECKING:
    from tactful.core.types import EgressEntry

__all__ = ["egress", "summary"]


@click.command()
@click.option("--last", default=20, show_default=True, type=click.IntRange(1), help="How many requests to show.")
@click.option("--json", "as_json", is_flag=True, help="Print one object a line, with times in seconds since 1970.")
def egress(last: int, as_json: bool) -> None:
    """Show what left this machine for a model server: when, to where, how many bytes, of which files.

    The log holds no source text; secrets had been replaced in what was sent.
    """
    from tactful.privacy.egress import read_egress

    entries = read_egress(paths.egress_log())
    for entry in entries[-last:]:
        click.echo(json.dumps(asdict(entry)) if as_json else _line(entry))
    if not as_json:
        click.echo(summary(entries) if entries else "nothing has left this machine")


def summary(entries: "Sequence[EgressEntry]") -> str:
    """Return all of `entries` (at least one) in one line."""
    hosts = Counter(entry.host for entry in entries)
    sent = sum(entry.bytes_sent for entry in entries)
    redacted = sum(entry.redactions for entry in entries)
    since = datetime.fromtimestamp(entries[0].at).astimezone()
    size = f"{sent / 1e6:.1f} MB" if sent >= 100_000 else f"{sent / 1e3:.1f} kB"
    return (
        f"{_counted(len(entries), 'request')} since {since:%Y-%m-%d %H:%M} to {', '.join(hosts)}: {size} sent, "
        f"{_counted(redacted, 'secret')} replaced"
    )


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' * (number != 1)}"


def _line(entry: "EgressEntry") -> str:
    at = datetime.fromtimestamp(entry.at).astimezone()
    head = f"{at:%Y-%m-%d %H:%M:%S}  {entry.host}  {entry.bytes_sent:,} bytes  {entry.outcome or '-'}"
    return f"{head}  {entry.redactions} redacted  {', '.join(entry.files) or '-'}"
