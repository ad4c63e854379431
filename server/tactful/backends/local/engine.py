"""The embedded engine in one process: open documents and index layers in, completions out.

It is synchronous and answers in milliseconds. It must not start processes, build an index or know of the editor.
"""

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tactful.backends.local.blocks import BlockLimits, Indentation, go_on
from tactful.backends.local.build import Source, build_segment
from tactful.backends.local.definitions import Definitions
from tactful.backends.local.document import Cursor, DocumentTokens, Raws
from tactful.backends.local.evidence import DiskLayer, Layer, MemoryLayer
from tactful.backends.local.files import read_source
from tactful.backends.local.model import BlendModel, default_model_path, load_model
from tactful.backends.local.quotes import in_own_quotes, own_quote
from tactful.backends.local.search import completion_of, find_lines, line_text
from tactful.backends.local.segment import Segment, load_segment
from tactful.backends.local.shapes import NameCodes
from tactful.backends.local.sight import Sight
from tactful.backends.local.tokens import Vocabulary, text_raws
from tactful.core.errors import IndexUnusable, ModelUnusable
from tactful.core.types import Completion, CompletionRequest

__all__ = ["LEAST_IN_PROSE", "LEAST_PROBABILITY", "MAX_CHARACTERS", "MAX_LINE", "Engine"]

MAX_CHARACTERS = 1_000_000  # longer documents get no completions
MAX_LINES = 50_000  # nor do documents of more lines
MAX_LINE = 1_000  # nor do lines of more characters
LEAST_PROBABILITY = 0.01  # of what is suggested at all
LEAST_IN_PROSE = 0.3  # of what is suggested inside strings and comments; see docs/engine.md

_MAX_DOCUMENTS = 32  # open documents that are kept as evidence, the last used first
_MAX_NEARBY = 150_000  # tokens of other documents that are searched
_MAX_WORDS = 400_000  # words in the vocabulary before it is started afresh


