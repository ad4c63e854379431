"""A programmer at work: one document, a cursor, a suggestion on show and a clock that is turned by hand."""

from tactful.core.text import Edit, apply_edit, open_document
from tactful.core.types import Completion, Outcome, Suggestion
from tactful.feedback.outcomes import OutcomeEvent, OutcomeTracker

URI = "file:///a.py"


class Scene:
    """`source` has a `|` where the cursor is; a suggestion replaces the last `covers` characters before it."""

    def __init__(self, source: str, suggested: str = "", *, covers: int = 0) -> None:
        self.cursor = source.index("|")
        self.document = open_document(URI, "python", 1, source.replace("|", ""))
        self.tracker = OutcomeTracker()
        self.events: list[OutcomeEvent] = []
        self.at = 100.0
        if suggested:
            self.show("s1", suggested, covers=covers)
            self.wait(1)

    def show(self, suggestion_id: str, text: str, *, covers: int = 0) -> None:
        start = self.cursor - covers
        completion = Completion(text=text[covers:], probability=0.5)
        suggestion = Suggestion(
            suggestion_id=suggestion_id, start=start, end=self.cursor, text=text, completion=completion
        )
        self.events += self.tracker.shown(suggestion, self.document, self.at)

    def wait(self, seconds: float) -> None:
        self.at += seconds

    def edit(self, start: int, end: int, text: str) -> None:
        edit = Edit(start=start, end=end, text=text)
        self.document = apply_edit(self.document, edit, self.document.version + 1)
        self.cursor = start + len(text)
        self.events += self.tracker.changed(URI, edit, self.document, self.at)

    def insert(self, text: str) -> None:
        self.edit(self.cursor, self.cursor, text)

    def type(self, text: str) -> None:
        for character in text:
            self.insert(character)

    def type_pair(self, pair: str) -> None:
        """As an editor that closes brackets by itself: both characters, the cursor between them."""
        self.insert(pair)
        self.cursor -= 1

    def backspace(self, count: int = 1) -> None:
        for _ in range(count):
            self.edit(self.cursor - 1, self.cursor, "")

    def delete_word(self, count: int) -> None:
        self.edit(self.cursor - count, self.cursor, "")

    def command(self, suggestion_id: str = "s1") -> None:
        self.events += self.tracker.accepted(suggestion_id, self.at)

    def ask(self, offset: int, uri: str = URI) -> None:
        self.events += self.tracker.asked_elsewhere(uri, offset, self.at)

    def close(self) -> None:
        self.events += self.tracker.closed(URI, self.at)

    def told(self) -> list[tuple[str, Outcome, int]]:
        return [(event.suggestion_id, event.outcome, event.accepted_chars) for event in self.events]
