"""The profile for macOS's sandbox-exec, as text: there is no Mac here to run it on."""

from pathlib import Path

import pytest

from tactful.core.errors import SandboxUnavailable
from tactful.verify.sandbox import choose_sandbox, seatbelt
from tactful.verify.sandbox.places import Places
from tactful.verify.workspace import Workspace


@pytest.fixture
def places(tmp_path: Path) -> Places:
    for folder in ("ws/.venv", "copy", "tmp", "python", "home/.ssh", "home/.config/gh"):
        (tmp_path / folder).mkdir(parents=True)
    workspace = Workspace(root=tmp_path / "ws", copy=tmp_path / "copy", linked=(Path(".venv"),))
    return Places(workspace=workspace, temporary=tmp_path / "tmp", needed=(tmp_path / "python",))


def rules(places: Places, tmp_path: Path) -> list[str]:
    """Return the profile's lines with the test's own folder cut short."""
    return seatbelt.profile(places, tmp_path / "home").replace(str(tmp_path), "").splitlines()


def test_everything_is_denied_but_what_is_named(places: Places, tmp_path: Path) -> None:
    lines = rules(places, tmp_path)
    assert lines[:2] == ["(version 1)", "(deny default)"]
    assert not [line for line in lines if "network" in line]
    writable = [line for line in lines if line.startswith("(allow") and "file-write*" in line]
    assert [line for line in writable if "/dev/" not in line] == [
        '(allow file-read* file-write* (subpath "/copy"))',
        '(allow file-read* file-write* (subpath "/tmp"))',
    ]


@pytest.mark.parametrize(
    ("denied", "allowed"),
    [
        ('(deny file-read* (subpath "/private/tmp"))', '(allow file-read* file-write* (subpath "/copy"))'),
        ('(deny file-read* (subpath "/private/var/folders"))', '(allow file-read* (subpath "/python"))'),
        ('(deny file-read* (subpath "/home/.ssh"))', '(allow file-read* (subpath "/ws/.venv"))'),
        ('(deny file-read* (subpath "/home/.config/gh"))', "(allow file-read-metadata)"),
    ],
)
def test_what_is_hidden_comes_after_what_may_be_read_and_before_what_is_needed(
    places: Places, tmp_path: Path, denied: str, allowed: str
) -> None:
    lines = rules(places, tmp_path)
    assert lines.index("(allow file-read*)") < lines.index(denied) < lines.index(allowed)


def test_paths_are_real_and_quoted(places: Places, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "copy")
    (tmp_path / 'odd "name"').mkdir()
    workspace = Workspace(root=tmp_path / "ws", copy=tmp_path / "link", linked=())
    odd = Places(workspace=workspace, temporary=tmp_path / 'odd "name"', needed=())
    lines = rules(odd, tmp_path)
    assert '(allow file-read* file-write* (subpath "/copy"))' in lines
    assert '(allow file-read* file-write* (subpath "/odd \\"name\\""))' in lines


def test_parentheses_are_balanced(places: Places, tmp_path: Path) -> None:
    for line in rules(places, tmp_path):
        assert line.count("(") == line.count(")")


@pytest.mark.parametrize(
    ("platform", "is_there", "expected"), [("darwin", True, True), ("darwin", False, False), ("linux", True, False)]
)
def test_it_works_on_a_mac_only(tmp_path: Path, platform: str, is_there: bool, expected: bool) -> None:
    program = tmp_path / "sandbox-exec"
    if is_there:
        program.write_text("#!/bin/sh\nexit 0\n")
        program.chmod(0o755)
    assert seatbelt.works(platform, program) is expected


def test_a_mac_confines_with_it(monkeypatch: pytest.MonkeyPatch, places: Places, tmp_path: Path) -> None:
    monkeypatch.setattr("tactful.verify.sandbox.bubblewrap.works", lambda: False)
    monkeypatch.setattr("tactful.verify.sandbox.choose.landlock_abi", lambda: 0)
    monkeypatch.setattr("tactful.verify.sandbox.seatbelt.works", lambda: True)
    sandbox = choose_sandbox("auto")
    assert sandbox.name == "sandbox-exec"
    confined = sandbox.confine(("/usr/bin/python3", "script.py"), places.workspace, tmp_path, 10.0)
    assert confined.command[:2] == ("/usr/bin/sandbox-exec", "-p")
    assert confined.command[-2:] == ("/usr/bin/python3", "script.py")
    assert confined.root == places.workspace.copy
    assert (places.workspace.copy / ".venv").readlink() == places.workspace.root / ".venv"


def test_it_is_refused_elsewhere() -> None:
    with pytest.raises(SandboxUnavailable, match="sandbox-exec was tried"):
        choose_sandbox("sandbox-exec")
