"""Syntax facts at an offset, from a tree-sitter tree that is parsed again incrementally after each edit.

Knows: how half-typed code looks to them, byte and character offsets.
Must not know: what the facts are used for, files, the protocol. tree-sitter is imported at the first parse.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tactful.core.languages import Language, language
from tactful.core.lexis import scan
from tactful.core.text import Document, single_edit
from tactful.core.types import SyntaxFacts

if TYPE_CHECKING:
    from tree_sitter import Language as TreeSitterLanguage
    from tree_sitter import Node, Parser, Tree, TreeCursor

__all__ = ["FunctionSpan", "SyntaxTree", "facts_at", "function_at", "line_parses", "parse"]

MAX_CHARS = 1_000_000  # a longer text is not parsed: it is generated code or data
_NEAR_LINES = 5
_SCAN_CHARS = 4_000  # how far back strings and brackets are looked for where the tree is broken


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxTree:
    """A tree together with the text it was parsed from, the beginning of a document or all of it.

    Opaque to everybody else, never changed once made.
    """

    language_id: str
    text: str
    _grammar: Language
    _tree: "Tree"
    _data: bytes


class FunctionSpan(NamedTuple):
    """A function: its dotted name ("Class.method") and the offsets where it begins (decorators included) and ends."""

    name: str
    start: int
    end: int


class _Place(NamedTuple):
    """Where the cursor is: the bytes before it, and the nodes around it from the root down."""

    byte: int
    path: "tuple[Node, ...]"


def parse(document: Document, previous: SyntaxTree | None, offset: int | None = None) -> SyntaxTree | None:
    """Return the tree of `document`, reusing `previous` where the text did not change.

    With `offset`, the text is parsed up to the next top-level definition behind it, which is all that matters there:
    after an edit tree-sitter may have to parse again everything that follows at the top level, several milliseconds in
    a long file. None where there is no grammar for the language or the text is longer than a million characters.
    """
    grammar = language(document.language_id)
    if grammar is None or len(document.text) > MAX_CHARS:
        return None
    text = document.text if offset is None else document.text[: _end_of_interest(grammar, document, offset)]
    if previous is not None and previous.language_id == document.language_id:
        if previous.text == text:
            return previous
        old_tree = _edited(previous, text)
    else:
        old_tree = None
    data = _encode(text)
    tree = _parser(grammar).parse(data, old_tree) if old_tree else _parser(grammar).parse(data)
    return SyntaxTree(language_id=document.language_id, text=text, _grammar=grammar, _tree=tree, _data=data)


def facts_at(tree: SyntaxTree | None, document: Document, offset: int) -> SyntaxFacts:
    """Return what stands around `offset`; guessed from the cursor's line alone where there is no tree of this text."""
    if tree is None or not _covers(tree, document, offset):
        line_before = document.text[document.line_starts[document.line_of(offset)] : offset]
        in_string, in_comment = scan(line_before, document.language_id)
        return SyntaxFacts(in_string=in_string, in_comment=in_comment)
    grammar = tree._grammar
    place = _place(tree, offset)
    named = [node.type for node in place.path if node.is_named]
    in_error = _error_around(tree, document, offset, lines=0)
    in_string, in_comment = _inside(grammar, place)
    if tree._tree.root_node.has_error and not any(kind in grammar.strings | grammar.comments for kind in named):
        in_string, in_comment = scan(_scan_text(grammar, tree.text, offset), tree.language_id)
    return SyntaxFacts(
        known=True,
        node_type=named[-1] if named else "",
        parent_type=named[-2] if len(named) > 1 else "",
        in_string=in_string,
        in_comment=in_comment,
        in_error=in_error,
        error_near=in_error or _error_around(tree, document, offset, lines=_NEAR_LINES),
        depth=max(0, len(named) - 1),
        in_function=any(kind in grammar.functions for kind in named),
        in_class=any(kind in grammar.classes for kind in named),
        open_brackets=_open_brackets(place),
    )


def line_parses(language_id: str, line: str) -> bool | None:
    """Say whether `line` is a whole statement, or the head of one; None where the language has no grammar here.

    A head is given a body, and a branch that goes on from another (`else`) one to go on from.
    """
    grammar = language(language_id)
    if grammar is None:
        return None
    code = line.strip()
    before = next((opening for start, opening in grammar.openings.items() if code.startswith(start)), "")
    behind = next((body for end, body in grammar.bodies.items() if code.endswith(end)), "")
    return not _parser(grammar).parse(_encode(before + code + behind)).root_node.has_error