class Engine:
    """Completions from what is open and what is indexed."""

    def __init__(self, *, model: BlendModel | None = None, limits: BlockLimits | None = None) -> None:
        """Make an engine without layers; `model` None is the one that ships with Tactful."""
        self._model = model or _shipped_model()
        self.limits = limits or BlockLimits()
        self._vocabulary = Vocabulary()
        self._codes = NameCodes(self._vocabulary)
        self._documents: dict[str, DocumentTokens] = {}
        self._paths: dict[str, str] = {}  # path of each open document, by uri
        self._saved: dict[str, Raws] = {}  # files that changed on disk since their layer was built, by path
        self._languages: dict[str, str] = {}  # language id of each open document, by uri
        self._definitions = Definitions(self._open_text)
        self._layers: dict[Layer, DiskLayer] = {}
        self._nearby: tuple[str, MemoryLayer] | None = None

    @classmethod
    def open(cls, *, cache_dir: Path, roots: Sequence[Path], python: Path | None) -> "Engine":
        """Return an engine with those layers that are in the cache; see `indexing.build_index` for making them."""
        from tactful.backends.local.indexing import layer_files

        engine = cls()
        for layer, path in layer_files(cache_dir=cache_dir, roots=roots, python=python).items():
            try:
                engine.set_layer(layer, load_segment(path))
            except IndexUnusable:
                continue  # Not built yet, or to be built again: the engine answers from what there is.
        return engine

    @classmethod
    def from_files(
        cls, layers: dict[Layer, Sequence[Path]], *, leave_out: Iterable[Path] = (), max_tokens: int = 24_000_000
    ) -> "Engine":
        """Return an engine over files read now and kept in memory, without those in `leave_out`."""
        left_out = {str(path) for path in leave_out}
        engine = cls()
        for layer, paths in layers.items():
            sources = (
                Source(path=str(path), text=text)
                for path in paths
                if str(path) not in left_out and (text := read_source(path)) is not None
            )
            engine.set_layer(layer, Segment(build_segment(sources, max_tokens=max_tokens, meta={})))
        return engine

    def set_layer(self, layer: Layer, segment: Segment) -> None:
        """Answer from `segment` as `layer` from now on."""
        if layer is Layer.WORKSPACE:
            known = {entry.path: entry.mtime_ns for entry in segment.files}
            self._saved = {path: raws for path, raws in self._saved.items() if not _is_current(known, path)}
            self._nearby = None
        for path in [*self._paths.values(), *self._saved]:
            segment.mask(path)
        self._definitions.set_files(layer, [entry.path for entry in segment.files])
        self._layers[layer] = DiskLayer(layer, segment, self._vocabulary)

    def set_document(self, uri: str, path: str | None, language_id: str, text: str) -> None:
        """Take `text` as the content of the open document `uri`; its file on disk is left out of all answers."""
        if _is_huge(text):
            self.close_document(uri)
            return
        document = self._documents.pop(uri, None)
        if document is None:
            document = DocumentTokens(text, self._vocabulary)
            self._nearby = None
        elif text != document.text:
            document.update(text)
            if self._nearby is not None and self._nearby[0] != uri:
                self._nearby = None
        if path is not None and self._paths.get(uri) != path:
            self._paths[uri] = path
            self._mask(path)
        self._languages[uri] = language_id
        self._documents[uri] = document  # Now the last, so that the first is the one not used for longest.
        if len(self._documents) > _MAX_DOCUMENTS:
            self.close_document(next(iter(self._documents)))
        if len(self._vocabulary) > _MAX_WORDS:
            self._start_afresh()

    def close_document(self, uri: str) -> None:
        """Forget the open document; its file on disk counts again."""
        self._nearby = None
        self._documents.pop(uri, None)
        self._languages.pop(uri, None)
        path = self._paths.pop(uri, None)
        if path is not None and path not in self._saved and path not in self._paths.values():
            for layer in self._layers.values():
                layer.segment.unmask(path)

    def saved(self, path: str, text: str | None) -> None:
        """Take `text` as what `path` now holds on disk; None when the file is gone."""
        self._nearby = None
        self._saved.pop(path, None)
        self._definitions.forget(path)
        self._saved[path] = (
            np.array(text_raws(text, self._vocabulary), np.uint32)
            if text is not None and not _is_huge(text)
            else np.zeros(0, np.uint32)
        )
        self._mask(path)

    def complete(self, request: CompletionRequest) -> list[Completion]:
        """Return completions from the cursor on, best first; empty when there is nothing to say.

        The first may be a block of several lines, with "\\n" between them; the others are the rest of the line.
        """
        started = time.thread_time()
        if _is_huge(request.text) or not 0 <= request.offset <= len(request.text):
            return []
        if _line_length(request.text, request.offset) > MAX_LINE:
            return []
        self.set_document(request.uri, request.path, request.language_id, request.text)
        sight = self.sight(request.uri, self.cursor(request.uri, request.offset))
        least_logprob = math.log(LEAST_IN_PROSE if sight.in_prose else LEAST_PROBABILITY)
        lines = find_lines(sight, self._model, max_candidates=request.max_candidates, least_logprob=least_logprob)
        completions = [completion_of(line_text(line, sight), line) for line in lines]
        if lines and not sight.rest:
            indentation = _indentation(request.text, sight.cursor)
            block = go_on(lines[0], sight, self._model, indentation=indentation, limits=self.limits, started=started)
            completions = [block, *(each for each in completions if each.text != block.text)]
        if not sight.in_prose:
            quote = own_quote(sight.cursor, self._vocabulary, request.language_id)
            completions = [replace(each, text=in_own_quotes(each.text, quote)) for each in completions]
        return completions[: request.max_candidates]

    def cursor(self, uri: str, offset: int) -> Cursor:
        """Return the tokens around `offset` in the open document `uri`."""
        return self._documents[uri].at(offset)

    def sight(self, uri: str, cursor: Cursor) -> Sight:
        """Return all that is known at `cursor` in the open document `uri`."""
        return Sight(
            cursor=cursor,
            memory=[
                MemoryLayer(Layer.BEFORE, cursor.before),
                MemoryLayer(Layer.AFTER, cursor.after),
                self._nearby_layer(uri),
            ],
            disk=[self._layers[layer] for layer in sorted(self._layers)],
            vocabulary=self._vocabulary,
            codes=self._codes,
            definitions=self._definitions,
            language_id=self._languages.get(uri, ""),
            path=self._paths.get(uri),
            others=cursor.others,
        )

    def _open_text(self, path: str) -> str | None:
        """Return the text of the open document at `path`, None when there is none."""
        uri = next((uri for uri, known in self._paths.items() if known == path), None)
        return self._documents[uri].text if uri in self._documents else None

    def _nearby_layer(self, uri: str) -> MemoryLayer:
        if self._nearby is None or self._nearby[0] != uri:
            open_paths = set(self._paths.values())
            saved = [raws for path, raws in self._saved.items() if path not in open_paths]
            others = [document.raws for other, document in self._documents.items() if other != uri]
            self._nearby = (uri, MemoryLayer(Layer.NEARBY, _last_of([*saved, *others], _MAX_NEARBY)))
        return self._nearby[1]

    def _mask(self, path: str) -> None:
        for layer in self._layers.values():
            layer.segment.mask(path)

    def _start_afresh(self) -> None:
        """Number all words anew, so that a day of typing does not fill the memory."""
        before, self._vocabulary = self._vocabulary, Vocabulary()
        self._codes = NameCodes(self._vocabulary)
        self._nearby = None
        self._saved = {
            path: np.fromiter(before.raws_in(self._vocabulary, raws.tolist()), np.uint32, len(raws))
            for path, raws in self._saved.items()
        }
        texts = {uri: document.text for uri, document in self._documents.items()}
        self._documents = {uri: DocumentTokens(text, self._vocabulary) for uri, text in texts.items()}
        self._layers = {
            layer: DiskLayer(layer, known.segment, self._vocabulary) for layer, known in self._layers.items()
        }


def _shipped_model() -> BlendModel | None:
    try:
        return load_model(default_model_path())
    except ModelUnusable:
        return None  # Suggestions are worse without it, but still of use.


def _is_huge(text: str) -> bool:
    return len(text) > MAX_CHARACTERS or text.count("\n") + text.count("\r") > MAX_LINES


def _line_length(text: str, offset: int) -> int:
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    end = text.find("\n", offset)
    return (len(text) if end < 0 else end) - start


def _indentation(text: str, cursor: Cursor) -> Indentation:
    blanks = len(cursor.line_before) - len(cursor.line_before.lstrip())
    tabs = "\n\t" in text or "\r\t" in text
    return Indentation(base=cursor.line_before[:blanks], step="\t" if tabs else " " * cursor.unit, unit=cursor.unit)


def _last_of(parts: Sequence[Raws], limit: int) -> Raws:
    separator = np.zeros(1, np.uint32)
    joined = np.concatenate([separator, *(piece for part in parts for piece in (part, separator))], dtype=np.uint32)
    return joined[-limit:]


def _is_current(known: dict[str, int], path: str) -> bool:
    """Say whether an index with files `known` (path -> mtime_ns) holds what is now at `path`."""
    try:
        return known.get(path) == Path(path).stat().st_mtime_ns
    except OSError:
        return path not in known
