from pathlib import Path

import pytest

from tactful.core.errors import VerifyError
from tactful.verify.interpreter import find_interpreter, place_of


def make_environment(folder: Path) -> Path:
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\n")
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    return python


def test_configured_executable_wins(tmp_path: Path) -> None:
    configured = make_environment(tmp_path / "chosen")
    make_environment(tmp_path / ".venv")
    assert find_interpreter(tmp_path, configured, {}) == configured


def test_configured_folder_of_an_environment(tmp_path: Path) -> None:
    python = make_environment(tmp_path / "chosen")
    assert find_interpreter(tmp_path, Path("chosen"), {}) == python


def test_active_environment_before_the_projects(tmp_path: Path) -> None:
    active = make_environment(tmp_path / "active")
    make_environment(tmp_path / ".venv")
    assert find_interpreter(tmp_path, None, {"VIRTUAL_ENV": str(tmp_path / "active")}) == active


@pytest.mark.parametrize("name", [".venv", "venv"])
def test_environment_of_the_project(tmp_path: Path, name: str) -> None:
    python = make_environment(tmp_path / name)
    assert find_interpreter(tmp_path, None, {"PATH": ""}) == python


def test_home_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    python = make_environment(tmp_path / "home" / "chosen")
    assert find_interpreter(tmp_path, Path("~/chosen"), {}) == python
    assert place_of(Path("~/chosen/bin/python"), tmp_path) == python


def test_home_of_an_unknown_user_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(VerifyError, match="no Python interpreter at"):
        find_interpreter(tmp_path, Path("~no-such-user/python"), {})


def test_environment_of_the_project_before_condas(tmp_path: Path) -> None:
    conda = make_environment(tmp_path / "conda")
    assert find_interpreter(tmp_path, None, {"CONDA_PREFIX": str(tmp_path / "conda"), "PATH": ""}) == conda
    own = make_environment(tmp_path / ".venv")
    assert find_interpreter(tmp_path, None, {"CONDA_PREFIX": str(tmp_path / "conda"), "PATH": ""}) == own


def test_path_is_the_last_resort(tmp_path: Path) -> None:
    python = make_environment(tmp_path / "somewhere")
    (python.parent / "python3").symlink_to(python)
    found = find_interpreter(tmp_path / "root", None, {"PATH": str(python.parent)})
    assert found.samefile(python)


def test_missing_configured_interpreter_says_what_to_correct(tmp_path: Path) -> None:
    with pytest.raises(VerifyError, match=r"no Python interpreter at .*nowhere.*verify\.python"):
        find_interpreter(tmp_path, tmp_path / "nowhere", {})


def test_no_interpreter_at_all(tmp_path: Path) -> None:
    with pytest.raises(VerifyError, match="No Python interpreter was found"):
        find_interpreter(tmp_path, None, {"PATH": str(tmp_path)})
