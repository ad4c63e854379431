"""What was turned down twice at a place stays away from there, and only from there."""

import pytest

from tactful.core.memory import Memory, place_at
from tactful.core.postprocess import postprocess
from tactful.core.text import Document, open_document
from tactful.core.types import Completion, CursorContext, Skipped, SyntaxFacts


def placed(source: str, uri: str = "file:///a.py") -> tuple[Document, int]:
    return open_document(uri, "python", 1, source.replace("|", "", 1)), source.index("|")


def turned_down(*offers: tuple[str, str]) -> Memory:
    memory = Memory()
    for source, text in offers:
        memory = memory.rejected(place_at(*placed(source)), text)
    return memory


AREA = "def area(w, h):\n    return |\n"
TWICE = ((AREA, "w * h"), (AREA, "w * h"))


@pytest.mark.parametrize(
    ("rejections", "source", "text", "expected"),
    [
        (TWICE, AREA, "w * h", True),
        (TWICE[:1], AREA, "w * h", False),
        (TWICE, AREA, "w + h", False),
        (TWICE, AREA, "w * h * d", True),  # the same and more
        (TWICE, AREA, "w", False),  # it may have been the rest that was wrong
        (TWICE, "import os\n\n\n" + AREA, "w * h", True),
        (TWICE, AREA + "\n\nrest = 1\n", "w * h", True),
        (TWICE, AREA.replace("    return", '    """Say it."""\n    return'), "w * h", True),
        (TWICE, AREA.replace("area", "size"), "w * h", False),  # another function
        (TWICE, AREA.replace("return |", "return w|"), " * h", False),  # typing towards it is asking for it
        (TWICE, AREA.replace("return |", "ret|"), "urn w * h", True),
        (((AREA, "w * h"), (AREA.replace("|", "w|"), " * h")), AREA, "w * h", True),
        (((AREA, "w * h"), (AREA.replace("|", "w|"), " * h")), AREA.replace("|", "w|"), " * h", False),
        ((("x = |", "1"), ("x = |", "1 ")), "y = 2\nx = |", "1", True),
        ((("x = |", "1"), ("x = |", "1")), "if y:\n    x = |", "1", False),
        ((("f(\n    a,\n    |", "b"),) * 2, "f(\n    a,\n    c,\n    |", "b", True),
        ((("def f():\n    |", "pass\n    x"),) * 2, "def f():\n    |\ng()", "pass\n    x", True),
    ],
)
def test_place_and_text_decide(rejections, source, text, expected):
    assert turned_down(*rejections).turned_down(*placed(source), text) is expected


def test_another_document_is_another_place():
    assert not turned_down(*TWICE).turned_down(*placed(AREA, "file:///b.py"), "w * h")


def test_taking_it_after_all_clears_its_rejections():
    memory = turned_down(*TWICE, ("x = |", "1"), ("x = |", "1"))
    memory = memory.wanted(place_at(*placed(AREA)), "w * h")
    assert not memory.turned_down(*placed(AREA), "w * h")
    assert memory.turned_down(*placed("x = |"), "1")


def test_the_oldest_rejections_are_forgotten():
    memory = turned_down(*TWICE)
    for number in range(500):
        memory = memory.rejected(place_at(*placed(f"y{number} = |")), "1")
    assert len(memory.rejections) == 500
    assert not memory.turned_down(*placed(AREA), "w * h")


@pytest.mark.parametrize(("automatic", "skipped"), [(True, True), (False, False)])
def test_what_was_turned_down_is_skipped_unless_it_is_asked_for_by_hand(automatic, skipped):
    assert is_skipped(2, automatic=automatic) is skipped


def test_what_a_model_wrote_is_turned_down_once_for_all():
    assert is_skipped(1, source="model")
    assert not is_skipped(1)


def is_skipped(times: int, *, automatic: bool = True, source: str = "") -> bool:
    """Say whether what was turned down so many times at a place is skipped there."""
    document, offset = placed("x = |")
    ctx = CursorContext(
        document=document,
        offset=offset,
        path=None,
        automatic=automatic,
        line_before="x = ",
        line_after="",
        syntax=SyntaxFacts(),
        memory=turned_down(*[("x = |", "1")] * times),
    )
    return isinstance(postprocess(Completion(text="1 ", probability=0.5, source=source), ctx), Skipped)
