"""The index follows the workspace: new, changed and vanished files, damage, folders that cannot be written."""

from pathlib import Path

import pytest
from banking import FILES, write

from tactful.core.errors import BackendError, IndexUnusable
from tactful.retrieval.indexing import bring_up_to_date, index_folder, update
from tactful.retrieval.store import Reader, is_test


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a workspace."""
    folder = tmp_path / "workspace"
    write(folder, FILES)
    return folder


@pytest.fixture
def index(tmp_path: Path, root: Path) -> Path:
    """Return the folder of its index, which has been built."""
    folder = index_folder(tmp_path / "cache", [root])
    bring_up_to_date(folder, [root])
    return folder


def names(index: Path, *asked: str) -> set[tuple[str, str]]:
    return {(Path(each.path).name, each.name) for each in Reader(index).defined(asked)}


def test_definitions_and_chunks_are_found(root: Path, index: Path) -> None:
    assert names(index, "Account", "deposit", "open_account") == {
        ("account.py", "Account"),
        ("account.py", "deposit"),
        ("account.py", "open_account"),
    }
    reader = Reader(index)
    best = reader.similar(["teller"], but=None, limit=2)
    assert {Path(each.path).name for each in best} == {"test_teller.py", "notes.txt"}
    assert Path(reader.similar(["teller"], but=str(root / "notes.txt"), limit=1)[0].path).name == "test_teller.py"
    assert [Path(each.path).name for each in reader.tests("pay_in", [], but=None, limit=9)] == ["test_teller.py"]
    assert reader.similar([], but=None, limit=1) == []
    assert reader.defined([]) == []


def test_only_what_changed_is_read_again(root: Path, index: Path) -> None:
    write(root, {"bank/account.py": "def close_account(): ...\n", "bank/new.py": "def fresh(): ...\n"})
    (root / "bank" / "report.py").unlink()
    told: list[tuple[int, int]] = []
    bring_up_to_date(index, [root], lambda done, total: told.append((done, total)))
    assert told[-1] == (2, 2)
    asked = ("Account", "close_account", "fresh", "monthly_report")
    assert names(index, *asked) == {("account.py", "close_account"), ("new.py", "fresh")}


def test_a_saved_file_is_read_again_and_a_reader_sees_it(root: Path, index: Path) -> None:
    reader = Reader(index)
    write(root, {"bank/account.py": "def close_account(): ...\n"})
    update(index, [root], [root / "bank" / "account.py"])
    reader.refresh()
    assert [each.name for each in reader.defined(["Account", "close_account"])] == ["close_account"]


@pytest.mark.parametrize("name", ["../else.py", ".env", "private.py", "data.bin"])
def test_what_is_not_of_the_workspace_is_not_read(root: Path, index: Path, name: str) -> None:
    write(root, {".tactfulignore": "private.py\n", name: "def hidden(): ...\n"})
    update(index, [root], [root / name])
    assert names(index, "hidden") == set()


def test_a_deleted_or_ignored_file_is_forgotten(root: Path, index: Path) -> None:
    (root / "bank" / "account.py").unlink()
    write(root, {".gitignore": "report.py\n"})
    update(index, [root], [root / "bank" / "account.py", root / "bank" / "report.py"])
    assert names(index, "Account", "monthly_report") == set()


def test_a_damaged_index_is_made_anew(root: Path, index: Path) -> None:
    (index / "meta.json").write_text("{")
    with pytest.raises(IndexUnusable):
        Reader(index)
    bring_up_to_date(index, [root])
    assert names(index, "Account")


def test_no_index_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable):
        Reader(tmp_path / "none")


def test_a_folder_that_cannot_be_written_is_said(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BackendError, match="cannot be kept"):
        bring_up_to_date(tmp_path / "file" / "index", [root])


def test_text_that_is_not_utf8_does_no_harm(root: Path, index: Path) -> None:
    (root / "odd.py").write_bytes(b"def odd():\n    return '\xff\xed\xa0\x80'\n")
    bring_up_to_date(index, [root])
    assert names(index, "odd") == {("odd.py", "odd")}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/w/tests/a.py", True),
        ("/w/test_a.py", True),
        ("/w/a_test.go", True),
        ("/w/a.spec.ts", True),
        ("/w/attest.py", False),
        ("/w/contest/a.py", False),
    ],
)
def test_tests_are_known_by_their_path(path: str, expected: bool) -> None:
    assert is_test(path) is expected
