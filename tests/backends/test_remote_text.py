"""Where an answer ends, what is cut out of chat, and how a model's text is mended: many one-line cases."""

import pytest

from tactful.backends.remote.chat import answer_in, messages
from tactful.backends.remote.ending import Ending, Goal, goal_at
from tactful.backends.remote.memory import Answer, Memory
from tactful.backends.remote.place import place_of, typed_between, typed_since
from tactful.backends.remote.repair import repair
from tactful.core.types import CompletionRequest, PartKind, Prompt, PromptPart


def at(source: str, language: str = "python") -> CompletionRequest:
    offset = source.index("|")
    text = source.replace("|", "", 1)
    return CompletionRequest(uri="file:///a.py", path=None, language_id=language, text=text, offset=offset)


def prompt_of(request: CompletionRequest) -> Prompt:
    texts = (request.text[: request.offset], request.text[request.offset :])
    kinds = (PartKind.PREFIX, PartKind.SUFFIX)
    parts = (PromptPart(kind=kind, path="a.py", text=text, why="") for kind, text in zip(kinds, texts, strict=True))
    return Prompt(parts=tuple(parts), redactions=0)


@pytest.mark.parametrize(
    ("source", "goal"),
    [
        ("x = |", Goal.LINE),
        ("x = | + 1", Goal.LINE),
        ("|", Goal.BLOCK),
        ("    |\nx = 1", Goal.BLOCK),
        ("    | + x", Goal.LINE),
        ("def f(x):|", Goal.BLOCK),
        ("call(|", Goal.BLOCK),
        ("call(|)", Goal.LINE),
        ("call(a,|", Goal.BLOCK),
    ],
)
def test_a_line_while_one_is_typed_else_a_block(source, goal):
    before, _, after = source.partition("|")
    assert goal_at(before, after) is goal


@pytest.mark.parametrize(
    ("source", "written", "kept"),
    [
        ("x = |", "1\ny = 2", "1"),
        ("x = |", "1", None),
        ("x = |", "\n", ""),
        ("def f(x):|", "\n    a = x\n    return a\n\n\ndef g():", "\n    a = x\n    return a"),
        ("def f(x):|", "\n    a = x\n    return a\nb = 1", "\n    a = x\n    return a"),
        ("def f(x):|", "\n    a = x\n    return a\n", None),
        ("def f():|", '\n    """A.\n\n    B.\n    """\n    x()\nb = 1', '\n    """A.\n\n    B.\n    """\n    x()'),
        ("def f(x):\n    |", "a = x\n    return a\nb = 1", "a = x\n    return a"),
        ("def f(x):\n    y = 1\n    |", "a = x\n    return a\n", "a = x"),
        ("def f(x):\n    y = 1\n    |", "if x:\n        y = 2\n    return y", "if x:\n        y = 2"),
        ("    |", "if (x\n            and y):\n        z = 1\n    w", "if (x\n            and y):\n        z = 1"),
        ("x = call(|", "\n    a,\n    b,\n)\ny = 1", "\n    a,\n    b,\n)"),
        ("x = call(|\n)", "\n    a,\n    b,\n)\ny = 1", "\n    a,\n    b,"),
        ("x = [\n    1,|", "\n    2,\n]\ny", "\n    2,\n]"),
        ("|", "import os\nimport sys\n", "import os"),
        ("def f():|", "".join(f"\n    x{n} = 1" for n in range(30)), "".join(f"\n    x{n} = 1" for n in range(11))),
    ],
)  # fmt: skip
def test_where_an_answer_ends(source, written, kept):
    request = at(source)
    ending = Ending(request, goal_at(request.text[: request.offset], request.text[request.offset :]))
    end = ending.find(written)
    assert (None if end is None else written[:end]) == kept


def test_the_end_is_the_same_however_the_text_comes_in():
    request = at("def f(x):|")
    written = "\n    if x:\n        return [\n            1,\n        ]\n    return 2\n\n\ndef g():\n    pass"
    whole = Ending(request, Goal.BLOCK).find(written)
    found = (Ending(request, Goal.BLOCK).find(written[:length]) for length in range(len(written) + 1))
    assert next(end for end in found if end is not None) == whole


@pytest.mark.parametrize(
    ("prefix", "said", "code"),
    [
        ("x = ", "```python\ny + 1\n```", "y + 1"),
        ("x = ", "Sure, here it is:\n```\ny + 1\n```\nHope it helps!", "y + 1"),
        ("x = ", "```python\nx = y + 1\n```", "y + 1"),
        ("    x = ", "```python\n    x = y + 1\n```", "y + 1"),
        ("x =", "```\nx = y\n```", " y"),
        ("x = ", "y + 1", "y + 1"),
        ("x = ", "Sure! The missing code is y + 1.", ""),
        ("x = ", "Here is the code", ""),
        ("x = ", "<think>The user wants y.</think>\n```\ny\n```", "y"),
        ("x = ", "<think>The user wants", ""),
        ("    ", "```\n    return x\n    return y\n```", "return x\n    return y"),
        ("x = ", "```\n```", ""),
        ("def f():\n", "```\n    return 1\n```", "    return 1"),
        ("x = ", "```python\ny<CURSOR>\n```", "y"),
    ],
)
def test_the_code_in_what_a_chat_model_says(prefix, said, code):
    assert answer_in(said, prefix, ended=True) == code


