"""What Python files define, with signature and docstring."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tactful.retrieval.definitions import definitions

ACCOUNT = '''
@dataclass(frozen=True)
class Account(Base):
    """One account.

    More of it.
    """

    owner: str
    balance: int = 0  # in cents

    def __init__(self, owner): ...

    @property
    def empty(self) -> bool:
        """Say whether nothing is left."""
        return not self.balance
'''


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(a, b=1): return a", {"f": "def f(a, b=1):\n    ..."}),
        ("async def f(\n    a: int,\n) -> str:\n    '''Do it.\n\n    More.'''", None),
        ("LIMIT = 5\n", {"LIMIT": "LIMIT = 5"}),
        ("limit: int = [\n1,\n2]\n", {"limit": "limit: int = ["}),
        ("try:\n    import a\nexcept E:\n    def g(): pass\n", {"g": "def g():\n    ..."}),
        ("def outer():\n    def inner(): pass\n", {"outer": "def outer():\n    ..."}),
        ("def broken(:\n  x\n\ndef whole(): pass", None),
        ("a.b = 1\nprint(1)\n", {}),
        ("", {}),
    ],
)
def test_definitions(source: str, expected: dict[str, str] | None) -> None:
    found = {each.name: each.text for each in definitions(source)}
    if expected is not None:
        assert found == expected


def test_a_signature_over_several_lines_is_one_line() -> None:
    (found,) = definitions("async def f(\n    a: int,\n) -> str:\n    '''Do it.\n\n    More.'''")
    assert found.text == 'async def f( a: int, ) -> str:\n    """Do it."""'


def test_what_follows_broken_code_is_found() -> None:
    assert "whole" in {each.name for each in definitions("def broken(:\n  x\n\ndef whole(): pass")}


def test_a_class_tells_its_fields_and_methods() -> None:
    account, empty = definitions(ACCOUNT)
    assert account.text.split("\n") == [
        "class Account(Base):",
        '    """One account."""',
        "    owner: str",
        "    balance: int = 0",
        "    def __init__(self, owner): ...",
        "    def empty(self) -> bool: ...",
    ]
    assert (empty.name, empty.line) == ("empty", 14)
    assert empty.text.startswith("class Account:\n    def empty(self) -> bool:\n")


@given(st.text(alphabet="defclas s():\n  x=1'\"#@ü", max_size=120))
def test_no_text_is_too_odd(source: str) -> None:
    list(definitions(source))
