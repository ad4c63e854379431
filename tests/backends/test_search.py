"""Whole lines: what stands after the cursor is met and not repeated, what stands below it is heeded."""

from pathlib import Path

import pytest

from tactful.backends.local.engine import Engine
from tactful.backends.local.evidence import Layer
from tactful.core.types import CompletionRequest


def best(source: str, language_id: str = "python", engine: Engine | None = None, path: str | None = None) -> str:
    offset = source.index("|")
    text = source[:offset] + source[offset + 1 :]
    request = CompletionRequest(uri="u", path=path, language_id=language_id, text=text, offset=offset)
    found = (engine or Engine()).complete(request)
    return found[0].text.split("\n")[0] if found else ""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("open_file(name, mode)\nopen_file(|)\n", "name, mode"),
        ("open_file(get(name), mode)\nopen_file(|)\n", "get(name), mode"),
        ("x = table['key']\nx = table['|']\n", "key"),
        ("if check(one, two):\n    pass\nif check(|):\n    pass\n", "one, two"),
    ],
)
def test_what_stands_after_the_cursor_is_not_repeated(source: str, expected: str) -> None:
    assert best(source) == expected


@pytest.mark.parametrize("source", ["value = make(a)\nvalue = |make(a)\n", "total = 1\n|total = 1\n"])
def test_nothing_that_stands_there_already(source: str) -> None:
    assert best(source) == ""


def test_names_here_fill_patterns_from_there() -> None:
    source = (
        "class A:\n    def __init__(self, alpha, beta, gamma):\n        self.alpha = alpha\n        self.beta = beta\n"
        "        self.gamma = |\n"
    )
    assert best(source) == "gamma"


def test_other_languages_work_the_same() -> None:
    source = "const area = (width, height) => {\n  return width * height;\n};\nconst area = (|"
    assert best(source, "javascript") == "width, height) => {"
    assert best("fn main() {\n\tlet x = go(1);\n\tlet x = |\n}", "rust") == "go(1);"


def test_shapes_of_a_masked_file_are_silent(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("gadget: make_thing[size]\n" * 2)
    engine = Engine.from_files({Layer.WORKSPACE: [path]})
    assert best("other: |", engine=engine) == "make_thing[size]"
    assert best("other: |", engine=engine, path=str(path)) == ""


def test_engine_without_a_model_still_answers() -> None:
    engine = Engine()
    engine._model = None
    assert best("alpha = compute(beta)\nalpha = |", engine=engine) == "compute(beta)"
