"""`tactful complete`: the suggestion at one place, with the gate's decision, outside any editor."""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tactful.cli.project import find_python, root_of

if TYPE_CHECKING:
    from tactful.backends.local import Engine
    from tactful.core.text import Document
    from tactful.core.types import Completion, CompletionRequest, Decision

__all__ = ["complete"]


@click.command()
@click.argument("place", metavar="FILE:LINE:COL")
@click.option("--root", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The workspace's folder.")
@click.option(
    "--mode",
    type=click.Choice(["off", "eager", "balanced", "quiet"]),
    default="off",
    show_default=True,
    help="How the gate decides, as while typing; `off` prints whatever the engine has.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one object with the decision, scores and times.")
@click.option("--show-prompt", is_flag=True, help="Print what a model would be sent here, and why. Nothing is sent.")
@click.option("--model", default="qwen2.5-coder", show_default=True, help="Its name, for --show-prompt.")
@click.option(
    "--base-url", default="http://localhost:8080/v1", show_default=True, help="Its address, for --show-prompt."
)
@click.option("--template", default="auto", show_default=True, help="How it is asked, for --show-prompt.")
@click.option("--context-chars", default=6000, show_default=True, type=click.IntRange(0), help="Budget of the prompt.")
def complete(
    place: str,
    root: Path | None,
    mode: str,
    as_json: bool,
    show_prompt: bool,
    model: str,
    base_url: str,
    template: str,
    context_chars: int,
) -> None:
    """Print the suggestion at one place of a file.

    LINE and COL count from 1, as editors show them; the suggestion goes in before column COL. The text behind the place
    counts too. Exit code 0: a suggestion was printed; 1: there is none; 2: the place makes no sense.
    """
    path, line, column = _parse(place)
    document, offset = _place(path, line, column)
    workspace = (root or root_of(path)).resolve()
    if show_prompt:
        from tactful.cli.show_prompt import Model
        from tactful.cli.show_prompt import show_prompt as show

        asked = Model(model, base_url, template, context_chars)
        sys.exit(0 if show(_request(path, document, offset), workspace, asked, as_json=as_json) else 1)
    decision = asyncio.run(_decide(path, document, offset, workspace, mode))
    shown = decision.suggestion
    if as_json:
        click.echo(json.dumps(_plain(decision), indent=1))
    elif shown is not None:
        click.echo(shown.text)
    else:
        click.echo(f"no suggestion: {decision.reason}", err=True)
    sys.exit(0 if shown is not None else 1)


class _InProcess:
    """The engine as the pipeline's backend, in this very process."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine

    async def complete(self, request: "CompletionRequest") -> "Sequence[Completion]":
        return self._engine.complete(request)


async def _decide(path: Path, document: "Document", offset: int, root: Path, mode: str) -> "Decision":
    from tactful import paths
    from tactful.acceptance import artifact
    from tactful.backends.local import Engine
    from tactful.core.context import context_at
    from tactful.core.gate import GatePolicy
    from tactful.core.pipeline import Ports, suggest
    from tactful.core.syntax import parse
    from tactful.core.types import History, Rhythm
    from tactful.lsp.clock import SystemClock

    engine = Engine.open(cache_dir=paths.cache_dir(), roots=[root], python=find_python(root))
    engine.set_document(document.uri, str(path), document.language_id, document.text)
    ctx = context_at(
        document,
        offset,
        path=str(path),
        automatic=mode != "off",  # what is asked for by hand is never hidden; a mode is asked for to see it hide
        tree=parse(document, None),
        rhythm=Rhythm(),
        history=History(),
    )
    scorer = None if mode == "off" else artifact.load(artifact.bundled())
    ports = Ports(backend=_InProcess(engine), scorer=scorer, clock=SystemClock())
    return await suggest(ctx, ports=ports, policy=GatePolicy(mode=mode), decision_id="command-line", draw=1.0)


def _place(path: Path, line: int, column: int) -> "tuple[Document, int]":
    from tactful.core.languages import language_of_path
    from tactful.core.text import open_document

    known = language_of_path(path.name)
    language = known.ids[0] if known else path.suffix.lstrip(".") or "plaintext"
    document = open_document(path.as_uri(), language, 0, _read(path))
    if line > len(document.line_starts):
        raise click.BadParameter(f"{path} has {len(document.line_starts)} lines", param_hint="FILE:LINE:COL")
    offset = document.line_starts[line - 1] + column - 1
    if offset > document.line_end(line - 1):
        length = document.line_end(line - 1) - document.line_starts[line - 1]
        raise click.BadParameter(f"line {line} of {path} ends at column {length + 1}", param_hint="FILE:LINE:COL")
    return document, offset


def _request(path: Path, document: "Document", offset: int) -> "CompletionRequest":
    from tactful.core.types import CompletionRequest

    return CompletionRequest(
        uri=document.uri, path=str(path), language_id=document.language_id, text=document.text, offset=offset
    )


def _parse(place: str) -> tuple[Path, int, int]:
    name, line, column = [*place.rsplit(":", 2), "", ""][:3]
    if not (line.isdecimal() and column.isdecimal() and int(line) > 0 and int(column) > 0):
        raise click.BadParameter(
            "write FILE:LINE:COL, both from 1, for example app.py:12:5", param_hint="FILE:LINE:COL"
        )
    return Path(name).absolute(), int(line), int(column)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise click.BadParameter(f"{path} cannot be read: {error.strerror}", param_hint="FILE:LINE:COL") from error
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{path} is not UTF-8", param_hint="FILE:LINE:COL") from error


def _plain(decision: "Decision") -> dict[str, Any]:
    completion = decision.completion
    return {
        "suggestion": decision.suggestion.text if decision.suggestion else None,
        "stage": str(decision.stage),
        "reason": decision.reason,
        "stage1_score": decision.stage1_score,
        "stage2_score": decision.stage2_score,
        "probability": completion.probability if completion else None,
        "source": completion.source if completion else None,
        "ms_by_stage": decision.ms_by_stage,
    }
