"""The command line as scripts and newcomers use it: real processes, exit codes, clear messages."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e


def tactful(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "tactful", *map(str, arguments)]
    return subprocess.run(argv, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def test_help_names_every_command():
    shown = tactful("--help")
    assert shown.returncode == 0
    commands = ("serve", "demo", "index", "complete", "train", "evaluate", "replay", "verify", "report", "egress")
    for name in (*commands, "doctor"):
        assert re.search(rf"^  {name} ", shown.stdout, re.MULTILINE)
        assert tactful(name, "--help").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense"], "No such command"),
        (["complete", "nowhere.py:1:1"], "cannot be read"),
        (["complete", "nowhere.py"], "FILE:LINE:COL"),
        (["complete", "nowhere.py:0:1"], "FILE:LINE:COL"),
        (["complete", f"{__file__}:1:500"], "ends at column"),
        (["serve", "--tcp", "here"], "HOST:PORT"),
        (["index", "/nowhere"], "does not exist"),
    ],
)
def test_bad_usage_exits_with_2_and_one_clear_line(arguments, words):
    shown = tactful(*arguments)
    assert shown.returncode == 2
    assert words in shown.stderr
    assert "Traceback" not in shown.stderr


def test_index_then_complete_uses_the_workspace(project):
    assert tactful("index", project).returncode == 0
    new = project / "ledger" / "more.py"
    new.write_text("from ledger.account import Acc")
    shown = tactful("complete", f"{new}:1:31")
    assert shown.stdout.startswith("ount")
    assert shown.returncode == 0
    told = json.loads(tactful("complete", f"{new}:1:31", "--json").stdout)
    assert told["suggestion"].startswith("ount")
    assert 0 < told["probability"] <= 1


def test_complete_says_why_there_is_nothing(project):
    odd = project / "odd.py"
    odd.write_text("zqxv")
    shown = tactful("complete", f"{odd}:1:5")
    assert shown.returncode == 1
    assert "no suggestion" in shown.stderr


@pytest.mark.parametrize(("fix", "code", "status"), [(False, 1, "failing"), (True, 0, "fixed")])
def test_verify_tells_scripts_what_happened(project, fix, code, status):
    account = project / "ledger" / "account.py"
    broken = account.read_text().replace("amount <= self.balance", "amount < self.balance")
    account.write_text(broken)
    flags = ["--json", "--python", sys.executable, *(["--fix"] if fix else [])]
    shown = tactful("verify", f"{account}::Account.covers", *flags)
    assert (shown.returncode, json.loads(shown.stdout)["status"]) == (code, status)
    assert account.read_text() == broken  # only --write writes


def test_verify_writes_the_fix_when_told_to(project):
    account = project / "ledger" / "account.py"
    right = account.read_text()
    account.write_text(right.replace("amount <= self.balance", "amount < self.balance"))
    shown = tactful("verify", f"{account}::Account.covers", "--fix", "--write", "--python", sys.executable)
    assert shown.returncode == 0
    assert account.read_text() == right


def test_doctor_finds_what_is_there(project):
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "pyvenv.cfg").touch()
    (project / ".venv" / "bin" / "python").symlink_to(sys.executable)
    shown = tactful("doctor", project)
    for word in ("interpreter", "sandbox", "gate", "cache", "data", "log"):
        assert word in shown.stdout


def test_doctor_names_an_unwritable_folder(project, home, monkeypatch):
    home.mkdir(exist_ok=True)
    (home / "blocked").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "blocked"))
    shown = tactful("doctor", project)
    assert shown.returncode == 1
    assert "cannot be written" in shown.stdout


def test_the_demo_plays_to_its_end(home):
    shown = tactful("demo", "--fast")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "accepted" in shown.stdout
    assert "hidden" in shown.stdout
    assert "near tests pass" in shown.stdout
    assert not home.exists() or not list(home.iterdir())  # its folders were temporary
    assert "Traceback" not in shown.stderr
    assert os.environ["XDG_CACHE_HOME"] not in shown.stdout
