"""What the syntax tree says of a cursor, in whole and in half-typed code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.core.syntax import facts_at, function_at, parse
from tactful.core.text import Document, Edit, apply_edit, open_document
from tactful.core.types import SyntaxFacts


def at_cursor(source: str, language_id: str = "python") -> tuple[Document, int]:
    """Split `source` at its cursor mark (¦) into a document and an offset."""
    before, after = source.split("¦")
    return open_document("file:///t.py", language_id, 1, before + after), len(before)


def facts(source: str, language_id: str = "python") -> SyntaxFacts:
    document, offset = at_cursor(source, language_id)
    return facts_at(parse(document, None), document, offset)


@pytest.mark.parametrize(
    "source",
    [
        'x = "a¦b"\n',
        'x = "¦"\n',
        'x = "it¦\ny = 2\n',
        "x = 'it¦",
        'x = f"a¦{b}"\n',
        'x = f"{b}¦ c"\n',
        'def f():\n    """Do ¦\n    x = 1\n',
        'def f():\n    """Do\n    more ¦\n    """\n    x = 1\n',
        'def f():\n    """Do\n¦\n    """\n',
        'x = "ä😀¦"\r\ny = 1\r\n',
        "x = 'don\\'t ¦\n",
        'x = "a" + "¦',
    ],
)
def test_sees_a_string(source: str) -> None:
    assert facts(source).in_string
    assert not facts(source).in_comment


@pytest.mark.parametrize(
    "source",
    [
        "# a¦\n",
        "# a ¦",
        "x = 1  # don't ¦\n",
        "x = '#'  # ä😀 ¦\r\ny\r\n",
        "foo(a,  # first¦\n    b)\n",
        "x = (  # ¦\n",
    ],
)
def test_sees_a_comment(source: str) -> None:
    assert facts(source).in_comment
    assert not facts(source).in_string


@pytest.mark.parametrize(
    "source",
    [
        "x = ¦1\n",
        'x = "a"¦\n',
        'x = ¦"a"\n',
        "¦# a\n",
        '# it\'s\nx = foo("a", ¦\n',
        'x = f"{b¦}"\n',
        'x = f"{ ¦ }"\n',
        '"""Doc."""\n¦\n',
        '"""Doc."""\nimport ¦\n',
        "for i in ran¦\n    pass\n",
        "¦",
        "\n¦\n",
        "x = 1  # note\n¦",
    ],
)
def test_sees_code(source: str) -> None:
    assert not facts(source).in_string
    assert not facts(source).in_comment


@pytest.mark.parametrize(
    ("source", "in_function", "in_class"),
    [
        ("def f():\n    ¦\n", True, False),
        ("def f():\n    x = 1\n    ¦\n", True, False),
        ("def f():\n    x = 1\n¦\n", False, False),
        ("def f():\n    x = 1\n\n\n¦\ny = 2\n", False, False),
        ("class A:\n    def f(self):\n        return 1\n\n    ¦\n", False, True),
        ("class A:\n    def f(self):\n        return ¦\n", True, True),
        ("async def f(a, ¦):\n    pass\n", True, False),
        ("x = 1¦\n", False, False),
    ],
)
def test_sees_definitions_around_the_cursor(source: str, in_function: bool, in_class: bool) -> None:
    found = facts(source)
    assert (found.in_function, found.in_class) == (in_function, in_class)


@pytest.mark.parametrize(
    ("source", "open_brackets"),
    [
        ("foo(¦)\n", 1),
        ("foo(a, [¦])\n", 2),
        ("foo(a, [b¦\n", 2),
        ("foo(a)¦\n", 0),
        ("x = {'a': (1, ¦\n", 2),
        ("def f(a¦\n", 1),
        ("x = a[1]¦\n", 0),
        ("foo(\n    a,\n    ¦\n)\n", 1),
    ],
)
def test_counts_open_brackets(source: str, open_brackets: int) -> None:
    assert facts(source).open_brackets == open_brackets


@pytest.mark.parametrize(
    ("source", "node_type"),
    [
        ("foo.bar(¦)\n", "argument_list"),
        ("foo.ba¦\n", "identifier"),
        ("if x:\n    ¦\n", "if_statement"),
        ("¦\n", "module"),
        ("import o¦s\n", "identifier"),
    ],
)
def test_names_the_smallest_node(source: str, node_type: str) -> None:
    assert facts(source).node_type == node_type


def test_says_whether_the_line_has_an_error() -> None:
    assert facts("x = foo.¦\n").in_error
    assert facts("y = 1\nx = = 2¦\n").in_error
    assert not facts("y = 1¦\n\n\nz = 2\nx = = 2\n").in_error


def test_deeper_code_has_greater_depth() -> None:
    assert facts("if a:\n    if b:\n        x = ¦c\n").depth > facts("x = ¦c\n").depth


@pytest.mark.parametrize(
    ("source", "language_id", "expected"),
    [
        ('x = "a¦', "c", (True, False)),
        ("x = `a ${b}¦", "go", (True, False)),
        ("x // note ¦", "go", (False, True)),
        ("x = 'a' // it's ¦", "java", (False, True)),
        ('url = "http://a"; ¦', "java", (False, False)),
        ("a /* b ¦", "rust", (False, True)),
        ("a /* b */ c ¦", "rust", (False, False)),
        ("don't ¦", "plaintext", (False, False)),
        ("# Title ¦", "markdown", (False, False)),
    ],
)
def test_guesses_from_the_line_without_a_grammar(source: str, language_id: str, expected: tuple[bool, bool]) -> None:
    found = facts(source, language_id)
    assert not found.known
    assert (found.in_string, found.in_comment) == expected


