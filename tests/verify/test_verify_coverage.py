"""The coverage map: what is kept of a test's run, and until when it holds."""

import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from workbench import Project

from tactful.verify.coverage import CoverageMap, Known, Measured

SOURCE = "RATE = 2\ndef f(x):\n    if x:\n        return 1\n    return 2\n\ndef g():\n    return f(0)\n"
HELPER = "def help():\n    return 'a secret text'\n"
TESTS = "import a\ndef test_f(): a.f(1)\n\ndef test_g(): a.g()\n"
FILES = {"a.py": SOURCE, "helper.py": HELPER, "test_a.py": TESTS}


def measured(name: str, failed: bool = False, **ran: list[int]) -> Measured:
    """Return a run of a test in test_a.py, with the lines of a.py, helper.py and test_a.py."""
    lines = {f"{file}.py": numbers for file, numbers in ran.items()}
    return Measured(test_id=f"test_a.py::{name}", failed=failed, seconds=0.1, ran=lines, exact=["a.py"])


RUNS = (
    measured("test_f", a=[1, 2, 3], test_a=[1]),
    measured("test_g", failed=True, a=[1, 2, 4, 6, 7], helper=[0], test_a=[3]),
    measured("test_p[a secret parameter]", a=[6, 7], test_a=[]),
)


class Bench:
    """A map that has learned RUNS, of a project that a test may change."""

    def __init__(self, root: Path, file: Path) -> None:
        self.root = root
        self.file = file
        self.map = CoverageMap(file, root, "python")
        self.map.learn(RUNS, {}, time.time() + 1)

    def known(self, *functions: str, lines: range | None = None, texts: Mapping[str, str] | None = None) -> Known:
        return self.map.known("a.py", functions or None, lines, texts or {})

    def runners(self, *functions: str, current: bool | None = None, texts: Mapping[str, str] | None = None) -> set[str]:
        """Return the tests that run the functions; only those whose record is current, or is not."""
        known = self.known(*functions, texts=texts)
        found = {each.test_id: known.of(each.test_id) for each in RUNS}
        return {
            name.split("::")[1].split("[")[0]
            for name, record in found.items()
            if record is not None and record.runs_target and current in (None, record.is_current)
        }


@pytest.fixture
def bench(project: Project, tmp_path: Path) -> Bench:
    return Bench(project(FILES), tmp_path / "cache" / "map.sqlite3")


def test_tests_that_run_a_function_are_known(bench: Bench) -> None:
    assert bench.runners("f") == {"test_f", "test_g"}
    assert bench.runners("g") == {"test_g", "test_p"}
    assert bench.runners() == {"test_f", "test_g", "test_p"}
    assert bench.known("f").files == ("test_a.py",)


def test_what_failed_and_how_long_it_took_is_known(bench: Bench) -> None:
    record = bench.known("f").of("test_a.py::test_g")
    assert record is not None
    assert (record.failed, record.seconds) == (True, 0.1)


@pytest.mark.parametrize(
    ("line", "runs"), [(3, {"test_f": True, "test_g": False}), (4, {"test_f": False, "test_g": True})]
)
def test_lines_are_told_apart(bench: Bench, line: int, runs: dict[str, bool]) -> None:
    known = bench.known("f", lines=range(line, line + 1), texts={"a.py": SOURCE})
    records = {name: known.of(f"test_a.py::{name}") for name in runs}
    assert {name: record.runs_lines for name, record in records.items() if record is not None} == runs


def test_lines_move_along_with_their_function(bench: Bench) -> None:
    known = bench.known("f", lines=range(13, 14), texts={"a.py": "\n" * 10 + SOURCE})
    record = known.of("test_a.py::test_f")
    assert record is not None
    assert record.runs_lines is True


@pytest.mark.parametrize(
    ("file", "old", "new", "stale"),
    [
        ("a.py", "return 1", "return 3", set()),  # the target itself: who runs it is decided before it
        ("a.py", "return f(0)", "return f(1)", {"test_g"}),
        ("a.py", "RATE = 2", "RATE = 3", {"test_f", "test_g"}),
        ("helper.py", "secret", "open", {"test_g"}),
        ("test_a.py", "a.f(1)", "a.f(2)", {"test_f"}),
        ("test_a.py", "import a", "import a, os", {"test_f", "test_g"}),
        ("a.py", "RATE", "# a comment\nRATE", set()),
    ],
)
@pytest.mark.parametrize("saved", [True, False])
def test_a_record_holds_until_something_it_ran_changes(
    bench: Bench, file: str, old: str, new: str, stale: set[str], saved: bool
) -> None:
    text = FILES[file].replace(old, new)
    if saved:
        (bench.root / file).write_text(text)
    assert bench.runners("f", current=False, texts={} if saved else {file: text}) == stale
    assert bench.runners("f") == {"test_f", "test_g"}


def test_a_record_is_current_again_when_the_change_is_taken_back(bench: Bench) -> None:
    assert bench.runners("f", current=False, texts={"helper.py": "def help(): pass\n"}) == {"test_g"}
    assert bench.runners("f", current=False) == set()


def test_a_file_that_is_gone_makes_records_stale(bench: Bench) -> None:
    (bench.root / "helper.py").unlink()
    assert bench.runners("f", current=False) == {"test_g"}


def test_a_run_replaces_the_one_before(bench: Bench) -> None:
    bench.map.learn([measured("test_f", a=[6, 7], test_a=[1])], {}, time.time() + 1)
    assert bench.runners("f") == {"test_g"}


def test_a_test_that_fails_keeps_what_it_ran_before(bench: Bench) -> None:
    bench.map.learn([measured("test_f", failed=True, a=[6], test_a=[1])], {}, time.time() + 1)
    assert bench.runners("f") == {"test_f", "test_g"}
    assert "test_f" in bench.runners("g")


def test_a_file_that_changed_meanwhile_teaches_nothing(bench: Bench) -> None:
    bench.map.learn([measured("test_f", a=[6, 7], test_a=[1])], {}, time.time() - 60)
    assert bench.runners("f") == {"test_f", "test_g"}


def test_a_test_that_was_skipped_rests_on_its_file(bench: Bench) -> None:
    bench.map.learn([measured("test_s")], {}, time.time() + 1)
    text = TESTS.replace("import a", "import a, os")
    record = bench.known("f", texts={"test_a.py": text}).of("test_a.py::test_s")
    assert record is not None
    assert (record.runs_target, record.is_current) == (False, False)


def test_no_source_text_is_kept(bench: Bench) -> None:
    kept = bench.file.read_bytes()
    assert b"test_p" in kept
    assert b"secret" not in kept
    assert b"return" not in kept


def test_another_interpreter_begins_anew(bench: Bench) -> None:
    other = CoverageMap(bench.file, bench.root, "another python")
    assert other.known("a.py", None, None, {}).records == {}


@pytest.mark.parametrize("content", [b"no database", b""])
def test_a_broken_map_is_made_anew(bench: Bench, content: bytes) -> None:
    bench.file.write_bytes(content)
    assert bench.runners("f") == set()
    bench.map.learn(RUNS, {}, time.time() + 1)
    assert bench.runners("f") == {"test_f", "test_g"}


def test_a_map_of_another_version_is_made_anew(bench: Bench) -> None:
    database = sqlite3.connect(bench.file)
    database.execute("PRAGMA user_version = 99")
    database.close()
    assert bench.runners("f") == set()


def test_a_map_that_cannot_be_written_costs_only_what_it_knew(project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = Bench(project(FILES), tmp_path / "file" / "map.sqlite3")
    assert found.runners("f") == set()