def function_at(tree: SyntaxTree | None, document: Document, offset: int) -> FunctionSpan | None:
    """Return the innermost function around `offset`, None outside of any function and without a tree of this text.

    On the line of `def`, the indentation before it counts as part of the function.
    """
    if tree is None or not _covers(tree, document, offset):
        return None
    grammar = tree._grammar
    line = document.line_text(document.line_of(offset))
    indent = len(line) - len(line.lstrip())
    line_start = document.line_starts[document.line_of(offset)]
    place = _place(tree, max(offset, line_start + indent + 1) if line.strip() else offset)
    names: list[str] = []
    span: tuple[Node, str] | None = None
    wrapper: Node | None = None
    for node in place.path:
        if node.type in grammar.decorated:
            wrapper = node
        elif node.type in grammar.functions or node.type in grammar.classes:
            names.append(_name(node))
            if node.type in grammar.functions:
                span = (wrapper or node, ".".join(names))
            wrapper = None
    if span is None and wrapper is not None:  # the cursor stands on a decorator
        return _decorated_span(tree, grammar, wrapper, names)
    return _to_span(tree, *span) if span else None


def _covers(tree: SyntaxTree, document: Document, offset: int) -> bool:
    """Say whether the tree was parsed from this text, and reaches to the offset."""
    return offset <= len(tree.text) and document.text.startswith(tree.text)


def _end_of_interest(grammar: Language, document: Document, offset: int) -> int:
    line_end = document.line_end(document.line_of(offset))
    match = grammar.top_level.search(document.text, min(line_end + 1, len(document.text)))
    return match.start() if match else len(document.text)


def _decorated_span(tree: SyntaxTree, grammar: Language, wrapper: "Node", names: list[str]) -> FunctionSpan | None:
    definition = wrapper.child_by_field_name("definition")
    if definition is None or definition.type not in grammar.functions:
        return None
    return _to_span(tree, wrapper, ".".join((*names, _name(definition))))


def _to_span(tree: SyntaxTree, node: "Node", name: str) -> FunctionSpan:
    return FunctionSpan(name, _to_char(tree, node.start_byte), _to_char(tree, node.end_byte))


def _name(node: "Node") -> str:
    name = node.child_by_field_name("name")
    return (name.text or b"").decode("utf-8", "replace") if name else ""


# Bytes and characters. tree-sitter counts UTF-8 bytes; a text of ASCII alone, which str knows of itself, needs no work.


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _to_byte(text: str, offset: int) -> int:
    return offset if text.isascii() else len(_encode(text[:offset]))


def _to_char(tree: SyntaxTree, byte: int) -> int:
    return byte if tree.text.isascii() else len(tree._data[:byte].decode("utf-8", "surrogatepass"))


def _edited(previous: SyntaxTree, text: str) -> "Tree":
    """Return a copy of the previous tree that knows which bytes the new text replaces."""
    edit = single_edit(previous.text, text)
    start = _to_byte(previous.text, edit.start)
    old_end = start + len(_encode(previous.text[edit.start : edit.end]))
    inserted = _encode(edit.text)
    start_point = _point(previous._data, start)
    tree = previous._tree.copy()
    tree.edit(
        start_byte=start,
        old_end_byte=old_end,
        new_end_byte=start + len(inserted),
        start_point=start_point,
        old_end_point=_point(previous._data, old_end),
        new_end_point=_advance(start_point, inserted),
    )
    return tree


def _point(data: bytes, byte: int) -> tuple[int, int]:
    return data.count(b"\n", 0, byte), byte - (data.rfind(b"\n", 0, byte) + 1)


def _advance(point: tuple[int, int], inserted: bytes) -> tuple[int, int]:
    row, column = _point(inserted, len(inserted))
    return point[0] + row, column + (point[1] if row == 0 else 0)


# The way down the tree.


def _place(tree: SyntaxTree, offset: int) -> _Place:
    """Return the nodes around the cursor, which belongs to the code before it.

    On a line that is blank so far these are the blocks that are indented less than the cursor stands: that is where
    the next statement will be. Where braces make the blocks, they say it, unless they are still missing.
    """
    text, grammar = tree.text, tree._grammar
    line_start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    before = text[line_start:offset]
    byte = _to_byte(text, offset)
    last = len(text[:offset].rstrip()) - 1 if not before or before[-1].isspace() else offset - 1
    path = tuple(_descend(tree, _to_byte(text, last))) if last >= 0 else (tree._tree.root_node,)
    if _holds_string(grammar, path, byte) or last == offset - 1:
        return _Place(byte, path)
    if before and not before.isspace():
        first = _to_byte(text, line_start + len(before) - len(before.lstrip()))
        return _Place(byte, path[:1] + tuple(node for node in path[1:] if _goes_on(node, first, byte)))
    if grammar.braces:
        return _Place(byte, path[:1] + tuple(node for node in path[1:] if _holds_braces(tree, node, byte, len(before))))
    return _Place(byte, path[:1] + tuple(node for node in path[1:] if _opens_block(node, len(before))))


def _holds_string(grammar: Language, path: "tuple[Node, ...]", byte: int) -> bool:
    return any(node.type in grammar.strings and node.start_byte < byte < node.end_byte for node in path)


