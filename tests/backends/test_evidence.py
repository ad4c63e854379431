"""Evidence: what followed a context in the document, by place, and in lines that fit what stands below."""

import pytest

from tactful.backends.local.engine import Engine
from tactful.backends.local.evidence import Evidence, Layer


def evidence(source: str, layer: Layer) -> list[tuple[int, dict[str, int]]]:
    offset = source.index("|")
    text = source[:offset] + source[offset + 1 :]
    engine = Engine()
    engine.set_document("u", None, "python", text)
    sight = engine.sight("u", engine.cursor("u", offset))
    texts = sight.vocabulary.texts

    def words(item: Evidence) -> dict[str, int]:
        return {texts[raw >> 2]: count for raw, count in item.counts.items()}

    return [(item.order, words(item)) for item in sight.evidence(sight.context) if item.layer is layer]


@pytest.mark.parametrize(
    ("source", "layer", "expected"),
    [
        ("a = b\na = |", Layer.BEFORE, [(3, {"b": 1})]),
        ("a = |\na = c", Layer.AFTER, [(3, {"c": 1})]),
        ("a = |", Layer.BEFORE, []),
        ("x = 1\nx = 2\nx = 1\ny = |", Layer.BEFORE, [(1, {"1": 2, "2": 1})]),
    ],
)
def test_followers_in_the_document(source: str, layer: Layer, expected: list[tuple[int, dict[str, int]]]) -> None:
    assert evidence(source, layer)[:1] == expected


HISTORY = "start()\nfirst(a)\nend()\nstart()\nsecond(b)\nfinish()\nstart()\n|\n"


@pytest.mark.parametrize(("below", "expected"), [("end()\n", {"first": 1}), ("finish()\n", {"second": 1})])
def test_only_lines_that_fit_what_stands_below(below: str, expected: dict[str, int]) -> None:
    assert evidence(HISTORY + below, Layer.AROUND)[0][1] == expected


@pytest.mark.parametrize("below", ["", "other()\n", "\n\n"])
def test_nothing_fits_an_unknown_line_below(below: str) -> None:
    assert evidence(HISTORY + below, Layer.AROUND) == []


def test_other_documents_are_a_layer_of_their_own() -> None:
    engine = Engine()
    engine.set_document("other", None, "python", "a = b\n")
    engine.set_document("u", None, "python", "a = ")
    sight = engine.sight("u", engine.cursor("u", 4))
    assert {item.layer for item in sight.evidence(sight.context)} == {Layer.NEARBY}
