"""What a file defines for others: functions, classes and constants with their signatures and docstrings.

Python so far; a file of another language has chunks only. tree-sitter is imported at the first file, and parses what is
half-typed or of another Python's syntax too.
"""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

__all__ = ["Definition", "definitions", "has_definitions"]

_SUFFIXES = (".py", ".pyi")
_DOC_CHARS = 300
_HEADER_CHARS = 400
_MEMBERS = 24  # of a class; the rest is cut
_BLOCKS = frozenset(
    {"if_statement", "try_statement", "else_clause", "except_clause", "finally_clause", "block", "with_statement"}
)


class Definition(NamedTuple):
    """A name and what its users need to know of it; `line` is counted from 0."""

    name: str
    line: int
    text: str


def has_definitions(path: str) -> bool:
    """Say whether definitions can be read from files of this name."""
    return path.endswith(_SUFFIXES)


def definitions(text: str) -> Iterator[Definition]:
    """Yield what Python source defines at its top level and in its classes."""
    data = text.encode("utf-8", "replace")
    for node in _statements(_parser().parse(data).root_node):
        if node.type == "function_definition":
            yield Definition(_name(node), node.start_point.row, _function(node))
        elif node.type == "class_definition":
            yield from _class(node)
        elif node.type == "expression_statement":
            yield from _constant(node)


def _statements(parent: "Node") -> "Iterator[Node]":
    """Yield the statements of a block; decorated ones bare, and those of its `if` and `try` too."""
    for node in parent.named_children:
        if node.type == "decorated_definition":
            definition = node.child_by_field_name("definition")
            if definition is not None:
                yield definition
        elif node.type in _BLOCKS:
            yield from _statements(node)
        else:
            yield node


def _class(node: "Node") -> Iterator[Definition]:
    name, header, body = _name(node), _header(node), node.child_by_field_name("body")
    members: list[str] = []
    methods: list[Definition] = []
    for each in _statements(body) if body is not None else ():
        if each.type == "function_definition":
            members.append(f"    {_header(each)} ...")
            text = f"class {name}:\n" + _indented(_function(each))
            methods.append(Definition(_name(each), each.start_point.row, text))
        elif each.type == "expression_statement" and each.named_child_count and _target(each) is not None:
            members.append("    " + _first_line(each))
    lines = [header, *_docstring(node, "    "), *members[:_MEMBERS]]
    yield Definition(name, node.start_point.row, "\n".join(lines))
    yield from (each for each in methods if not each.name.startswith("__"))


def _function(node: "Node") -> str:
    return "\n".join([_header(node), *(_docstring(node, "    ") or ["    ..."])])


def _constant(node: "Node") -> Iterator[Definition]:
    target = _target(node)
    if target is not None and target.type == "identifier":
        yield Definition(_text(target), node.start_point.row, _first_line(node))


def _target(statement: "Node") -> "Node | None":
    """Return what an assignment gives a value to, None for other statements."""
    first = statement.named_children[0] if statement.named_child_count else None
    return first.child_by_field_name("left") if first is not None and first.type == "assignment" else None


def _header(node: "Node") -> str:
    """Return the definition's own line or lines up to the colon, in one line."""
    body = node.child_by_field_name("body")
    data = node.text or b""
    head = data if body is None else data[: body.start_byte - node.start_byte]
    return " ".join(head.decode("utf-8", "replace").split("#")[0].split())[:_HEADER_CHARS]


def _docstring(node: "Node", indent: str) -> list[str]:
    """Return the first paragraph of the docstring, as far as it is short."""
    body = node.child_by_field_name("body")
    first = body.named_children[0] if body is not None and body.named_child_count else None
    if first is None or first.type != "expression_statement" or not first.named_child_count:
        return []
    string = first.named_children[0]
    if string.type != "string":
        return []
    content = "".join(_text(part) for part in string.named_children if part.type == "string_content")
    paragraph = " ".join(content.strip().split("\n\n")[0].split())[:_DOC_CHARS]
    return [f'{indent}"""{paragraph}"""'] if paragraph else []


def _first_line(node: "Node") -> str:
    return _text(node).split("\n")[0][:160]


def _indented(text: str) -> str:
    return "\n".join("    " + line for line in text.split("\n"))


def _name(node: "Node") -> str:
    name = node.child_by_field_name("name")
    return _text(name) if name is not None else ""


def _text(node: "Node") -> str:
    return (node.text or b"").decode("utf-8", "replace")


@cache
def _parser() -> "Parser":
    import tree_sitter_python
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_python.language()))