def test_a_huge_text_is_not_parsed() -> None:
    assert parse(open_document("file:///t.py", "python", 1, "x = 1\n" * 200_000), None) is None


def test_a_tree_of_another_text_is_not_trusted() -> None:
    document, offset = at_cursor("x = 1¦\n")
    other, _ = at_cursor("y = 22¦\n")
    assert not facts_at(parse(other, None), document, offset).known
    assert function_at(parse(other, None), document, offset) is None


def test_an_unchanged_text_keeps_its_tree() -> None:
    document, _ = at_cursor("x = 1¦\n")
    tree = parse(document, None)
    assert parse(document, tree) is tree


NESTED = """@deco
class A:
    @property
    def f(self):
        def g():
            pass
        return 'ä'

x = 1
"""


@pytest.mark.parametrize(
    ("after", "name"),
    [
        ("pass", "A.f.g"),
        ("return", "A.f"),
        ("def f", "A.f"),
        ("    def g", "A.f.g"),
        ("@prop", "A.f"),
        ("class", None),
        ("x =", None),
    ],
)
def test_finds_the_innermost_function(after: str, name: str | None) -> None:
    document = open_document("file:///t.py", "python", 1, "s = '😀'\r\n" + NESTED)
    found = function_at(parse(document, None), document, document.text.index(after))
    assert (found.name if found else None) == name


def test_function_span_covers_its_decorators_and_body() -> None:
    document = open_document("file:///t.py", "python", 1, "s = '😀ä'\n@deco\ndef f():\n    return 'ä'\n\ny = 1\n")
    found = function_at(parse(document, None), document, document.text.index("return"))
    assert found is not None
    assert document.text[found.start : found.end] == "@deco\ndef f():\n    return 'ä'"


PIECES = st.sampled_from(
    [
        "def f():",
        "\n",
        "\r\n",
        "    ",
        "x",
        "(",
        ")",
        "[",
        '"',
        "'",
        '"""',
        "#",
        "ä",
        "😀",
        "return ",
        "class A:",
        "\\",
        ".",
        " = ",
        "\ud800",
    ]
)
SOURCES = st.lists(PIECES, max_size=25).map("".join)


@given(SOURCES, SOURCES, st.data())
def test_parsing_again_equals_parsing_afresh(before: str, inserted: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(before)))
    end = data.draw(st.integers(start, len(before)))
    first = open_document("file:///t.py", "python", 1, before)
    second = apply_edit(first, Edit(start=start, end=end, text=inserted), 2)
    again = parse(second, parse(first, None))
    afresh = parse(second, None)
    assert again is not None
    assert afresh is not None
    # Broken code may be recovered in another way from another start; whole code has one tree.
    if not afresh._tree.root_node.has_error:
        assert str(again._tree.root_node) == str(afresh._tree.root_node)
        assert again._tree.root_node.byte_range == afresh._tree.root_node.byte_range


@given(SOURCES, st.data())
def test_facts_hold_for_any_text_and_offset(text: str, data: st.DataObject) -> None:
    document = open_document("file:///t.py", "python", 1, text)
    offset = data.draw(st.integers(0, len(text)))
    tree = parse(document, None)
    found = facts_at(tree, document, offset)
    assert found.known
    assert not (found.in_string and found.in_comment)
    assert 0 <= found.open_brackets <= text.count("(") + text.count("[") + text.count("{")
    span = function_at(tree, document, offset)
    assert span is None or 0 <= span.start <= span.end <= len(text)


@given(
    st.lists(st.sampled_from(["x = 'ä😀'", "# 😀 ä", "y = 1", "def f(): pass"]), max_size=6),
    st.sampled_from(["\n", "\r\n"]),
    st.data(),
)
def test_characters_outside_ascii_do_not_move_the_facts(lines: list[str], end: str, data: st.DataObject) -> None:
    text = end.join(lines)
    plain = text.replace("ä", "a").replace("😀", "X")
    offset = data.draw(st.integers(0, len(text)))
    documents = [open_document("file:///t.py", "python", 1, source) for source in (text, plain)]
    wide, narrow = (facts_at(parse(document, None), document, offset) for document in documents)
    assert wide == narrow


@pytest.mark.parametrize("after", ["class A:", "    def f(", "x = 1", "return y", "g()"])
def test_a_tree_up_to_the_next_definition_tells_the_same_at_the_offset(after):
    source = (
        'class A:\n    """A."""\n\n    def f(self):\n        return y\n\n\nx = 1\n\ndef h():\n    g()\n\n\nimport z\n'
    )
    document = open_document("file:///t.py", "python", 1, source)
    offset = source.index(after) + len(after)
    part, whole = parse(document, None, offset), parse(document, None)
    assert facts_at(part, document, offset) == facts_at(whole, document, offset)
    assert function_at(part, document, offset) == function_at(whole, document, offset)
    assert not facts_at(part, document, len(source)).known or after == "g()"
