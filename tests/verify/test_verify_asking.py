"""Questions on their way from the worker process to its parent and back."""

import asyncio
import sys
from pathlib import Path

import pytest
from workbench import Project

from tactful.verify import ModelUse, Question, Reply, VerifyRequest, VerifyResult, run_in_worker
from tactful.verify.asking import Answering, Asker
from tactful.verify.client import Verifier

WRONG = "def initials(name):\n    return name[0]\n"
RIGHT = 'BUG: one word\n```python\ndef initials(name):\n    return "".join(w[0].upper() for w in name.split())\n```'
TESTS = """\
import os
from names import initials

def test_two(): assert initials("ada lovelace") == "AL"
def test_three(): assert initials("alan m turing") == "AMT"
def test_sees_no_key(): assert "MODEL_KEY" not in os.environ
"""
QUESTION = Question(
    rules="r", text="t", opening="o", max_tokens=5, temperature=0.5, within_s=1.0, files=("a.py",), redactions=1
)


def request(root: Path, **options: object) -> VerifyRequest:
    chosen = {"python": Path(sys.executable), "fix": True, "model": ModelUse(name="m"), **options}
    return VerifyRequest(root=root, path=root / "names.py", text=WRONG, **chosen)  # type: ignore[arg-type]


async def test_the_worker_asks_its_parent(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_KEY", "secret")
    root = project({"names.py": WRONG, "test_names.py": TESTS})
    asked: list[Question] = []

    async def answer(question: Question) -> Reply:
        asked.append(question)
        return Reply(text=RIGHT, tokens=40)

    result = await run_in_worker(request(root), lambda message, fraction: None, answer)
    assert result.status == "fixed", result.message
    assert result.evidence.model.startswith("3 of 10 samples of m (")
    assert asked[0].files == ("names.py", "test_names.py")
    assert "secret" not in "".join(each.text for each in asked)


async def test_a_worker_is_kept_and_asks_again(project: Project) -> None:
    root = project({"names.py": WRONG, "test_names.py": TESTS})
    count = 0

    async def answer(question: Question) -> Reply:
        nonlocal count
        count += 1
        return Reply(text=RIGHT)

    verifier = Verifier()
    try:
        for _ in range(2):
            result = await verifier.run(request(root), lambda message, fraction: None, answer)
            assert result.status == "fixed", result.message
    finally:
        await verifier.close()
    assert count == 6


async def test_without_anybody_to_answer_it_is_said_and_the_repair_goes_on(project: Project) -> None:
    root = project({"names.py": WRONG, "test_names.py": TESTS})
    result = await run_in_worker(request(root), lambda message, fraction: None)
    assert (result.status, result.evidence.model) == ("failing", "3 of 10 samples of m; No model is configured.")
    assert result.evidence.candidates > 0


@pytest.mark.parametrize("end", ["cancel", "budget"])
async def test_questions_that_are_out_end_with_the_verification(project: Project, end: str) -> None:
    root = project({"names.py": WRONG, "test_names.py": TESTS})
    begun, given_up = [], []

    async def answer(question: Question) -> Reply:
        begun.append(question)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            given_up.append(question)
            raise
        raise AssertionError

    budget_s = 60.0 if end == "cancel" else 6.0
    task = asyncio.create_task(run_in_worker(request(root, budget_s=budget_s), lambda message, fraction: None, answer))
    async with asyncio.timeout(20):
        while len(begun) < 3:
            await asyncio.sleep(0.01)
        if end == "cancel":
            task.cancel()
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(outcome, asyncio.CancelledError if end == "cancel" else VerifyResult)
    assert len(given_up) == 3


def test_an_answer_that_nobody_waits_for_is_dropped() -> None:
    sent: list[tuple[str, object]] = []
    asker = Asker(lambda kind, value: sent.append((kind, value)))
    first, second = asker(QUESTION), asker(QUESTION)
    assert first.cancel()
    for number in (0, 1, 7):
        asker.take({"id": number, "reply": {"text": "x", "tokens": 1, "trouble": ""}})
    assert first.cancelled()
    assert second.result() == Reply(text="x", tokens=1)
    assert [kind for kind, _ in sent] == ["ask", "ask", "drop"]
    assert sent[-1] == ("drop", 0)


async def test_events_that_are_no_questions_are_not_taken() -> None:
    answering = Answering(None, lambda line: None)
    assert not answering.take({"progress": ["x", None]})
    assert answering.take({"drop": 3})
    await answering.close()
