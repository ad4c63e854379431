"""Repairs on offer: kept by id until the document changes, and handed out as edits that the user confirms."""

import uuid
from dataclasses import dataclass

from lsprotocol import types

from tactful.core.text import Document
from tactful.lsp.convert import range_at
from tactful.verify import VerifyResult

__all__ = ["OfferedFix", "Offers", "workspace_edit"]

_ANNOTATION = "tactful-fix"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedFix:
    """A repair of one version of a document, with the sentence that vouches for it."""

    fix_id: str
    document: Document
    start: int
    end: int
    new_text: str
    title: str
    evidence: str


class Offers:
    """The last repair found for each document."""

    def __init__(self) -> None:
        self._by_uri: dict[str, OfferedFix] = {}

    def add(self, document: Document, result: VerifyResult) -> OfferedFix | None:
        """Keep the fix that `result` offers, if it does; it replaces the one before."""
        self._by_uri.pop(document.uri, None)
        if not result.offers:
            return None
        fix = result.offers[0]
        offer = OfferedFix(
            fix_id=uuid.uuid4().hex,
            document=document,
            start=fix.start,
            end=fix.end,
            new_text=fix.new_text,
            title=f"Tactful: apply fix {fix.description}",
            evidence=_evidence(result),
        )
        self._by_uri[document.uri] = offer
        return offer

    def of(self, document: Document) -> OfferedFix | None:
        """Return the fix on offer for this text; None once the text has changed."""
        offer = self._by_uri.get(document.uri)
        return offer if offer is not None and offer.document.text == document.text else None

    def is_fulfilled_by(self, document: Document) -> bool:
        """Return whether the fix on offer has just been made in this text, however it got there."""
        offer = self._by_uri.get(document.uri)
        if offer is None:
            return False
        before = offer.document.text
        return document.text == before[: offer.start] + offer.new_text + before[offer.end :]

    def drop(self, uri: str) -> None:
        """Withdraw the offer for a document."""
        self._by_uri.pop(uri, None)


def workspace_edit(
    offer: OfferedFix, version: int | None, encoding: str, capabilities: types.ClientCapabilities
) -> types.WorkspaceEdit:
    """Return the fix as an edit that the editor shows for confirmation where it can (see `asks_itself`)."""
    covered = range_at(offer.document, offer.start, offer.end, encoding)
    uri = offer.document.uri
    supported = capabilities.workspace.workspace_edit if capabilities.workspace else None
    if supported is None or not supported.document_changes:
        return types.WorkspaceEdit(changes={uri: [types.TextEdit(range=covered, new_text=offer.new_text)]})
    document = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version)
    if not asks_itself(capabilities):
        plain = types.TextEdit(range=covered, new_text=offer.new_text)
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(text_document=document, edits=[plain])])
    edit = types.AnnotatedTextEdit(annotation_id=_ANNOTATION, range=covered, new_text=offer.new_text)
    note = types.ChangeAnnotation(label=offer.title, description=offer.evidence, needs_confirmation=True)
    return types.WorkspaceEdit(
        document_changes=[types.TextDocumentEdit(text_document=document, edits=[edit])],
        change_annotations={_ANNOTATION: note},
    )


def _evidence(result: VerifyResult) -> str:
    found = result.evidence
    failed, passing = len(found.tests_before.failed), len(found.tests_after.passed)
    return f"{failed} of {passing} near tests failed before, all pass with it; {found.candidates} candidates tried"


def asks_itself(capabilities: types.ClientCapabilities) -> bool:
    """Return whether the editor shows an edit for confirmation when it is annotated so."""
    supported = capabilities.workspace.workspace_edit if capabilities.workspace else None
    return bool(supported and supported.document_changes and supported.change_annotation_support)
