"""textDocument/inlineCompletion: snapshot, convert in, call the pipeline, convert out."""

import asyncio
import logging
import random
import uuid
from dataclasses import replace

from lsprotocol import types
from pygls.uris import to_fs_path

from tactful.core.context import context_at
from tactful.core.pipeline import Ports, suggest
from tactful.core.text import Document, Edit, apply_edit
from tactful.core.types import CursorContext, Decision, Stage, Suggestion
from tactful.lsp.convert import offset_at, range_at
from tactful.lsp.extensions import ACCEPTED
from tactful.lsp.server import TactfulServer

__all__ = ["inline_completion"]

_log = logging.getLogger(__name__)


async def inline_completion(
    server: TactfulServer, params: types.InlineCompletionParams
) -> list[types.InlineCompletionItem]:
    """Answer with a suggestion and others to cycle through; a newer request cancels this one (-32800)."""
    uri = params.text_document.uri
    document = server.session.documents.get(uri)
    if document is None:
        return []
    server.session.supersede(uri)
    decision_id = uuid.uuid4().hex
    try:
        with server.status.thinking():
            decision = await suggest(
                _context(server, document, params),
                ports=Ports(backend=server.models.source, scorer=server.scorer, clock=server.clock),
                policy=server.policy,
                decision_id=decision_id,
                draw=random.random(),  # noqa: S311 exploration needs no secrecy
                off=_why_off(server, document),
            )
    except asyncio.CancelledError:
        _log.info("suggestion %s stage=cancelled", decision_id)
        raise
    if decision.suggestion is not None and server.session.documents.get(uri) is not document:
        decision = replace(decision, stage=Stage.BACKEND, reason="the text changed meanwhile", suggestion=None)
    if decision.decision_id == decision_id:  # else it goes on with one that is recorded already
        _remember(server, decision)
    if decision.suggestion is None:
        return []
    server.outcomes.shown(_as_typed(decision.suggestion, document, params, server.encoding), document)
    suggestions = (decision.suggestion, *decision.alternatives)
    return [_item(each, document, params, server.encoding) for each in suggestions]


def _why_off(server: TactfulServer, document: Document) -> str | None:
    if server.clock.monotonic() < server.session.paused_until:
        return "Tactful is paused"
    if not server.settings.languages.get(document.language_id, True):
        return f"suggestions are switched off for {document.language_id}"
    return None


def _context(server: TactfulServer, document: Document, params: types.InlineCompletionParams) -> CursorContext:
    offset = offset_at(document, params.position, server.encoding)
    server.outcomes.asked_elsewhere(document.uri, offset)
    rhythm = server.session.rhythm.rhythm(document.uri, server.clock.now())
    server.outcomes.pace.typed(rhythm.ms_between_edits)
    document, offset, replace_from = _with_selected(document, offset, params, server.encoding)
    return context_at(
        document,
        offset,
        path=to_fs_path(document.uri),
        automatic=params.context.trigger_kind == types.InlineCompletionTriggerKind.Automatic,
        tree=server.session.tree(document, offset),
        rhythm=rhythm,
        history=server.outcomes.history(),
        memory=server.outcomes.memory,
        asks_model=server.settings.backend.mode == "model" and server.settings.network == "allow",
        standing=None if replace_from is not None else _standing(server, document, offset),
        replace_from=replace_from,
    )


def _standing(server: TactfulServer, document: Document, offset: int) -> Suggestion | None:
    """Return the suggestion on show that was typed through as far as the cursor."""
    found = server.outcomes.standing(document, offset)
    decision = server.session.decision(found[0]) if found else None
    if found is None or decision is None or decision.suggestion is None:
        return None
    return replace(decision.suggestion, start=found[1], end=offset)


def _with_selected(
    document: Document, offset: int, params: types.InlineCompletionParams, encoding: str
) -> tuple[Document, int, int | None]:
    """Return document and offset as if the entry selected in the editor's completion list had been accepted."""
    selected = params.context.selected_completion_info
    if selected is None:
        return document, offset, None
    start = offset_at(document, selected.range.start, encoding)
    end = offset_at(document, selected.range.end, encoding)
    accepted = apply_edit(document, Edit(start=start, end=end, text=selected.text), document.version)
    return accepted, start + len(selected.text), start


def _item(
    suggestion: Suggestion, document: Document, params: types.InlineCompletionParams, encoding: str
) -> types.InlineCompletionItem:
    placed = _as_typed(suggestion, document, params, encoding)
    return types.InlineCompletionItem(
        insert_text=placed.text,
        filter_text=placed.text,
        range=range_at(document, placed.start, placed.end, encoding),
        command=types.Command(title="accepted", command=ACCEPTED, arguments=[placed.suggestion_id]),
    )


def _as_typed(
    suggestion: Suggestion, document: Document, params: types.InlineCompletionParams, encoding: str
) -> Suggestion:
    """Return the suggestion with its end in the text as it is, without the entry selected in the completion list."""
    selected = params.context.selected_completion_info
    return (
        suggestion if selected is None else replace(suggestion, end=offset_at(document, selected.range.end, encoding))
    )


def _remember(server: TactfulServer, decision: Decision) -> None:
    server.session.remember(decision)
    server.store.record_decision(decision)
    score = decision.stage1_score if decision.stage is Stage.GATE1 else decision.stage2_score
    _log.info(
        "suggestion %s stage=%s score=%s ms=%s reason=%s",
        decision.decision_id,
        decision.stage,
        "-" if score is None else f"{score:.3f}",
        ",".join(f"{stage}:{ms:.1f}" for stage, ms in decision.ms_by_stage.items()),
        decision.reason,
    )
