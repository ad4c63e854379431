"""Repairs on offer: kept by id until the document changes, and handed out as edits that the user confirms."""

import uuid
from dataclasses import dataclass

from lsprotocol import types

from tactful.core.text import Document
from tactful.lsp.convert import range_at
from tactful.verify import Offer, VerifyResult

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
    """The repairs that were last found for each document, the most likely first; they differ in what they do."""

    def __init__(self) -> None:
        self._by_uri: dict[str, tuple[OfferedFix, ...]] = {}

    def add(self, document: Document, result: VerifyResult) -> OfferedFix | None:
        """Keep the fixes that `result` offers in place of those before, and return the most likely one."""
        self._by_uri.pop(document.uri, None)
        found = tuple(_offered(document, result, offer) for offer in result.offers)
        if found:
            self._by_uri[document.uri] = found
        return found[0] if found else None

    def of(self, document: Document) -> tuple[OfferedFix, ...]:
        """Return the fixes on offer for this text; none once the text has changed."""
        offers = self._by_uri.get(document.uri, ())
        return offers if offers and offers[0].document.text == document.text else ()

    def is_fulfilled_by(self, document: Document) -> bool:
        """Return whether a fix on offer has just been made in this text, however it got there."""
        return any(document.text == _applied(offer) for offer in self._by_uri.get(document.uri, ()))

    def drop(self, uri: str) -> None:
        """Withdraw the offers for a document."""
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


def _offered(document: Document, result: VerifyResult, offer: Offer) -> OfferedFix:
    return OfferedFix(
        fix_id=uuid.uuid4().hex,
        document=document,
        start=offer.start,
        end=offer.end,
        new_text=offer.new_text,
        title=f"Tactful: apply fix {offer.description}",
        evidence=_evidence(result, offer),
    )


def _applied(offer: OfferedFix) -> str:
    before = offer.document.text
    return before[: offer.start] + offer.new_text + before[offer.end :]


def _evidence(result: VerifyResult, offer: Offer) -> str:
    """Return what vouches for an offer; what its own evidence says first, the counts say again and better."""
    found = result.evidence
    failed, passing = len(found.tests_before.failed), len(found.tests_after.passed)
    counts = f"{failed} of {passing} near tests failed before, all pass with it; {found.candidates} candidates tried"
    return ". ".join([counts, *offer.evidence[1:]])


def asks_itself(capabilities: types.ClientCapabilities) -> bool:
    """Return whether the editor shows an edit for confirmation when it is annotated so."""
    supported = capabilities.workspace.workspace_edit if capabilities.workspace else None
    return bool(supported and supported.document_changes and supported.change_annotation_support)
