"""The languages with a grammar: what the tree says of JavaScript and TypeScript, whole and half typed."""

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.core.context import context_at
from tactful.core.features import STAGE1_NAMES, stage1_features, stage2_features
from tactful.core.languages import LANGUAGES, language, language_of_path
from tactful.core.syntax import facts_at, parse
from tactful.core.text import Document, Edit, apply_edit, open_document
from tactful.core.types import Completion, CursorContext, History, Rhythm, SyntaxFacts


def at_cursor(source: str, language_id: str) -> tuple[Document, int]:
    """Split `source` at its cursor mark (¦) into a document and an offset."""
    before, after = source.split("¦")
    return open_document("file:///t", language_id, 1, before + after), len(before)


def facts(source: str, language_id: str = "javascript") -> SyntaxFacts:
    document, offset = at_cursor(source, language_id)
    return facts_at(parse(document, None), document, offset)


def context(source: str, language_id: str = "javascript") -> CursorContext:
    document, offset = at_cursor(source, language_id)
    tree = parse(document, None)
    return context_at(document, offset, path=None, automatic=True, tree=tree, rhythm=Rhythm(), history=History())


@pytest.mark.parametrize(
    ("source", "in_string", "in_comment"),
    [
        ('const x = "a¦b";\n', True, False),
        ("const x = 'it¦\nconst y = 2;\n", True, False),
        ("x = `a¦ ${b} c`;\n", True, False),
        ("x = `a ${b¦} c`;\n", False, False),
        ("x = `a ${b} ¦c`;\n", True, False),
        ("x = `first\n  second ¦\n", True, False),
        ("x = 1; // it's ¦\n", False, True),
        ("/* one\n * two ¦\n */\nf();\n", False, True),
        ("/** one\n * two ¦\n", False, True),
        ("/* one */ f(¦)\n", False, False),
        ("x = 'a' + ¦b;\n", False, False),
        ('url = "http://a"; f(¦);\n', False, False),
    ],
)
@pytest.mark.parametrize("language_id", ["javascript", "typescript", "typescriptreact"])
def test_tells_strings_comments_and_code_apart(
    source: str, in_string: bool, in_comment: bool, language_id: str
) -> None:
    found = facts(source, language_id)
    assert (found.known, found.in_string, found.in_comment) == (True, in_string, in_comment)


@pytest.mark.parametrize(
    ("source", "in_function", "in_class"),
    [
        ("function f() {\n  ¦\n}\n", True, False),
        ("function f() {\n  a();\n}\n¦\n", False, False),
        ("function f() {\n  a();\n}\n  ¦\n", False, False),
        ("const f = (a) => a¦;\n", True, False),
        ("class A {\n  m() {\n    ¦\n  }\n}\n", True, True),
        ("class A {\n  m() {\n  }\n  ¦\n}\n", False, True),
        ("class A {\n  x = 1;\n}\n¦\n", False, False),
        ("function f() {\n  if (x) {\n    a();\n    ¦", True, False),
        ("¦const x = 1;\n", False, False),
    ],
)
def test_sees_definitions_around_the_cursor(source: str, in_function: bool, in_class: bool) -> None:
    found = facts(source)
    assert (found.in_function, found.in_class) == (in_function, in_class)


@pytest.mark.parametrize(
    ("source", "in_class"),
    [
        ("interface A {\n  ¦\n}\n", True),
        ("abstract class A<T> {\n  private x: T;\n  ¦\n}\n", True),
        ("type A = { b: ¦string };\n", False),
        ("enum A { B = ¦1 }\n", False),
    ],
)
def test_sees_the_definitions_of_typescript(source: str, in_class: bool) -> None:
    found = facts(source, "typescript")
    assert (found.known, found.in_class, found.in_error) == (True, in_class, False)


@pytest.mark.parametrize(
    ("source", "language_id", "in_error"),
    [
        ("const a = <b>{c¦}</b>;\n", "javascript", False),
        ("const a = <b>{c¦}</b>;\n", "typescriptreact", False),
        ("const a = <b>{c¦}</b>;\n", "typescript", True),
        ("let a: string = ¦b;\n", "typescript", False),
        ("let a: string = ¦b;\n", "javascript", True),
    ],
)
def test_each_language_has_its_own_grammar(source: str, language_id: str, in_error: bool) -> None:
    assert facts(source, language_id).in_error == in_error


