"""The values that travel through the pipeline, each frozen; see docs/architecture.md for who makes which.

Nothing here knows of the editor's protocol, of files or of the clock: times are given as seconds since some fixed
moment, places as offsets into the document's text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tactful.core.memory import NO_MEMORY, Memory
from tactful.core.text import Document

__all__ = [
    "Completion",
    "CompletionRequest",
    "CursorContext",
    "Decision",
    "EgressEntry",
    "Features",
    "History",
    "Outcome",
    "PartKind",
    "Prompt",
    "PromptPart",
    "Rhythm",
    "Skipped",
    "Stage",
    "Suggestion",
    "SyntaxFacts",
]


class Stage(StrEnum):
    """Where in the pipeline a request ended."""

    CONTEXT = "context"  # suggestions are off here (language, mode, document too large)
    GATE1 = "gate1"  # not worth generating
    BACKEND = "backend"  # nothing was generated
    POSTPROCESS = "postprocess"  # what was generated cannot be shown
    GATE2 = "gate2"  # not worth showing
    SHOWN = "shown"


class Outcome(StrEnum):
    """What became of a suggestion that was sent to the editor."""

    ACCEPTED = "accepted"  # taken whole
    PARTLY_ACCEPTED = "partly_accepted"  # taken by word or line
    TYPED_THROUGH = "typed_through"  # the programmer typed the same text by hand
    REJECTED = "rejected"  # the programmer typed something else, or deleted
    IGNORED = "ignored"  # the cursor went elsewhere
    UNSEEN = "unseen"  # replaced or gone before a person could have read it


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxFacts:
    """What the syntax tree says of one offset; all defaults where the language has no grammar here."""

    known: bool = False
    node_type: str = ""  # the smallest named node around the cursor
    parent_type: str = ""
    in_string: bool = False
    in_comment: bool = False
    in_error: bool = False  # the tree has an error on the cursor's line
    error_near: bool = False  # the tree has an error within five lines of it
    depth: int = 0  # named ancestors of the cursor
    in_function: bool = False
    in_class: bool = False
    open_brackets: int = 0  # unclosed ([{ around the cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How the programmer has been typing in this document; None where it is not known yet."""

    ms_since_last_edit: float | None = None
    ms_between_edits: float | None = None  # mean over the last ten edits
    chars_in_run: int = 0  # characters typed since the last pause of a second or more
    deletions_in_last_ten: int = 0  # of the last ten edits, those that only removed text
    last_edit_length: int = 0  # characters that the last edit inserted (pasting shows here)
    undone_in_last_ten: int = 0  # of the last ten edits, those that took back one of the others


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What became of the last suggestions, newest last; at most ten."""

    outcomes: tuple[Outcome, ...] = ()
    s_since_last_shown: float | None = None
    s_since_last_accepted: float | None = None
    s_since_last_ended: float | None = None  # 0 while a suggestion is still on show
    last_uri: str = ""  # the document of the last suggestion
    before_last: str = ""  # its text before the last suggestion, with what was taken of that
    last_rejected: str = ""  # the text that was turned down last


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorContext:
    """One moment: the document, the cursor, and what is known around it, taken before the first await."""

    document: Document
    offset: int
    path: str | None  # file system path, None for a document that was never saved
    automatic: bool  # False when the programmer asked for the suggestion
    line_before: str  # the cursor's line, before the cursor
    line_after: str  # the cursor's line, after the cursor
    syntax: SyntaxFacts
    rhythm: Rhythm = Rhythm()
    history: History = History()
    memory: Memory = NO_MEMORY  # what was turned down in this session
    # What is on show and was typed through as far as the cursor; `end` is the cursor.
    standing: "Suggestion | None" = None
    asks_model: bool = False  # a language model will be asked, not the embedded engine
    # Where the suggestion begins when the editor's completion list has an entry selected: `document` then holds that
    # entry as if it had been accepted, `offset` is behind it, and the suggestion repeats it from here on.
    replace_from: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionRequest:
    """What a backend gets: the text around the cursor, and who is asking."""

    uri: str
    path: str | None
    language_id: str
    text: str
    offset: int
    max_candidates: int = 1
    rest_ms: float = (
        0.0  # how long the hand has to rest from now on before a source is asked that costs money or seconds
    )


class PartKind(StrEnum):
    """What a part of a prompt is, nearest to the cursor first."""

    PREFIX = "prefix"  # the document before the cursor
    SUFFIX = "suffix"  # the document after the cursor
    DEFINITION = "definition"  # of a name that is used at the cursor: signature and docstring
    SIMILAR = "similar"  # a chunk of another file that resembles the lines at the cursor
    EDIT = "edit"  # what was changed last elsewhere
    IMPORTS = "imports"  # the document's imports, where the prefix begins below them
    TEST = "test"  # a test that mentions what is being written


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptPart:
    """One piece of what a model is told; `text` may leave the machine as it is: secrets are placeholders already."""

    kind: PartKind
    path: str  # relative to the workspace's folder, "/" between names; the file's name alone outside of it
    text: str
    why: str  # for people: "defines `Account`, used on this line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """All that a model may be told for one request: nothing of ignored files, secrets replaced by placeholders.

    `parts` begin with exactly one PREFIX and one SUFFIX; the others follow, the nearest first, which matters most.
    """

    parts: tuple[PromptPart, ...]
    redactions: int  # secrets that were replaced, in all parts

    @property
    def prefix(self) -> str:
        """Return the text before the cursor, as much as fits the budget."""
        return self.parts[0].text

    @property
    def suffix(self) -> str:
        """Return the text after the cursor, as much as fits the budget."""
        return self.parts[1].text

    @property
    def context(self) -> tuple[PromptPart, ...]:
        """Return the parts from elsewhere, the nearest first."""
        return self.parts[2:]

    @property
    def files(self) -> tuple[str, ...]:
        """Return the paths that take part, each once."""
        return tuple(dict.fromkeys(part.path for part in self.parts if part.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressEntry:
    """One request that left the machine; never any source text."""

    at: float  # seconds since the epoch
    host: str  # name and port
    bytes_sent: int  # of the request's body
    files: tuple[str, ...]
    redactions: int
    outcome: str = ""  # for people: "answered", "cancelled", "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One candidate from a backend: the text to insert at the cursor, and how sure the backend is.

    `token_logprobs` are natural logarithms, one for each token of `text`; `probability` is the backend's own estimate
    that the whole text is right, in [0, 1].
    """

    text: str
    probability: float
    token_logprobs: tuple[float, ...] = ()
    source: str = ""  # where the text came from: "document", "workspace", "environment", "model"
    match_length: int = 0  # tokens of context that matched at the first token
    count: int = 0  # how often that context was seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What a gate model scores: named numbers under a versioned schema; NaN where a value is not known."""

    schema: int
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Why a request shows nothing: the stage that ended it, the reason for people, the score if there was one."""

    stage: Stage
    reason: str
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What is shown: replace `start`..`end` (offsets) of that version by `text`."""

    suggestion_id: str
    start: int
    end: int
    text: str
    completion: Completion


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One request from end to end, as it is recorded: shown or skipped, with all that was scored.

    `propensity` is the probability with which the gate would have shown the suggestion (1.0 for every shown and 0.0 for
    every hidden one unless exploration is on). Suggestions and the completion hold source text: they stay in memory.
    """

    decision_id: str  # the suggestion's id when one is shown
    uri: str
    language_id: str
    decided_at: float  # seconds since the epoch: when it was shown, else when it was asked for
    mode: str
    automatic: bool
    stage: Stage
    reason: str
    suggestion: Suggestion | None
    alternatives: tuple[Suggestion, ...] = ()  # further ones to cycle through, under the same id
    completion: Completion | None = None  # what was generated, shown or not
    stage1_features: Features | None = None
    stage1_score: float | None = None
    stage2_features: Features | None = None
    stage2_score: float | None = None
    propensity: float = 1.0
    ms_by_stage: Mapping[str, float] = field(default_factory=dict)
