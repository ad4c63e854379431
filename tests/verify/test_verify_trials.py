"""Many candidates in one process: each answered for as if it had been alone."""

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from workbench import Project

from tactful.verify.bed import Bed, Site, make_bed
from tactful.verify.runner.host import Trial
from tactful.verify.sandbox import choose_sandbox

HEAD = "def f(x):\n"


@pytest.fixture
def beds() -> Iterator[list[Bed]]:
    made: list[Bed] = []
    yield made
    for each in made:
        each.close()


def verdicts(
    project: Project, beds: list[Bed], tmp_path: Path, module: str, tests: str, bodies: Sequence[str], share: int = 32
) -> list[str]:
    """Return the verdict of each body of `f`, which is the module's first function, in their order."""
    root = project({"a.py": module, "test_a.py": "import a\n" + tests})
    site = Site(root=root, python=Path(sys.executable), sandbox=choose_sandbox("auto"), budget_s=20.0)
    folder = tmp_path / "bed"
    folder.mkdir()
    bed = make_bed(site, {}, folder, time.monotonic() + 30.0)
    beds.append(bed)
    items, errors = bed.runner.hold([bed.place(root / "test_a.py")], target=bed.place(root / "a.py"))
    assert not errors
    ids = [item.id for item in items]
    runs = list(bed.runner.run(ids, trace=False, limit_s=5.0))
    failing = [each.id for each in runs if each.outcome == "failed"]
    line = module[: module.index("def f")].count("\n") + 1
    sent = [{"text": "\n" * (line - 1) + HEAD + body, "name": "f", "line": line} for body in bodies]
    order = sorted(ids, key=lambda each: each not in failing)
    found: list[Trial] = list(
        bed.runner.try_candidates(
            sent, order, dict.fromkeys(ids, 0.1), failing=failing, jobs=2, share=share, within_s=20.0
        )
    )
    return [each.verdict for each in sorted(found, key=lambda each: each.index)]


TEST_ONE = "def test_one(): assert a.f(1) == 2\n"
HANGS = "    while True: pass\n"
SWALLOWS = "    while True:\n        try:\n            while True: pass\n        except: pass\n"
DIES = "    import os; os._exit(5)\n"
SLEEPS = "    import time; time.sleep(60)\n"
RIGHT, WRONG = "    return x + 1\n", "    return x + 5\n"


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ([WRONG, RIGHT], ["failed", "passed"]),
        ([HANGS, RIGHT], ["timed_out", "passed"]),
        ([SWALLOWS, RIGHT], ["timed_out", "passed"]),
        ([DIES, RIGHT, WRONG], ["failed", "passed", "failed"]),
        ([SLEEPS, RIGHT], ["timed_out", "passed"]),
        (["    return (\n", RIGHT], ["unfit", "passed"]),
        (["    raise SystemExit\n", RIGHT], ["failed", "passed"]),
        ([RIGHT, "    return  x+1\n"], ["passed", "known"]),
        (["    return x\n", RIGHT], ["known", "passed"]),  # the first is what the file holds
    ],
)
@pytest.mark.parametrize("share", [1, 32])
def test_one_cannot_hurt_the_next(
    project: Project, beds: list[Bed], tmp_path: Path, bodies: list[str], expected: list[str], share: int
) -> None:
    module = "def f(x):\n    return x\n"
    assert verdicts(project, beds, tmp_path, module, TEST_ONE, bodies, share) == expected


REMEMBERS = {
    "a list": ("SEEN = []\ndef f(x):\n    return 0\n", "    SEEN.append(x)\n    return x + len(SEEN)\n"),
    "a number": ("N = 0\ndef f(x):\n    return 0\n", "    global N\n    N += 1\n    return x + N\n"),
    "a class": (
        "class C:\n    n = []\ndef f(x):\n    return 0\n",
        "    C.n.append(x)\n    return x + len(C.n)\n",
    ),
}


@pytest.mark.parametrize("kind", REMEMBERS)
def test_what_a_module_remembers_is_put_back(project: Project, beds: list[Bed], tmp_path: Path, kind: str) -> None:
    module, right = REMEMBERS[kind]
    spoiling = right.replace("return x", "return 7 * x")
    assert verdicts(project, beds, tmp_path, module, TEST_ONE, [spoiling, spoiling.replace("7", "8"), right]) == [
        "failed",
        "failed",
        "passed",
    ]


def test_process_that_was_spoilt_is_not_believed(project: Project, beds: list[Bed], tmp_path: Path) -> None:
    """What other modules remember is not put back; the tests that passed tell, and each candidate gets a process."""
    module = "import json\ndef f(x):\n    return x\n"
    tests = "import json\ndef test_zero(): assert a.f(0) == 0 + getattr(json, 'spoilt', 0)\n"
    tests += "def test_one(): assert a.f(1) == 2 - getattr(json, 'spoilt', 0)\n"
    spoils = "    json.spoilt = 1\n    return 9\n"
    right = "    return x * 2\n"
    assert verdicts(project, beds, tmp_path, module, tests, [spoils, right]) == ["failed", "passed"]


def test_what_a_test_is_given_is_put_back(project: Project, beds: list[Bed], tmp_path: Path) -> None:
    module = "def f(x):\n    return 0\n"
    tests = "import pytest\nMORE = [1]\n@pytest.mark.parametrize('xs', [[1, 2]])\n"
    tests += "def test_one(xs): assert a.f(xs) == 3 and a.f(MORE) == 1\n"
    bodies = ["    x.append(5)\n    return 0\n", "    x.clear()\n    return 1\n", "    return sum(x)\n"]
    assert verdicts(project, beds, tmp_path, module, tests, bodies) == ["failed", "failed", "passed"]
