"""`tactful doctor --base-url ...`: a model is asked for one line, and what is wrong is said with what to do."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from model_server import ModelServer

pytestmark = pytest.mark.e2e


@pytest_asyncio.fixture
async def server() -> AsyncIterator[ModelServer]:
    server = ModelServer("width * height\n")
    await server.start()
    yield server
    await server.stop()


async def doctor(server: ModelServer, *arguments: str, model: str = "qwen2.5-coder:1.5b") -> list[str]:
    """Return the lines about the model, without a wait for anything else to be well on this machine."""
    argv = ["-m", "tactful", "doctor", "--base-url", server.url, "--model", model, *arguments]
    process = await asyncio.create_subprocess_exec(sys.executable, *argv, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    return [" ".join(line.split()) for line in out.decode().splitlines() if line[3:].strip().startswith("model ")]


async def test_a_model_that_answers(server, home: Path):
    how, answers = await doctor(server)
    assert how == f"model qwen2.5-coder:1.5b is asked at {server.url}, template `qwen`"
    assert answers.startswith("ok model answers in ")
    assert answers.endswith("with log-probabilities")
    assert [seen.body["prompt"] for seen in server.seen] == [
        "<|fim_prefix|>def area(width, height):\n    return <|fim_suffix|>\n<|fim_middle|>"
    ]
    (entry,) = [json.loads(line) for line in next(home.rglob("egress.jsonl")).read_text().splitlines()]
    assert (entry["outcome"], entry["files"]) == ("answered", [])


async def test_without_log_probabilities_that_is_said(server):
    server.logprob = None
    assert "without log-probabilities" in (await doctor(server))[1]


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("401", "does not accept the key"),
        ("404", "does not know the model"),
        ("page", "login page"),
        ("cut", "broke off"),
    ],
)
async def test_what_is_wrong_is_said(server, trouble, words):
    server.trouble = trouble
    (_, said) = await doctor(server)
    assert said.startswith("no model ")
    assert words in said


async def test_a_key_that_is_not_set_is_said_and_nothing_is_sent(server, home: Path):
    (_, said) = await doctor(server, "--api-key-env", "NO_SUCH_KEY")
    assert "NO_SUCH_KEY" in said
    assert not server.connections
    assert not list(home.rglob("egress.jsonl"))
