"""Tests that do harm, and what is left of it."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from workbench import Project

from tactful.core.errors import SandboxUnavailable
from tactful.verify import VerifyRequest, VerifyResult, run
from tactful.verify.sandbox import available_sandbox, choose_sandbox
from tactful.verify.sandbox.confine import CANNOT
from tactful.verify.sandbox.environment import test_environment as environment_of_tests

KINDS = ("bubblewrap", "landlock")


def run_test(project: Project, body: str, sandbox: str, budget_s: float = 15.0) -> VerifyResult:
    """Verify a file whose only test has this body."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    text = f"import os, sys, time, socket, pathlib\nimport a\ndef test_harm():\n    a.f()\n{lines}"
    root = project({"a.py": "def f(): pass\n", "test_a.py": text})
    request = VerifyRequest(
        root=root,
        path=root / "a.py",
        text="def f(): pass\n",
        python=Path(sys.executable),
        sandbox=sandbox,  # type: ignore[arg-type]
        budget_s=budget_s,
    )
    result = run(request, lambda message, fraction: None)
    if result.cause == "no_sandbox":
        pytest.skip(result.message)
    return result


@pytest.mark.parametrize("sandbox", KINDS)
def test_nothing_is_written_outside_of_the_copy(project: Project, tmp_path: Path, sandbox: str) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("safe")
    home = Path.home() / "tactful-was-here"
    result = run_test(project, f"for p in {[str(victim), str(home)]!r}:\n    open(p, 'w').write('x')", sandbox)
    assert victim.read_text() == "safe"
    assert not home.exists()
    assert result.status in ("failing", "verified")


@pytest.mark.parametrize("sandbox", KINDS)
def test_files_of_the_workspace_can_be_written_in_the_copy(project: Project, sandbox: str) -> None:
    body = (
        "here = pathlib.Path(__file__).parent\n(here / 'made.txt').write_text('x')\n(here / 'a.py').write_text('gone')"
    )
    result = run_test(project, body, sandbox)
    assert result.status == "verified", result.failures
    root = Path(next(iter(result.evidence.near)).test_id).parent
    assert not (root / "made.txt").exists()


@pytest.mark.parametrize("sandbox", KINDS)
def test_temporary_files_and_tmp_path_work(project: Project, sandbox: str) -> None:
    body = "import tempfile\nwith tempfile.NamedTemporaryFile() as f: f.write(b'x')\n"
    body += "open(os.environ['HOME'] + '/x', 'w').close()"
    assert run_test(project, body, sandbox).status == "verified"


@pytest.mark.parametrize("sandbox", KINDS)
def test_there_is_no_network(project: Project, sandbox: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        body = f"socket.create_connection(('127.0.0.1', {port}), timeout=2)"
        result = run_test(project, body, sandbox)
    assert result.status == "failing"
    assert "Error" in result.failures[0].message


@pytest.mark.parametrize("sandbox", KINDS)
def test_datagrams_do_not_leave(project: Project, sandbox: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.3)
        address = server.getsockname()
        run_test(project, f"socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'key', {address!r})", sandbox)
        with pytest.raises(TimeoutError):
            server.recv(10)


@pytest.mark.parametrize("sandbox", KINDS)
def test_keys_stay_outside(project: Project, sandbox: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_API_KEY", "secret-value")
    body = """\
for entry in os.listdir('/proc'):
    try: data = open(f'/proc/{entry}/environ', 'rb').read()
    except OSError: data = b''
    assert b'secret-value' not in data
assert 'SERVICE_API_KEY' not in os.environ"""
    assert run_test(project, body, sandbox).status == "verified"


@pytest.mark.parametrize("sandbox", KINDS)
def test_parents_cannot_be_killed_for_good(project: Project, sandbox: str) -> None:
    result = run_test(project, "os.kill(os.getppid(), 9)\ntime.sleep(0.2)", sandbox)
    assert result.cause == "error"
    assert result.message == "A test ended the process that ran the tests."


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("os._exit(3)", "the test ended the Python process that ran it"),
        ("input()", "reading from stdin"),
        ("while True: pass", "had not ended"),
        ("x = bytearray(64 << 30)", "MemoryError"),
        ("sys.exit(1)", "SystemExit"),
        ("os.abort()", "the test ended the Python process that ran it"),
        ("import threading; threading.Thread(target=time.sleep, args=(99,)).start(); assert 0", "assert 0"),
        ("print('x' * 5_000_000); assert 0", "assert 0"),
        ("os.write(1, b'x' * 5_000_000); os.write(2, b'y' * 1_000_000); assert 0", "assert 0"),
        ("class E(Exception):\n    def __str__(self): raise ValueError\nraise E", "its text cannot be shown"),
        ("f = open('big', 'wb')\nwhile True: f.write(b'x' * 10_000_000)", "File too large"),
    ],
)
def test_harm_is_named(project: Project, body: str, message: str) -> None:
    result = run_test(project, body, "auto", budget_s=10.0)
    assert result.status == "failing", result.message
    assert message in result.failures[0].message


@pytest.mark.parametrize("sandbox", KINDS)
def test_processes_that_tests_leave_behind_end(project: Project, sandbox: str) -> None:
    mark = f"97{os.getpid()}.25"
    body = f"import subprocess\nsubprocess.Popen(['sleep', '{mark}'], start_new_session=True)"
    run_test(project, body, sandbox)
    deadline = time.monotonic() + 3.0
    while (left := sleepers(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


def sleepers(mark: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found += [entry.name] if mark.encode() in (entry / "cmdline").read_bytes().split(b"\0") else []
            except OSError:
                continue
    return found


def test_environment_is_an_allow_list() -> None:
    given = {
        "PATH": "/bin",
        "LC_ALL": "C",
        "HOME": "/home/u",
        "OPENAI_API_KEY": "k",
        "AWS_SECRET": "k",
        "SSH_AUTH_SOCK": "s",
    }
    kept = environment_of_tests(given, "/private")
    assert {"PATH", "LC_ALL"} <= set(kept)
    assert kept["HOME"] == "/private"
    assert not {"OPENAI_API_KEY", "AWS_SECRET", "SSH_AUTH_SOCK"} & set(kept)


def test_refusal_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tactful.verify.sandbox.bubblewrap.works", lambda: False)
    monkeypatch.setattr("tactful.verify.sandbox.choose.landlock_abi", lambda: 0)
    with pytest.raises(SandboxUnavailable, match="install bubblewrap, or set"):
        choose_sandbox("auto")
    with pytest.raises(SandboxUnavailable):
        available_sandbox()


def test_command_is_not_run_when_confinement_fails(tmp_path: Path) -> None:
    script = Path(sys.modules["tactful.verify.sandbox.confine"].__file__ or "")
    settings = {"limits": {"RLIMIT_CORE": 0}, "readable": ["/"], "writable": []}
    broken = script.read_text().replace(
        "def close_network() -> None:", "def close_network() -> None:\n    raise OSError('no')"
    )
    copy = tmp_path / "confine.py"
    copy.write_text(broken)
    command = [sys.executable, "-I", "-S", str(copy), json.dumps(settings), "/bin/echo", "ran"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (CANNOT, "")
    assert "confinement failed" in done.stderr
