"""What is open and what is going on: documents, their syntax trees, the request in flight of each, what was decided.

Knows no protocol messages: text arrives as edits. Documents are immutable, so whoever holds one may await in peace.
"""

import asyncio
from collections import OrderedDict

from tactful.core.syntax import SyntaxTree, parse
from tactful.core.text import Document, Edit, apply_edit
from tactful.core.types import Decision
from tactful.feedback.rhythm import RhythmTracker

__all__ = ["Session"]

_DECISIONS_KEPT = 50


class Session:
    """The state of one client's connection."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.rhythm = RhythmTracker()
        self.paused_until = 0.0  # on the monotonic clock
        self._trees: dict[str, SyntaxTree] = {}
        self._in_flight: dict[str, asyncio.Task[object]] = {}
        self._decisions: OrderedDict[str, Decision] = OrderedDict()

    def open(self, document: Document) -> None:
        """Take in a document; its text wins over the file on disk until it is closed."""
        self.documents[document.uri] = document

    def edit(self, uri: str, edit: Edit, version: int) -> Document:
        """Apply an edit to an open document and return the new version. Raises KeyError if it is not open."""
        document = self.documents[uri] = apply_edit(self.documents[uri], edit, version)
        return document

    def close(self, uri: str) -> None:
        """Forget a document and end its request in flight."""
        self.documents.pop(uri, None)
        self._trees.pop(uri, None)
        if task := self._in_flight.pop(uri, None):
            task.cancel()

    def tree(self, document: Document, offset: int) -> SyntaxTree | None:
        """Return the syntax tree around an offset, parsed from the tree before it where there is one."""
        tree = parse(document, self._trees.get(document.uri), offset)
        if tree is not None and self.documents.get(document.uri) is document:
            self._trees[document.uri] = tree
        return tree

    def supersede(self, uri: str) -> None:
        """Make the running task the one request in flight for `uri`; the one before it is cancelled."""
        before, task = self._in_flight.pop(uri, None), asyncio.current_task()
        if before is not None and before is not task and not before.done():
            before.cancel()
        if task is not None:
            self._in_flight[uri] = task
            task.add_done_callback(lambda done: self._forget(uri, done))

    def remember(self, decision: Decision) -> None:
        """Keep a decision for `explain`; the last fifty are kept."""
        self._decisions[decision.decision_id] = decision
        while len(self._decisions) > _DECISIONS_KEPT:
            self._decisions.popitem(last=False)

    def decision(self, decision_id: str) -> Decision | None:
        """Return a decision that is still remembered."""
        return self._decisions.get(decision_id)

    def last_decision(self, uri: str | None = None) -> Decision | None:
        """Return the newest decision, of one document if `uri` is given."""
        newest_first = reversed(self._decisions.values())
        return next((decision for decision in newest_first if uri is None or decision.uri == uri), None)

    def _forget(self, uri: str, task: asyncio.Task[object]) -> None:
        if self._in_flight.get(uri) is task:
            del self._in_flight[uri]
