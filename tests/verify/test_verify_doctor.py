"""What `tactful doctor` says of interpreters that do not do what they should."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tactful.cli import doctor


def make_interpreter(folder: Path, script: str) -> Path:
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    (folder / ".venv" / "pyvenv.cfg").touch()
    python.write_text(script)
    python.chmod(0o755)
    return folder


def report(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    for name in ("CACHE", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(folder / name))
    done = CliRunner().invoke(doctor.doctor, [str(folder)])
    assert done.exit_code == 1
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.output


def test_path_with_brackets_is_shown_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_interpreter(tmp_path / "a [bold]b[/x]", "#!/bin/sh\nexit 1\n")
    assert f"{folder}/.venv/bin/python -m pip install pytest" in report(folder, monkeypatch)


def test_interpreter_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_interpreter(tmp_path, "#!/nowhere/sh\n")
    assert "cannot be started (No such file or directory)" in report(folder, monkeypatch)


def test_interpreter_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_ANSWER_TIMEOUT_S", 0.2)
    folder = make_interpreter(tmp_path, "#!/bin/sh\nexec sleep 60\n")
    assert "gave no answer in 0.2 s" in report(folder, monkeypatch)
