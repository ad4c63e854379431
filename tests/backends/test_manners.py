"""The document's own quotes, indentation and line ends; strings and comments only when likely."""

from pathlib import Path

import pytest

from tactful.backends.local.blocks import BlockLimits
from tactful.backends.local.engine import LEAST_IN_PROSE, LEAST_PROBABILITY, Engine
from tactful.backends.local.evidence import Layer
from tactful.backends.local.quotes import in_own_quotes
from tactful.backends.local.sight import Sight
from tactful.core.postprocess import postprocess
from tactful.core.text import open_document
from tactful.core.types import CompletionRequest, CursorContext, Skipped, SyntaxFacts

SINGLE = "load('a')\nload('b')\nload('c')\nload('d')\nload('e')\n"
DOUBLE = SINGLE.replace("'", '"')


def shown(source: str, *, engine: Engine | None = None, language_id: str = "python") -> str:
    offset = source.index("|")
    text = source[:offset] + source[offset + 1 :]
    request = CompletionRequest(uri="u", path=None, language_id=language_id, text=text, offset=offset)
    found = (engine or Engine(limits=BlockLimits(least_probability=0.2, seconds=60.0))).complete(request)
    document = open_document("u", language_id, 1, text)
    start = max(text.rfind(end, 0, offset) for end in "\n\r") + 1
    ctx = CursorContext(
        document=document,
        offset=offset,
        path=None,
        automatic=True,
        line_before=text[start:offset],
        line_after="",
        syntax=SyntaxFacts(),
    )
    done = postprocess(found[0], ctx) if found else None
    return "" if done is None or isinstance(done, Skipped) else done.text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (SINGLE + "mode = |", "'fast'"),
        (DOUBLE + "mode = |", '"fast"'),
        (SINGLE + DOUBLE + "mode = |", '"fast"'),
        ("mode = |", '"fast"'),
    ],
)
def test_strings_have_the_quotes_of_the_document(source: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "other.py"
    path.write_text('mode = "fast"\n' * 3)
    assert shown(source, engine=Engine.from_files({Layer.WORKSPACE: [path]})) == expected


@pytest.mark.parametrize(
    ("text", "quote", "expected"),
    [
        ('call("a", "b")', "'", "call('a', 'b')"),
        ("call('a')", '"', 'call("a")'),
        ("""call("it's")""", "'", """call("it's")"""),
        ('call("a\\n")', "'", 'call("a\\n")'),
        ('f"{a}"', "'", 'f"{a}"'),
        ('call("a")  # "b"', "'", 'call("a")  # "b"'),
        ('"""Text."""', "'", '"""Text."""'),
        ('call("a")', "", 'call("a")'),
    ],
)
def test_only_plain_strings_are_changed(text: str, quote: str, expected: str) -> None:
    assert in_own_quotes(text, quote) == expected


BLOCK = "if ready:\n{step}go(now)\n{step}stop(now)\n\n"


@pytest.mark.parametrize("step", ["    ", "  ", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_indentation_and_line_ends_are_those_of_the_document(step: str, end: str) -> None:
    source = (BLOCK.format(step=step) * 3 + "if |").replace("\n", end)
    assert shown(source) == f"ready:{end}{step}go(now){end}{step}stop(now)"


def sight_at(source: str, language_id: str = "python") -> Sight:
    offset = source.index("|")
    engine = Engine()
    engine.set_document("u", None, language_id, source[:offset] + source[offset + 1 :])
    return engine.sight("u", engine.cursor("u", offset))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1  # why |", True),
        ('x = "some |', True),
        ('"""Some |\n"""\n', True),
        ("'''Some |\n'''\n", True),
        ('"""Some."""\nx = |', False),
        ('x = """Some.""" + |', False),
        ('x = "some" + |', False),
        ("x = |", False),
    ],
)
def test_knows_strings_and_comments(source: str, expected: bool) -> None:
    assert sight_at(source).in_prose is expected


PROSE = "# the cat sat\n# the dog ran\n# the bird flew\n# the fish swam\n"


@pytest.mark.parametrize(
    ("source", "least"),
    [
        (PROSE + "# the |", LEAST_IN_PROSE),
        ("a.one()\na.two()\na.six()\na.ten()\nb.one()\na.|", LEAST_PROBABILITY),
    ],
)
def test_what_is_unlikely_is_not_suggested(source: str, least: float) -> None:
    offset = source.index("|")
    request = CompletionRequest(uri="u", path=None, language_id="python", text=source[:offset], offset=offset)
    found = Engine().complete(request)
    assert all(completion.probability >= least for completion in found)
    assert bool(found) == (least == LEAST_PROBABILITY)


def test_a_likely_comment_is_suggested() -> None:
    assert shown("x = 1  # noqa: S311\n" * 4 + "x = 1  # |") == "noqa: S311"
