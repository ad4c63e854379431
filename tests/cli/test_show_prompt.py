"""`tactful complete --show-prompt` prints what a model would be sent, and why; nothing where nothing may be sent."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tactful.cli.complete import complete

KEY = "ghp_" + "a1B2c3D4e5" * 4


def shown(path: Path, line: int, column: int, *options: str) -> Result:
    return CliRunner().invoke(complete, [f"{path}:{line}:{column}", "--show-prompt", *options])


@pytest.fixture
def place(project: Path) -> Path:
    """Return a new file of the example project with a secret in it."""
    path = project / "ledger" / "more.py"
    path.write_text(f'from ledger.account import Account\n\nTOKEN = "{KEY}"\nmine = Account(\n')
    return path


def test_every_part_has_its_reason(place: Path) -> None:
    result = shown(place, 4, 16)
    assert result.exit_code == 0
    assert "== prefix  ledger/more.py  before the cursor" in result.output
    assert "== definition  ledger/account.py  defines Account, used here" in result.output
    assert "1 secrets replaced" in result.output
    assert KEY not in result.output


def test_the_body_is_what_is_sent(place: Path) -> None:
    told = json.loads(shown(place, 4, 16, "--json", "--model", "starcoder2:3b").output)
    assert told["redactions"] == 1
    assert told["body"]["model"] == "starcoder2:3b"
    prompt = told["body"]["prompt"]
    assert "mine = Account(" in prompt
    assert "class Account" in prompt
    assert "<fim_middle>" in prompt
    assert KEY not in prompt


@pytest.mark.parametrize("name", [".env", "private.py"])
def test_an_ignored_file_says_so(project: Path, name: str) -> None:
    (project / ".tactfulignore").write_text("private.py\n")
    (project / name).write_text("A=1\n")
    result = shown(project / name, 1, 3)
    assert result.exit_code == 1
    assert "nothing would be sent: this file is ignored" in result.output


def test_the_budget_is_the_setting_s(place: Path) -> None:
    told = json.loads(shown(place, 4, 16, "--json", "--context-chars", "60").output)
    assert sum(len(part["text"]) for part in told["parts"]) <= 60
