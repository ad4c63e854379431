"""`tactful complete --show-prompt`: what a model would be sent at one place, part by part with the reason for each."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from tactful.cli.console import task

if TYPE_CHECKING:
    from tactful.core.types import CompletionRequest, Prompt, Skipped

__all__ = ["Model", "show_prompt"]


class Model(NamedTuple):
    """The model that would be asked; what it is sent depends on its name and address. Nothing is sent."""

    name: str
    base_url: str
    template: str
    context_chars: int


def show_prompt(request: "CompletionRequest", root: Path, model: Model, *, as_json: bool) -> bool:
    """Print the prompt for a request in the workspace `root`; False, with the reason, when nothing would be sent."""
    from tactful.core.types import Skipped

    prompt = _gathered(request, root, model.context_chars)
    if isinstance(prompt, Skipped):
        click.echo(f"nothing would be sent: {prompt.reason}", err=True)
        return False
    body = _body(request, prompt, model)
    if as_json:
        parts = [
            {"kind": str(part.kind), "path": part.path, "why": part.why, "text": part.text} for part in prompt.parts
        ]
        click.echo(json.dumps({"parts": parts, "redactions": prompt.redactions, "body": body}, indent=1))
        return True
    for part in prompt.parts:
        click.echo(click.style(f"== {part.kind}  {part.path}  {part.why}  ({len(part.text)} characters)", bold=True))
        click.echo(part.text)
    click.echo(click.style(f"== sent to {model.name}, {prompt.redactions} secrets replaced", bold=True))
    click.echo(json.dumps(body, indent=1, ensure_ascii=False))
    return True


def _gathered(request: "CompletionRequest", root: Path, context_chars: int) -> "Prompt | Skipped":
    from tactful import paths
    from tactful.privacy.ignored import IgnoreRules
    from tactful.privacy.redact import Redactor
    from tactful.retrieval.gather import Sources, gather
    from tactful.retrieval.indexing import bring_up_to_date, index_folder
    from tactful.retrieval.source import shown_path
    from tactful.retrieval.store import Reader

    index = index_folder(paths.cache_dir(), [root])
    with task("reading the workspace") as show:
        bring_up_to_date(index, [root], lambda done, total: show(f"{done} of {total} files", done / max(1, total)))
    sources = Sources(
        redactor=Redactor(),
        is_ignored=IgnoreRules([root]).now(),
        shown_path=lambda path: shown_path(path, [root, root.resolve()]),
        reader=Reader(index),
    )
    return gather(request, context_chars, sources)


def _body(request: "CompletionRequest", prompt: "Prompt", model: Model) -> dict[str, object]:
    """Return the first request's body; a server that refuses some of its wishes is asked again with fewer."""
    from tactful.backends.remote.call import call_for, way_of
    from tactful.backends.remote.ending import goal_at
    from tactful.backends.remote.settings import EndpointSettings

    way = way_of(EndpointSettings(base_url=model.base_url, model=model.name, template=model.template))
    goal = goal_at(request.text[: request.offset], request.text[request.offset :])
    return {"model": model.name, "stream": True, **call_for(way, prompt, request.language_id, goal).body_at(0)}
