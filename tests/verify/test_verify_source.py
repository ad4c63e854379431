import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.verify.repair.candidates import applied, swap_point
from tactful.verify.repair.priors import PRIORS
from tactful.verify.repair.ranking import all_edits
from tactful.verify.repair.source import Source

SNIPPETS = (
    """\
def f(a, b=2):
    '''Doc.'''
    if a < b and not a:
        return a + b
    elif a:
        a -= 1
    return [x for x in range(a)]
""",
    """\
def g(xs):
    total = 0
    for i, x in enumerate(xs):
        if x in xs[1:]:
            total += i
            break
    return total
""",
    """\
class C:
    def m(self, text):
        self.n = len(text)
        while self.n > 0:
            self.n -= 1
        return self.n if text else -1
""",
    """\
def h(s):
    # ünïcode 🎉
    parts = 'é🎉'.join(sorted(s, key=lambda c: c.lower()))
    return (parts,
            s)[0]
""",
    "def k(d):\n\tfor key in d: d[key] += 1\n\treturn {v: k for k, v in d.items()}\n",
    "def one(a): return a * (a + 1) // 2\n",
    "async def w(q):\n    async with q as r:\n        await r(q, 1)\n    yield f'{q!r:>{3}}'\n",
)


def parsed(text: str) -> bool:
    try:
        Source(text)
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize("text", SNIPPETS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_edits_give_code_that_parses(text: str, newline: str) -> None:
    source = Source(text.replace("\n", newline))
    edits = [each for node in ast.walk(source.tree) for each in all_edits(source, node)]
    broken = [each for each in edits if not parsed(applied(source.text, each))]
    assert len(edits) > 10
    assert len(broken) <= 0.05 * len(edits), broken[0]


@pytest.mark.parametrize("text", SNIPPETS)
def test_every_kind_of_edit_has_a_prior(text: str) -> None:
    source = Source(text)
    assert {each.operator for node in ast.walk(source.tree) for each in all_edits(source, node)} <= set(PRIORS)


@pytest.mark.parametrize("text", SNIPPETS)
def test_edits_change_only_the_lines_of_their_place(text: str) -> None:
    source = Source(text)
    for node in ast.walk(source.tree):
        for each in all_edits(source, node):
            assert 0 <= each.start <= each.end <= len(text)
            assert applied(text, each)[: each.start] == text[: each.start]


@given(st.text(alphabet="aé🎉 \t", max_size=8), st.sampled_from(["\n", "\r\n", "\r"]))
def test_spans_are_offsets_of_characters(filling: str, newline: str) -> None:
    text = f"x = '{filling}'{newline}y = ['{filling}', value]  # end"
    source = Source(text)
    names = [node for node in ast.walk(source.tree) if isinstance(node, ast.Name)]
    assert sorted(source.code(node) for node in names) == ["value", "x", "y"]


def edited(text: str, operator: str) -> set[str]:
    source = Source(text)
    return {
        applied(text, each)
        for node in ast.walk(source.tree)
        for each in all_edits(source, node)
        if each.operator == operator
    }


@pytest.mark.parametrize(
    ("operator", "before", "after"),
    [
        ("comparison", "def f(a):\n    return a<1\n", "def f(a):\n    return a<=1\n"),
        ("comparison", "def f(a):\n    return a is  not None\n", "def f(a):\n    return a is None\n"),
        ("comparison", "def f(a):\n    return (1)==(a)\n", "def f(a):\n    return (1) in (a)\n"),
        ("arithmetic", "def f(a):\n    return a - 2  # why\n", "def f(a):\n    return a + 2  # why\n"),
        ("and/or", "def f(a, b):\n    return a and b\n", "def f(a, b):\n    return a or b\n"),
        ("augmented assignment", "def f(a):\n    a += 1\n    return a\n", "def f(a):\n    a -= 1\n    return a\n"),
        ("number", "def f(a):\n    return a[1]\n", "def f(a):\n    return a[0]\n"),
        ("truth value", "def f():\n    return True\n", "def f():\n    return False\n"),
        ("text", "def f():\n    return ''\n", "def f():\n    return ' '\n"),
        ("name", "def f(a, b):\n    return a\n", "def f(a, b):\n    return b\n"),
        ("attribute", "def f(o):\n    o.x = 1\n    return o.y\n", "def f(o):\n    o.x = 1\n    return o.x\n"),
        ("off by one", "def f(a):\n    return range(a)\n", "def f(a):\n    return range(a + 1)\n"),
        ("off by one", "def f(a):\n    return -len(a)\n", "def f(a):\n    return -(len(a) - 1)\n"),
        ("swap arguments", "def f(a, b):\n    return g(a,  b)\n", "def f(a, b):\n    return g(b,  a)\n"),
        ("swap operands", "def f(a, b):\n    return a - b\n", "def f(a, b):\n    return b - a\n"),
        ("function", "def f(a):\n    return min(a)\n", "def f(a):\n    return max(a)\n"),
        ("function", "def f(a):\n    return a.lower()\n", "def f(a):\n    return a.upper()\n"),
        ("drop call", "def f(a):\n    return sorted(a)\n", "def f(a):\n    return a\n"),
        ("drop unary", "def f(a):\n    return not a\n", "def f(a):\n    return a\n"),
        ("drop condition", "def f(a):\n    return [x for x in a if x]\n", "def f(a):\n    return [x for x in a ]\n"),
        ("wrap", "def f(a: str):\n    return a\n", "def f(a: str):\n    return a.lower()\n"),
        ("slice by name", "def f(a: list, n: int):\n    return a\n", "def f(a: list, n: int):\n    return a[:n]\n"),
        ("negate", "def f(a):\n    if a > 1:\n        pass\n", "def f(a):\n    if not (a > 1):\n        pass\n"),
        ("delete statement", "def f(a):\n    a()\n    a()\n", "def f(a):\n    a()\n"),
        ("delete statement", "def f(a):\n    if a:\n        a()\n", "def f(a):\n    if a:\n        pass\n"),
        ("jump", "def f(a):\n    for x in a:\n        break\n", "def f(a):\n    for x in a:\n        continue\n"),
        ("keyword", "def f(a):\n    if a:\n        a()\n", "def f(a):\n    while a:\n        a()\n"),
        (
            "move out",
            "def f(a):\n    for x in a:\n        x()\n        return 1\n",
            "def f(a):\n    for x in a:\n        x()\n    return 1\n",
        ),
        (
            "move in",
            "def f(a):\n    for x in a:\n        x()\n    a()\n",
            "def f(a):\n    for x in a:\n        x()\n        a()\n",
        ),
        (
            "swap statements",
            "def f(a):\n    a()\n    b = a\n    return b\n",
            "def f(a):\n    b = a\n    a()\n    return b\n",
        ),
        (
            "insert guard",
            "def f(a):\n    return a[0]\n",
            "def f(a):\n    if not a:\n        return None\n    return a[0]\n",
        ),
        (
            "insert statement",
            "def f(a):\n    found = []\n    for x in a:\n        x()\n    return found\n",
            "def f(a):\n    found = []\n    for x in a:\n        x()\n        found.append(x)\n    return found\n",
        ),
        (
            "join condition",
            "def f(a, b):\n    if a:\n        b()\n",
            "def f(a, b):\n    if a and not b:\n        b()\n",
        ),
    ],
)
def test_kinds_of_edits(operator: str, before: str, after: str) -> None:
    assert after in edited(before, operator)


@pytest.mark.parametrize(
    ("text", "operator", "expected"),
    [
        ("x = 1 < 2\n", "comparison", None),
        ("def f(a=1):\n    return a\n", "number", None),
        ("@d(1)\ndef f(a):\n    return a\n", "number", None),
        ("@d\ndef f(a):\n    return 1\n", "number", ("f", 1)),
        ("def f():\n    return 1\nX = f()\n", "number", None),
        ("def f():\n    def g():\n        return 1\n    return g\n", "number", ("f", 1)),
        ("class C:\n    n = 1\n", "number", None),
        ("class C:\n    def m(self):\n        return 1\n", "number", ("m", 2)),
    ],
)
def test_function_that_an_edit_changes(text: str, operator: str, expected: tuple[str, int] | None) -> None:
    source = Source(text)
    edits = [each for node in ast.walk(source.tree) for each in all_edits(source, node) if each.operator == operator]
    assert {swap_point(source, each) for each in edits} == {expected}
