import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from workbench import Project

from tactful.core.errors import VerifyError
from tactful.verify import workspace
from tactful.verify.workspace import copy_workspace, put_texts, refresh


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() or path.is_symlink()}


def test_copy_holds_the_unsaved_text(project: Project, tmp_path: Path) -> None:
    root = project({"a.py": "old", "sub/b.txt": "kept"})
    made = copy_workspace(root, tmp_path / "copy")
    put_texts(made, {root / "a.py": "new\r\n", root / "new/c.py": "unsaved"})
    assert files_below(made.copy) == {"a.py", "sub/b.txt", "new/c.py"}
    assert (made.copy / "a.py").read_bytes() == b"new\r\n"
    assert (root / "a.py").read_text() == "old"


def test_compiled_form_of_a_replaced_file_is_dropped(project: Project, tmp_path: Path) -> None:
    root = project({"a.py": "x", "__pycache__/a.cpython-311.pyc": "", "__pycache__/b.cpython-311.pyc": ""})
    made = copy_workspace(root, tmp_path / "copy")
    put_texts(made, {root / "a.py": "new"})
    assert files_below(made.copy) == {"a.py", "__pycache__/b.cpython-311.pyc"}


def test_environments_are_linked_and_caches_left_out(project: Project, tmp_path: Path) -> None:
    root = project({"a.py": "", ".venv/x": "", "mine/pyvenv.cfg": "", ".git/HEAD": "", ".pytest_cache/x": ""})
    made = copy_workspace(root, tmp_path / "copy")
    assert files_below(made.copy) == {"a.py"}
    assert set(made.linked) == {Path(".venv"), Path("mine"), Path(".git")}


def test_large_file_is_linked(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "MAX_COPIED_BYTES", 3)
    root = project({"a.py": "", "data.bin": "large"})
    assert copy_workspace(root, tmp_path / "copy").linked == (Path("data.bin"),)


def test_links_and_pipes_do_no_harm(project: Project, tmp_path: Path) -> None:
    root = project({"a.py": "x"})
    (root / "link.py").symlink_to("a.py")
    (root / "gone").symlink_to("nowhere")
    os.mkfifo(root / "pipe")
    made = copy_workspace(root, tmp_path / "copy")
    put_texts(made, {root / "link.py": "changed"})
    assert (made.copy / "link.py").read_text() == "changed"
    assert (made.copy / "a.py").read_text() == "x"
    assert not (made.copy / "pipe").exists()


def test_folder_that_is_no_project_is_refused(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "MAX_FILES", 2)
    root = project(dict.fromkeys("abcd", ""))
    with pytest.raises(VerifyError, match="more than 2 files; open the project's own folder"):
        copy_workspace(root, tmp_path / "copy")


def test_file_that_vanishes_is_left_out(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = project({"a.py": "", "b.py": ""})
    walk = workspace._walk

    def remove_meanwhile(root: Path, linked: list[Path]) -> Iterator[os.DirEntry[str]]:
        for entry in walk(root, linked):
            if entry.name == "b.py":
                Path(entry.path).unlink()
            yield entry

    monkeypatch.setattr(workspace, "_walk", remove_meanwhile)
    assert files_below(copy_workspace(root, tmp_path / "copy").copy) == {"a.py"}


def test_refreshed_copy_follows_the_workspace(project: Project, tmp_path: Path) -> None:
    root = project({"a.py": "1", "gone.py": "", "old/b.py": "", "turned/c.py": "", "same.py": ""})
    made = copy_workspace(root, tmp_path / "copy")
    kept = (made.copy / "same.py").stat().st_ino
    (root / "a.py").write_text("22")
    (root / "gone.py").unlink()
    shutil.rmtree(root / "old")
    shutil.rmtree(root / "turned")
    (root / "turned").write_text("a file now")
    (root / "new").mkdir()
    (root / "new" / "d.py").write_text("d")
    assert refresh(made)
    assert files_below(made.copy) == {"a.py", "same.py", "turned", "new/d.py"}
    assert (made.copy / "a.py").read_text() == "22"
    assert (made.copy / "same.py").stat().st_ino == kept


@pytest.mark.parametrize("name", ["b.bin", ".venv/pyvenv.cfg", "mine/pyvenv.cfg"])
def test_copy_with_other_links_is_made_anew(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(workspace, "MAX_COPIED_BYTES", 3)
    root = project({"a.py": "", "a.bin": "large"})
    made = copy_workspace(root, tmp_path / "copy")
    (made.copy / "a.bin").touch()  # the mark of the link
    assert refresh(made)
    assert (made.copy / "a.bin").exists()
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("large")
    assert not refresh(made)
