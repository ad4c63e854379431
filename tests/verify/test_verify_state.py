"""What a module remembers, in this process."""

import importlib.util
import types
from pathlib import Path

import pytest

from tactful.verify.runner.forkserver.state import remember

TEXT = """\
import functools
N = 1
ITEMS = [1, [2]]
NAMES = {"a": 1}
ODD = {1, 3}
MISSING = object()
KNOWN = {"a": MISSING}
class C:
    shared = []
    count = 0
    def m(self): return self.shared
@functools.lru_cache
def cached(x): return N + x
def grows(x, seen=[]):
    seen.append(x)
    return len(seen)
"""


@pytest.fixture
def module(tmp_path: Path) -> types.ModuleType:
    path = tmp_path / "remembering.py"
    path.write_text(TEXT)
    spec = importlib.util.spec_from_file_location("remembering", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.mark.parametrize(
    ("change", "shown", "expected"),
    [
        ("N = 5", "N", 1),
        ("ITEMS.append(3)", "ITEMS", [1, [2]]),
        ("ITEMS[1].append(3)", "ITEMS", [1, [2]]),
        ("ITEMS = None", "ITEMS", [1, [2]]),
        ("NAMES['b'] = 2", "NAMES", {"a": 1}),
        ("ODD.clear()", "ODD", {1, 3}),
        ("C().m().append(1)", "C.shared", []),
        ("C.count = 3", "C.count", 0),
        ("KNOWN.clear()", "KNOWN['a'] is MISSING", True),
        ("pass", "KNOWN['a'] is MISSING", True),
        ("cached(1); N = 7", "cached(1)", 2),
        ("grows(0)", "grows(0)", 1),
    ],
)
def test_is_put_back(module: types.ModuleType, change: str, shown: str, expected: object) -> None:
    put_back = remember(str(module.__file__))
    for _ in range(2):
        exec(change, vars(module))
        put_back()
        assert eval(shown, vars(module)) == expected
        put_back()