def test_a_fence_is_never_taken_for_code_while_it_comes_in():
    said = "Sure:\n```python\nreturn x\ny = 1\n```\nDone."
    found = [answer_in(said[:length], "    ", ended=False) for length in range(len(said) + 1)]
    assert all("return x\ny = 1".startswith(code.rstrip("\n")) for code in found)
    assert found[-1] == "return x\ny = 1"


def test_a_marker_or_fence_in_the_users_text_is_taken_apart():
    request = at('x = "<CURSOR> ```"\ny = |')
    (_, asked) = messages(prompt_of(request), "python")
    assert asked["content"].count("<CURSOR>") == 1
    assert asked["content"].count("```") == 2


LONG = "value = compute(first, second)"


@pytest.mark.parametrize(
    ("source", "written", "mended"),
    [
        ("total = 1\nx = |", "total", "total"),
        ("x = |", "Sure, here is the code", "prose"),
        ("x = |", "```python", "prose"),
        ("# |", "Here is why this is done", "Here is why this is done"),
        (f"first = second = compute = 1\n|\n{LONG}\n", f"other = 1\n{LONG}\n", "other = 1"),
        ("x = 1\ny = 2\n|", "x = 1\ny = 2", "lines above"),
        ("|", "import os\nimport os\nimport os\nimport os", "import os"),
        ("x = |", "[0, 0, 0, 0, 0, 0, 0, 0]", "repeats itself"),
        ("# |", "-------------------------", "-------------------------"),
        ("a = b = 1\nx = |", "a + b)", "a + b"),
        ("a = b = 1\nx = (|", "a + b)", "a + b)"),
        ("a = b = 1\nx = |", "(a + b", "(a + b)"),
        ("a = b = 1\nx = |", "(a + b]", "do not match"),
        ("a = b = 1\nx = |", "a) + b", "nothing opened"),
        ("a = b = 1\nx = |", "sum(", "sum("),
        ("a = b = 1\nx = |)", "sum([a, b]", "sum([a, b]"),
        ("a = 1\nx = |", "':)'", "':)'"),
        ("def f(a):\n    |", "    return a", "return a"),
        ("def f(a):|", "\nreturn a", "indented wrongly"),
        ("def f(a):|", "\n    return a", "\n    return a"),
        ("if a:\n    |", "    return 1", "return 1"),
        ("items = []\nx = |", "frobnicate(items)", "defined nowhere"),
        ("items = []\nx = |", "[item for item in items]", "[item for item in items]"),
        ("items = []\nx = |", "items.frobnicate(key=items)", "items.frobnicate(key=items)"),
        ("|", "import frobnicate", "import frobnicate"),
        ("|", "def fresh(one, two):\n    return one + two", "def fresh(one, two):\n    return one + two"),
        ("x = |", "'frobnicate this'", "'frobnicate this'"),
        ("from far import *\nx = |", "frobnicate()", "frobnicate()"),
        ("frobnicate = 1\nx = frob|", "nicate + 1", "nicate + 1"),
        ("x = frob|", "ulate + 1", "defined nowhere"),
        ("x = |", "   ", "nothing to add"),
    ],
)
def test_what_a_model_wrote_is_mended_or_dropped(source, written, mended):
    request = at(source)
    answer = repair(written, request, prompt_of(request))
    assert mended in answer.reason if not answer.text else answer.text == mended, answer


@pytest.mark.parametrize(
    ("then", "now", "typed"),
    [
        ("x = |", "x = |", ""),
        ("x = |", "x = ab|", "ab"),
        ("x = | + 1", "x = ab| + 1", "ab"),
        ("print|", "print(|)", "("),
        ("print|\ny", "print([|])\ny", "(["),
        ("x = |", "x =|", None),
        ("x = |", "y = a|", None),
        ("x = |\ny", "x = a|\nz", None),
        ("x = |", "x = a|bc", None),
    ],
)
def test_what_was_typed_since(then, now, typed):
    assert typed_since(place_of(at(then)), at(now)) == typed


@pytest.mark.parametrize(
    ("then", "text", "typed"),
    [("x = |\ny", "x = ab\ny", "ab"), ("x = |\ny", "x = \ny", ""), ("x = |\ny", "z = a\ny", None), ("x = |", "", None)],
)
def test_what_stands_at_a_place_in_a_new_text(then, text, typed):
    request = at(then)
    assert typed_between(place_of(request), text, len(request.text) - request.offset) == typed


def test_memory_gives_the_rest_with_its_tokens_and_forgets_with_time():
    memory = Memory()
    answer = Answer(text="alpha beta", logprobs=(("alpha", -0.1), (" beta", -0.2)))
    memory.keep(place_of(at("x = |")), answer, 100.0)
    assert memory.recall(at("x = al|"), 101.0) == Answer(text="pha beta", logprobs=answer.logprobs)
    assert memory.recall(at("x = alpha|"), 101.0) == Answer(text=" beta", logprobs=((" beta", -0.2),))
    assert memory.recall(at("x = alpha beta|"), 101.0) is None
    assert memory.recall(at("x = b|"), 101.0) is None
    assert memory.recall(at("x = al|"), 1000.0) is None
