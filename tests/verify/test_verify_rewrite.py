"""A model's code as the smallest edit of the file."""

import pytest

from tactful.verify.repair.candidates import Candidate, applied, swap_point
from tactful.verify.repair.rewrite import rewritten
from tactful.verify.repair.source import Source

MODULE = '''\
import re

def is_prime(n):
    return n > 1

@cached
def words(text: str, least: int = 1) -> list[str]:
    """Return the words.

    All of them.
    """

    found = []
    for word in text.split():
        if len(word) > least:
            found.append(word)
    return found

class Shelf:
    def words(self): return 1

    async def fetch(self, *names, **more):
        # first of all
        await self.open()
        return names
'''
WORDS = (
    "    for word in text.split():\n        if len(word) >= least:\n            found.append(word)\n    return found\n"
)
SAME_WORDS = WORDS.replace(">=", ">")


def edit(name: str, code: str, text: str = MODULE, source: Source | None = None) -> Candidate | str:
    source = source or Source(text)
    home, _, short = name.rpartition(".")
    found = [each for each in source.functions if each.name == short]
    function = next(each for each in found if getattr(source.parent(each), "name", "") == home)
    return rewritten(source, function, Source(code))


@pytest.mark.parametrize(
    ("name", "code", "old", "new"),
    [
        # what stays is not in the edit: header, annotations, docstring, equal lines, equal words
        ("words", f"def words(text, least=1):\n    found = []\n{WORDS}", ">", ">="),
        ("words", f'def words(text, least=1):\n    """Mine."""\n    found = []\n{WORDS}', ">", ">="),
        ("is_prime", "def is_prime(n):\n  if n < 2:\n    return False\n  return n % 2\n", "    return n > 1",
         "    if n < 2:\n      return False\n    return n % 2"),
        ("is_prime", "def is_prime(n): return n > 2", "1", "2"),
        ("Shelf.words", "def words(self):\n    return 2", " return 1", "\n        return 2"),
        ("Shelf.words", "class Other:\n    def words(self): return 3\nclass Shelf:\n    def words(self): return 2",
         " return 1", "\n        return 2"),
        ("Shelf.fetch", "async def fetch(self, *names, **more):\n    return names",
         "        # first of all\n        await self.open()\n", ""),
        # lines within a text are not moved
        ("is_prime", 'def is_prime(n):\n  return """a\n  b"""', "    return n > 1", '    return """a\n  b"""'),
        # what the code brings along goes into the body, where it is used and the file lacks it
        ("is_prime", "import re\nimport math\nimport heapq\ndef is_prime(n):\n    return math.sqrt(n)",
         "    return n > 1", "    import math\n    return math.sqrt(n)"),
        ("is_prime", "def is_prime(n):\n    return odd(n)\ndef odd(n):\n    return n % 2\ndef test_odd(): pass",
         "    return n > 1", "    def odd(n):\n        return n % 2\n    return odd(n)"),
        # another function of the file is changed where the answer has another version of it
        ("words", f"def is_prime(n):\n    return n > 3\ndef words(text, least=1):\n    found = []\n{SAME_WORDS}",
         "1", "3"),
    ],
)  # fmt: skip
def test_the_edit_is_what_differs(name: str, code: str, old: str, new: str) -> None:
    source = Source(MODULE)
    candidate = edit(name, code, source=source)
    assert isinstance(candidate, Candidate), candidate
    assert (MODULE[candidate.start : candidate.end], candidate.new_text) == (old, new)
    Source(applied(MODULE, candidate))
    assert swap_point(source, candidate) is not None


@pytest.mark.parametrize(
    ("name", "code", "why"),
    [
        ("words", "def word(text): pass", "the answer has no function named words"),
        ("words", "x = 1", "the answer has no function named words"),
        ("words", "def outer():\n    def words(text, least=1): pass", "the answer has no function named words"),
        ("words", "def words(text): return []", "the answer's words has other parameters"),
        ("Shelf.fetch", "def fetch(self, *names, **more): return 1", "the answer's fetch is a plain function"),
        ("is_prime", "async def is_prime(n): return 1", "the answer's is_prime is an async function"),
        ("is_prime", 'def is_prime(n):\n    """Nothing else."""', "the answer's is_prime has no code"),
        ("is_prime", "def is_prime(n: int):\n    return n > 1  # so", "the code does what the file's does already"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_over_says_why(name: str, code: str, why: str) -> None:
    assert edit(name, code) == why


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import os\ndef is_prime(n):\n    os.remove('x')\n    return n > 2", "os"),
        ("def is_prime(n):\n    import shutil, socket\n    return n > 2", "shutil, socket"),
        ("def is_prime(n):\n    from subprocess import run\n    return 2", "subprocess"),
        ("def is_prime(n):\n    return eval('n') or open('x')", "eval, open"),
        ("def is_prime(n):\n    return ().__class__.__bases__", "__bases__, __class__"),
        ("def is_prime(n):\n    return odd(n)\ndef odd(n):\n    return exec(n)", "exec"),
    ],
)
def test_what_reaches_beyond_the_program_is_not_taken_over(code: str, names: str) -> None:
    assert edit("is_prime", code) == f"the code brings in {names}, which the file does not use"


def test_imports_and_tests_beside_the_function_do_not_count() -> None:
    code = "import os\nimport pytest\ndef is_prime(n):\n    return n > 2\ndef test_it():\n    assert open('x')\n"
    assert isinstance(edit("is_prime", code), Candidate)


def test_what_the_file_uses_already_may_be_used() -> None:
    text = "import os\n\ndef here(name):\n    return name\n"
    assert isinstance(edit("here", "import os\ndef here(name):\n    return os.path.abspath(name)", text), Candidate)


def test_tests_are_never_edited() -> None:
    text = "def low(a):\n    return a\n\ndef test_low():\n    assert low(1) == 2\n"
    candidate = edit("low", "def low(a):\n    return a + 1\n\ndef test_low():\n    assert True\n", text)
    assert isinstance(candidate, Candidate)
    assert applied(text, candidate) == text.replace("return a\n", "return a + 1\n")


def test_changed_defaults_change_the_header_and_need_an_import() -> None:
    source = Source(MODULE)
    candidate = edit("words", f"def words(text, least=0):\n    found = []\n{WORDS}", source=source)
    assert isinstance(candidate, Candidate)
    assert "def words(text: str, least: int=0) -> list[str]:" in applied(MODULE, candidate)
    assert swap_point(source, candidate) is None


def test_line_ends_are_the_files() -> None:
    text = MODULE.replace("\n", "\r\n")
    candidate = edit("is_prime", "def is_prime(n):\n    if n:\n        return 2\n    return 3", text)
    assert isinstance(candidate, Candidate)
    after = applied(text, candidate)
    assert after.count("\n") == after.count("\r\n") == text.count("\n") + 2
