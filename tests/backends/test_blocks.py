"""Blocks: where they go on, where they end, and what they never repeat."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.backends.local.blocks import BlockLimits
from tactful.backends.local.engine import Engine
from tactful.core.postprocess import postprocess
from tactful.core.text import open_document
from tactful.core.types import Completion, CompletionRequest, CursorContext, SyntaxFacts

BODY = "total = width * height\n    if total > 3:\n        return None\n    return total"
AREA = f"def area(width, height):\n    {BODY}\n\n\n"
BRANCH = "if a:\n    b()\n    if c:\n        d()\n    else:\n        e()\nf()\n\n"
CALL = "result = run(\n    one,\n    two,\n)\n\n"
SCRIPT = "function area(w) {\n  if (w) {\n    go(w);\n  }\n  return w;\n}\n\n"
FLAT = "alpha = one()\nbeta = two(alpha)\ngamma = three(beta)\n\n"


PATIENT = BlockLimits(least_probability=0.2, seconds=60.0)  # a busy machine may take its time


def complete(
    source: str, language_id: str = "python", count: int = 1, limits: BlockLimits = PATIENT
) -> list[Completion]:
    offset = source.index("|")
    text = source[:offset] + source[offset + 1 :]
    return Engine(limits=limits).complete(
        CompletionRequest(uri="u", path=None, language_id=language_id, text=text, offset=offset, max_candidates=count)
    )


def check(source: str, expected: str, language_id: str = "python", limits: BlockLimits = PATIENT) -> None:
    found = complete(source, language_id, limits=limits)
    assert (found[0].text if found else "") == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (AREA * 3 + "def area(wid|", f"th, height):\n    {BODY}"),
        (AREA * 3 + "def area(width, height):\n    |", BODY),
        (FLAT * 3 + "|", "alpha = one()\nbeta = two(alpha)\ngamma = three(beta)"),
        (CALL * 3 + "result = |", "run(\n    one,\n    two,\n)"),
        (CALL.replace("    ", "\t") * 3 + "result = |", "run(\n\tone,\n\ttwo,\n)"),
        ("if a:\n  if b:\n    go(a)\n    go(b)\n\n" * 3 + "if a:\n  if |", "b:\n    go(a)\n    go(b)"),
        ("if a:\n\tif b:\n\t\tgo(a)\n\t\tgo(b)\n\n" * 3 + "if a:\n\tif |", "b:\n\t\tgo(a)\n\t\tgo(b)"),
    ],
)
def test_goes_on_to_the_end_of_the_block(source: str, expected: str) -> None:
    check(source, expected)


def test_braces_end_a_block() -> None:
    check(SCRIPT * 3 + "function |", "area(w) {\n  if (w) {\n    go(w);\n  }\n  return w;\n}", "javascript")


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("gamma = three(beta)\n", "one()\nbeta = two(alpha)"),
        ("beta = two(alpha)\n", "one()"),
        ("\n\nbeta = two(alpha)\n", "one()"),
        ("other(alpha)\nbeta = two(alpha)\n", "one()"),
    ],
)
def test_never_repeats_what_stands_below(below: str, expected: str) -> None:
    check(FLAT * 3 + "alpha = |\n" + below, expected)


def test_ends_where_the_first_line_is_left() -> None:
    check(BRANCH * 3 + "if a:\n    b()\n    if |", "c:\n        d()")


def test_nothing_follows_where_something_stands_after_the_cursor() -> None:
    check("open(name)\nclose(name)\n\n" * 3 + "open(|)", "name")


def test_has_a_greatest_length() -> None:
    lines = "".join(f"    step_{number}(value)\n" for number in range(20))
    limits = BlockLimits(least_probability=1e-6, seconds=60.0)
    found = complete(f"def go(value):\n{lines}\n" * 3 + "def go(|", limits=limits)
    assert found[0].text.count("\n") + 1 == 8


def test_does_not_go_round_in_circles() -> None:
    check("value = compute(one, two)\n" * 5 + "value = |", "compute(one, two)")


def test_an_unsure_second_line_is_left_out() -> None:
    source = "".join(f"alpha = one()\nname_{number} = {number}\n\n" for number in range(9))
    check(source + "alpha = |", "one()")


def test_probability_is_that_of_the_whole() -> None:
    block, line = complete(CALL * 3 + "result = |", count=2)
    assert block.text.startswith(line.text + "\n")
    assert len(block.token_logprobs) > len(line.token_logprobs)
    assert block.probability < line.probability


def test_no_line_is_begun_after_the_time_is_up() -> None:
    check(CALL * 3 + "result = |", "run(", limits=BlockLimits(least_probability=0.2, seconds=0.0))


@pytest.mark.parametrize(
    "limits", [BlockLimits(least_probability=0.2, max_lines=1), BlockLimits(least_probability=1.0)]
)
def test_limits_of_length_and_probability(limits: BlockLimits) -> None:
    check(CALL * 3 + "result = |", "run(", limits=limits)


def test_line_ends_of_the_document_are_kept() -> None:
    text = (CALL * 3 + "result = ").replace("\n", "\r\n")
    (found,) = complete(text + "|")
    assert found.text == "run(\n    one,\n    two,\n)"
    ctx = CursorContext(
        document=open_document("u", "python", 0, text),
        offset=len(text),
        path=None,
        automatic=True,
        line_before="result = ",
        line_after="",
        syntax=SyntaxFacts(),
    )
    shown = postprocess(found, ctx)
    assert isinstance(shown, Completion)
    assert shown.text == "run(\r\n    one,\r\n    two,\r\n)"


PIECES = ["if a:\n", "    b = f(c)\n", "        d()\n", "x = [\n", "]\n", "\tq()\n", "}\n", "\n", "f(", "é = {\r\n"]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=10), st.integers(1, 3), st.data())
def test_blocks_keep_their_promises(parts: list[str], times: int, data: st.DataObject) -> None:
    text = "".join(parts) * times
    offset = data.draw(st.integers(0, len(text)))
    request = CompletionRequest(uri="u", path=None, language_id="python", text=text, offset=offset, max_candidates=2)
    for number, completion in enumerate(Engine().complete(request)):
        lines = completion.text.split("\n")
        assert all(line.strip() for line in lines)
        assert len(lines) <= (8 if number == 0 else 1)
        assert 0 < completion.probability <= 1
        rest = text[offset:].partition("\n")[0]
        assert not rest.strip() or len(lines) == 1
