"""`tactful verify --fix --model`, against a model server on loopback."""

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from workbench import Project

from model_server import ModelServer
from tactful.cli.verify import verify

WRONG = "def initials(name):\n    return name[0]\n"
CODE = 'def initials(name):\n    return "".join(w[0].upper() for w in name.split())'
RIGHT = f"BUG: one word\nSURE: 9\n```python\n{CODE}\n```"
TESTS = """\
import os
from names import initials

def test_two(): assert initials("ada lovelace") == "AL"
def test_three(): assert initials("alan m turing") == "AMT"
def test_sees_no_key(): assert "MODEL_KEY" not in os.environ
"""


@pytest.fixture
def server() -> Iterator[ModelServer]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    made = ModelServer(RIGHT)
    asyncio.run_coroutine_threadsafe(made.start(), loop).result()
    yield made
    asyncio.run_coroutine_threadsafe(made.stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def invoke(project: Project, *arguments: object, code: str = WRONG) -> Result:
    root = project({"names.py": code, "test_names.py": TESTS})
    given = (f"{root / 'names.py'}::initials", "--python", sys.executable, *arguments)
    return CliRunner().invoke(verify, [str(each) for each in given])


def with_model(server: ModelServer, *more: object) -> tuple[object, ...]:
    return ("--fix", "--model", "some-chat", "--base-url", server.url, "--template", "chat", *more)


def test_the_models_repair_is_shown_with_its_thought_and_what_was_asked(
    project: Project, server: ModelServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_KEY", "sk-of-nobody-123")
    done = invoke(project, *with_model(server, "--api-key-env", "MODEL_KEY"))
    assert done.exit_code == 0, done.output
    assert "the model named the bug: one word" in done.output
    assert "Model: 3 of 10 samples of some-chat (3 could be tried, 3 pass)" in done.output
    assert {each.headers["authorization"] for each in server.seen} == {"Bearer sk-of-nobody-123"}
    (log,) = home.rglob("egress.jsonl")
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    assert len(entries) == 3
    assert entries[0]["files"] == ["names.py", "test_names.py"]
    assert "initials" not in log.read_text()


def test_json_holds_what_was_asked(project: Project, server: ModelServer) -> None:
    done = invoke(project, *with_model(server, "--json", "--strategy", "tree", "--max-samples", "2"))
    found = json.loads(done.stdout)
    assert found["status"] == "fixed"
    assert found["evidence"]["model"].startswith("2 of 2 samples of some-chat")


def test_passing_tests_ask_nobody(project: Project, server: ModelServer) -> None:
    done = invoke(project, *with_model(server), code=f"{CODE}\n")
    assert done.exit_code == 0
    assert server.connections == 0


@pytest.mark.parametrize(
    ("trouble", "words"), [("401", "does not accept the key"), ("page", "answers with a page"), ("500", "fails")]
)
def test_trouble_is_said_once_and_the_rest_goes_on(
    project: Project, server: ModelServer, trouble: str, words: str
) -> None:
    server.trouble = trouble
    done = invoke(project, *with_model(server))
    assert done.exit_code == 1
    assert done.output.count(words) == 1
    assert "candidate repairs" in done.output


def test_a_key_that_is_not_there_is_said(project: Project, server: ModelServer) -> None:
    done = invoke(project, *with_model(server, "--api-key-env", "NO_SUCH_KEY"))
    assert done.exit_code == 1
    assert "NO_SUCH_KEY" in done.output
    assert server.connections == 0


def test_a_model_that_hangs_is_given_up_with_the_budget(project: Project, server: ModelServer) -> None:
    server.trouble = "hang"
    done = invoke(project, *with_model(server, "--budget-s", "6"))
    assert done.exit_code == 1
    assert "Model: 3 of 10 samples of some-chat" in done.output


def test_a_model_needs_fix(project: Project) -> None:
    done = invoke(project, "--model", "some-chat")
    assert done.exit_code == 2
    assert "--model needs --fix" in done.output
