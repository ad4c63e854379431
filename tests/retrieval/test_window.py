"""The window: within its budget, around the cursor, of whole lines."""

from hypothesis import given
from hypothesis import strategies as st

from tactful.retrieval.window import imports_above, window_around

LINES = st.lists(st.sampled_from(["", "a = 1", "    return value", "x" * 40]), max_size=40).map("\n".join)


@given(LINES, st.data())
def test_it_is_around_the_cursor_and_fits(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    budget = data.draw(st.integers(0, 400))
    window = window_around(text, offset, budget)
    assert window.start <= window.offset == offset <= window.end
    assert window.end - window.start <= budget


@given(LINES, st.data())
def test_a_document_that_fits_is_whole(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    assert window_around(text, offset, len(text)) == (0, offset, len(text))


def test_it_is_cut_at_line_ends() -> None:
    text = "".join(f"line {number}\n" for number in range(100))
    window = window_around(text, 400, 200)
    assert text[window.start - 1] == text[window.end - 1] == "\n"
    assert window.offset - window.start > 2 * (window.end - window.offset)


def test_imports_are_found_in_several_languages() -> None:
    text = "from a import (\n    b,\n    c,\n)\nimport d\nx = 1\nfrom e import f\n"
    assert imports_above(text, len(text)) == "from a import (\n    b,\n    c,\n)\nimport d\nfrom e import f"
    assert imports_above(text, text.index("from e")) == "from a import (\n    b,\n    c,\n)\nimport d"
    script = "import { a } from 'b'\nconst c = require('d')\nlet e = 1\n"
    assert imports_above(script, len(script)) == "import { a } from 'b'\nconst c = require('d')"