def _goes_on(node: "Node", first: int, byte: int) -> bool:
    """Say whether `node` is still open after blanks: it reaches to the cursor or is the whole line so far."""
    return (node.child_count > 0 and node.start_byte <= first) or node.start_byte < byte <= node.end_byte


def _opens_block(node: "Node", column: int) -> bool:
    return node.child_count > 0 and (node.start_point.column < column or node.is_error)


def _holds_braces(tree: SyntaxTree, node: "Node", byte: int, column: int) -> bool:
    """Say whether `node` reaches past `byte`, or is not whole and begins on a line indented by less than `column`."""
    if node.child_count == 0 or node.start_byte < byte < node.end_byte:
        return node.child_count > 0
    line = tree._data[node.start_byte - node.start_point.column :][: node.start_point.column + 1]
    return node.has_error and len(line) - len(line.lstrip()) < column


def _descend(tree: SyntaxTree, byte: int) -> "Iterator[Node]":
    cursor = tree._tree.walk()
    while (node := cursor.node) is not None:
        yield node
        if cursor.goto_first_child_for_byte(byte) is None or not _holds(cursor, byte):
            return


def _holds(cursor: "TreeCursor", byte: int) -> bool:
    """Move on over children that end where `byte` begins; say whether the cursor's node holds that byte."""
    while cursor.node is not None and cursor.node.end_byte <= byte:
        if not cursor.goto_next_sibling():
            return False
    return cursor.node is not None and cursor.node.start_byte <= byte


def _inside(grammar: Language, place: _Place) -> tuple[bool, bool]:
    """Return whether the cursor is in a string, and whether it is in a comment, by the tree alone."""
    in_string = in_comment = False
    for node in place.path:
        if node.type in grammar.comments:
            in_comment = node.start_byte < place.byte and not in_string  # a string may hold a stray comment node
        elif node.type in grammar.strings:
            in_string = node.start_byte < place.byte < node.end_byte
        elif node.type in grammar.interpolations:
            # Between the braces it is code; on them, or past the last one, it is the string again.
            in_string = in_string and not node.start_byte < place.byte < node.end_byte
    return in_string, in_comment


def _error_around(tree: SyntaxTree, document: Document, offset: int, *, lines: int) -> bool:
    """Say whether the tree has an error on the cursor's line or within so many `lines` of it."""
    if not tree._tree.root_node.has_error:
        return False
    line = document.line_of(offset)
    first, last = max(0, line - lines), min(len(document.line_starts) - 1, line + lines)
    start, stop = document.line_starts[first], document.line_end(last)
    first_byte = _to_byte(tree.text, start)
    return _has_error(tree._tree.walk(), first_byte, first_byte + len(_encode(document.text[start:stop])))


def _has_error(cursor: "TreeCursor", start: int, end: int) -> bool:
    node = cursor.node
    if node is None or not node.has_error or node.start_byte > end or node.end_byte < start:
        return False
    if node.is_error or node.is_missing:
        return True
    if cursor.goto_first_child_for_byte(start) is None:
        return False
    found = _has_error(cursor, start, end)
    while not found and cursor.goto_next_sibling() and cursor.node is not None and cursor.node.start_byte <= end:
        found = _has_error(cursor, start, end)
    cursor.goto_parent()
    return found


_OPENING = {"(": ")", "[": "]", "{": "}"}


def _open_brackets(place: _Place) -> int:
    return sum(_unclosed(node, place.byte) for node in place.path if node.child_count > 1)


def _unclosed(node: "Node", byte: int) -> int:
    """Return how many brackets among the direct children of `node` are open at `byte`."""
    cursor = node.walk()
    if cursor.goto_first_child_for_byte(max(node.start_byte, byte - _SCAN_CHARS)) is None:
        return 0
    waiting: list[str] = []
    while (child := cursor.node) is not None and child.start_byte < byte:
        if child.type in _OPENING:
            waiting.append(_OPENING[child.type])
        elif waiting and child.type == waiting[-1] and not child.is_missing:
            waiting.pop()
        if not cursor.goto_next_sibling():
            break
    return len(waiting)


def _scan_text(grammar: Language, text: str, offset: int) -> str:
    """Return the text before the cursor from the last place that is surely code: a top-level line near by, the start
    of the text, or else the cursor's own line.
    """
    near = max(0, offset - _SCAN_CHARS)
    starts = [match.start() for match in grammar.top_level.finditer(text, near, offset)]
    own_line = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    return text[starts[-1] if starts else own_line if near else 0 : offset]


@cache
def _compiled(grammar: Language) -> "TreeSitterLanguage":
    from tree_sitter import Language as TreeSitterLanguage

    return TreeSitterLanguage(grammar.load())


def _parser(grammar: Language) -> "Parser":
    from tree_sitter import Parser

    return Parser(_compiled(grammar))
