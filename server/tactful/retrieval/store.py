"""The index on disk: definitions by name and chunks by their words (BM25), in a folder that tantivy keeps.

One process at a time writes, file by file; any number read what was committed last. Texts are stored as they are on
disk: the cache folder is the user's own, and what goes into a prompt is redacted later.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tactful.core.errors import IndexUnusable
from tactful.retrieval.chunks import chunks
from tactful.retrieval.definitions import definitions, has_definitions
from tactful.retrieval.words import terms

if TYPE_CHECKING:
    from tantivy import Document, Index, IndexWriter, Occur, Query, Schema

__all__ = ["Found", "Reader", "Writer", "is_test"]

_HEAP_BYTES = 30_000_000
_OWN = 4  # chunks more than wanted, for those of the file itself
_DEFINITIONS = 40  # of all the names asked for together
_MOST_TERMS = 32
_TEST = re.compile(r"(?:.*/)?(?:tests?/.*|test_[^/]*|[^/]*_test|[^/]*\.(?:test|spec))\.\w+")


class Found(NamedTuple):
    """A definition or a chunk: where it stands (`line` from 0) and its text; `name` is empty for a chunk."""

    path: str
    line: int
    name: str
    text: str


def is_test(path: str) -> bool:
    """Say whether the file at `path` looks like one of tests."""
    return _TEST.fullmatch(path) is not None


class Reader:
    """What was committed last, ready to be asked."""

    def __init__(self, folder: Path) -> None:
        """Open the index in `folder`. Raises IndexUnusable when there is none, or a damaged or older one."""
        from tantivy import Occur, Query

        self._query = Query
        self._must, self._should = Occur.Must, Occur.Should
        self._schema = _schema()
        self._index = _open(self._schema, folder)
        self._index.config_reader("manual")
        self.refresh()

    def refresh(self) -> None:
        """See what was committed since."""
        try:
            self._index.reload()
        except ValueError as error:
            raise IndexUnusable(f"the context index is damaged ({error})") from error

    def defined(self, names: Sequence[str]) -> list[Found]:
        """Return definitions of any of `names`, some for each."""
        return self._search([(self._should, self._term("name", name)) for name in names], _DEFINITIONS)

    def similar(self, words: Sequence[str], *, but: str | None, limit: int) -> list[Found]:
        """Return the chunks that share most with `words`, best first, without those of the file `but`.

        Only chunks have words, and a plain choice among them is what tantivy answers fastest; so what is not wanted is
        left out afterwards.
        """
        found = self._search(self._words(words), limit + _OWN)
        return [each for each in found if each.path != but][:limit]

    def tests(self, name: str, words: Sequence[str], *, but: str | None, limit: int) -> list[Found]:
        """Return the chunks of tests that mention `name`, best first."""
        mention = (self._must, self._term("body", name.lower()))
        found = self._search([self._of_kind("test"), mention, *self._words(words)], limit + _OWN)
        return [each for each in found if each.path != but][:limit]

    def _words(self, words: Sequence[str]) -> "list[tuple[Occur, Query]]":
        distinct = list(dict.fromkeys(words))[:_MOST_TERMS]
        return [(self._should, self._term("body", word)) for word in distinct]

    def _of_kind(self, kind: str) -> "tuple[Occur, Query]":
        return self._must, self._query.const_score_query(self._term("kind", kind), 0.0)

    def _term(self, field: str, value: str) -> "Query":
        return self._query.term_query(self._schema, field, value, index_option="freq" if field == "body" else "basic")

    def _search(self, parts: "list[tuple[Occur, Query]]", limit: int) -> list[Found]:
        if not parts:
            return []
        searcher = self._index.searcher()
        try:
            hits = searcher.search(self._query.boolean_query(parts), limit, count=False).hits
            return [_found(searcher.doc(address)) for _, address in hits]
        except (ValueError, OSError) as error:
            raise IndexUnusable(f"the context index is damaged ({error})") from error


class Writer:
    """Changes the index; only one can be open at a time."""

    def __init__(self, folder: Path) -> None:
        """Open the index in `folder`, made anew where it is missing. Raises IndexUnusable if it is damaged."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._index = _open(_schema(), folder)
        try:
            self._writer: IndexWriter = self._index.writer(_HEAP_BYTES, 1)
        except ValueError as error:
            raise IndexUnusable(f"the context index cannot be written ({error})") from error

    def states(self) -> dict[str, str]:
        """Return the files that the index holds, each with what it looked like when it was read."""
        from tantivy import Query

        self._index.reload()
        searcher = self._index.searcher()
        files = Query.term_query(_schema(), "kind", "file", index_option="basic")
        hits = searcher.search(files, max(1, searcher.num_docs), count=False).hits
        found = (searcher.doc(address) for _, address in hits)
        return {str(each.get_first("path")): str(each.get_first("name")) for each in found}

    def put(self, path: str, state: str, text: str | None) -> None:
        """Replace what is known of the file at `path`; without `text` only remember that it was looked at."""
        self.drop(path)
        self._writer.add_document(_document(path, ("file",), name=state))
        if text is None:
            return
        kinds = ("chunk", "test") if is_test(path) else ("chunk",)
        for chunk in chunks(text):
            body = " ".join(terms(chunk.text))
            self._writer.add_document(_document(path, kinds, line=chunk.line, body=body, text=chunk.text))
        for each in definitions(text) if has_definitions(path) else ():
            self._writer.add_document(_document(path, ("definition",), name=each.name, line=each.line, text=each.text))

    def drop(self, path: str) -> None:
        """Forget the file at `path`."""
        self._writer.delete_documents_by_term("path", path)

    def commit(self) -> None:
        """Let readers see what was changed. Raises IndexUnusable, for example on a full disk."""
        try:
            self._writer.commit()
        except (ValueError, OSError) as error:
            raise IndexUnusable(f"the context index cannot be written ({error})") from error

    def close(self) -> None:
        """Commit and let go of the index."""
        self.commit()
        self._writer.wait_merging_threads()


def _schema() -> "Schema":
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("path", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("name", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("body", tokenizer_name="whitespace", index_option="freq")
    builder.add_bytes_field("text", stored=True)
    builder.add_integer_field("line", stored=True)
    return builder.build()


def _open(schema: "Schema", folder: Path) -> "Index":
    from tantivy import Index

    try:
        return Index(schema, path=str(folder))
    except (ValueError, OSError) as error:
        raise IndexUnusable(f"the context index cannot be used ({error})") from error


def _document(
    path: str, kinds: Iterable[str], *, name: str = "", line: int = 0, body: str = "", text: str = ""
) -> "Document":
    from tantivy import Document

    document = Document()
    for kind in kinds:
        document.add_text("kind", kind)
    document.add_text("path", path)
    document.add_text("name", name)
    document.add_text("body", body)
    document.add_bytes("text", text.encode("utf-8", "replace"))
    document.add_integer("line", line)
    return document


def _found(document: "Document") -> Found:
    text = document.get_first("text") or b""
    return Found(
        path=str(document.get_first("path")),
        line=int(document.get_first("line") or 0),
        name=str(document.get_first("name") or ""),
        text=bytes(text).decode("utf-8", "replace"),
    )