@pytest.mark.parametrize(
    ("source", "expected"),
    [("f(a, ¦)\n", 1), ("f([{a: ¦}])\n", 3), ("f(a);¦\n", 0), ("if (a) {\n  g(¦\n}\n", 2)],
)
def test_counts_open_brackets(source: str, expected: int) -> None:
    assert facts(source).open_brackets == expected


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import { a } from ¦'b';\n", "line_is_import"),
        ("function f¦() {}\n", "line_is_definition"),
        ("export class ¦A {}\n", "line_is_definition"),
        ("throw ¦e;\n", "line_is_return"),
        ("switch (¦a) {}\n", "line_is_branch"),
        ("const ¦a = 1;\n", "after_keyword"),
        ("f(¦a);\n", "node_is_arguments"),
        ("a.b¦;\n", "node_is_attribute"),
        ("const a = [1, ¦2];\n", "node_is_collection"),
    ],
)
def test_features_of_a_line_speak_the_language(source: str, name: str) -> None:
    assert stage1_features(context(source)).values[name] == 1.0


@pytest.mark.parametrize(
    ("source", "language_id", "text", "expected"),
    [
        ("¦\n", "javascript", "a(); // b", 1.0),
        ("¦\n", "javascript", "a(); /* b */", 1.0),
        ("¦\n", "javascript", "this.#a();", 0.0),
        ("¦\n", "python", "a()  # b", 1.0),
    ],
)
def test_a_comment_is_one_of_the_language(source: str, language_id: str, text: str, expected: float) -> None:
    completion = Completion(text=text, probability=0.5)
    assert stage2_features(context(source, language_id), completion).values["has_comment"] == expected


def test_features_have_the_same_names_in_every_language() -> None:
    ctx = context("f(¦)\n")
    for known in LANGUAGES:
        other = replace(ctx, document=replace(ctx.document, language_id=known.ids[0]))
        assert tuple(stage1_features(other).values) == STAGE1_NAMES


@pytest.mark.parametrize(
    ("path", "language_id"),
    [
        ("a/b.py", "python"),
        ("b.JS", "javascript"),
        ("b.mts", "typescript"),
        ("b.tsx", "typescriptreact"),
        ("b.c", None),
    ],
)
def test_a_file_name_tells_the_language(path: str, language_id: str | None) -> None:
    known = language_of_path(path)
    assert (known.ids[0] if known else None) == language_id


def test_no_two_languages_share_an_id_or_a_suffix() -> None:
    for names in ([i for known in LANGUAGES for i in known.ids], [s for known in LANGUAGES for s in known.suffixes]):
        assert len(names) == len(set(names))
    assert language("cobol") is None


def test_a_grammar_is_loaded_only_when_such_a_document_opens() -> None:
    code = (
        "import sys; from tactful.core.syntax import parse; from tactful.core.text import open_document;"
        "loaded = lambda: [n for n in ('python', 'javascript', 'typescript') if 'tree_sitter_' + n in sys.modules];"
        "print(loaded()); parse(open_document('u', 'javascript', 0, 'f()'), None); print(loaded())"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert answer.splitlines() == ["[]", "['javascript']"]


PIECES = ["function f() {\n", "  a(`b ${c}`);\n", "}\n", "/* x", "*/", "'", "é😀", "<b>", "({[", "])", "// y\n", " "]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=12),
    st.sampled_from(PIECES),
    st.sampled_from(["javascript", "typescript", "typescriptreact"]),
    st.data(),
)
def test_parsing_again_equals_parsing_afresh(
    parts: list[str], inserted: str, language_id: str, data: st.DataObject
) -> None:
    document = open_document("u", language_id, 0, "".join(parts))
    at = data.draw(st.integers(0, len(document.text)))
    edited = apply_edit(document, Edit(start=at, end=at, text=inserted), 1)
    again, afresh = parse(edited, parse(document, None)), parse(edited, None)
    for offset in range(len(edited.text) + 1):
        assert facts_at(again, edited, offset).in_string == facts_at(afresh, edited, offset).in_string
