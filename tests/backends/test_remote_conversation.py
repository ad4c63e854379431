"""Questions in plain words to a model: how they are sent, what they cost, what goes wrong."""

import asyncio

import pytest
from test_remote_backend import Bench, at, bench

from tactful.backends.remote import Conversation, Limits
from tactful.core.errors import BackendUnavailable

__all__ = ["bench"]  # the fixture


def asked(text: str = "What is wrong?", **more) -> Conversation:
    given = {
        "rules": "Be brief.",
        "opening": "BUG:",
        "max_tokens": 50,
        "temperature": 0.8,
        "within_s": 5.0,
        "files": ("app.py", "test_app.py"),
        "redactions": 2,
        **more,
    }
    return Conversation(text=text, **given)


async def test_a_chat_model_is_asked_in_messages(bench: Bench) -> None:
    bench.server.answer = "BUG: none"
    said = await bench.backend(template="chat").converse(asked())
    assert said.text == "BUG: none"
    (seen,) = bench.server.seen
    assert seen.path == "/v1/chat/completions"
    assert [each["role"] for each in seen.body["messages"]] == ["system", "user"]
    assert (seen.body["max_tokens"], seen.body["temperature"], seen.body.get("logprobs")) == (50, 0.8, None)


@pytest.mark.parametrize("model", ["qwen2.5-coder:1.5b", "codestral-latest"])
async def test_any_other_model_goes_on_with_a_text(bench: Bench, model: str) -> None:
    bench.server.answer = " none\n```python\npass\n```"
    said = await bench.backend(model=model).converse(asked())
    assert said.text == "BUG: none\n```python\npass\n```"
    (seen,) = bench.server.seen
    assert seen.path == "/v1/completions"
    assert seen.body["prompt"] == "Be brief.\n\nWhat is wrong?\n\nBUG:"
    assert "suffix" not in seen.body


async def test_the_egress_log_names_the_files_that_took_part(bench: Bench) -> None:
    await bench.backend(template="chat").converse(asked())
    (entry,) = bench.log.entries
    assert (entry.files, entry.redactions, entry.outcome) == (("app.py", "test_app.py"), 2, "answered")
    assert entry.bytes_sent > 50


async def test_answers_come_side_by_side(bench: Bench) -> None:
    bench.server.first_s = 0.3
    backend = bench.backend(template="chat")
    async with asyncio.timeout(0.8):
        await asyncio.gather(*(backend.converse(asked(str(number))) for number in range(3)))
    assert len(bench.server.seen) == 3


async def test_the_hours_budget_is_that_of_suggestions(bench: Bench) -> None:
    backend = bench.backend(limits=Limits(requests=1), template="chat")
    await backend.converse(asked())
    with pytest.raises(BackendUnavailable, match="budget of 1 requests an hour"):
        await backend.converse(asked())
    assert len(bench.server.seen) == 1


async def test_tokens_of_the_answer_are_booked(bench: Bench) -> None:
    bench.server.answer = "word " * 40
    backend = bench.backend(limits=Limits(tokens=200), template="chat")
    said = await backend.converse(asked())
    assert said.tokens >= 40
    with pytest.raises(BackendUnavailable, match="tokens an hour"):
        await backend.converse(asked("Again, with a text that has more in it than there is left. " * 5))


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("401", "does not accept the key"),
        ("404", "does not know the model"),
        ("429", "more requests than it takes"),
        ("500", "fails"),
        ("cut", "broke off"),
        ("malformed", "not an answer of the OpenAI kind"),
        ("page", "answers with a page"),
    ],
)
async def test_trouble_is_told_as_for_suggestions(bench: Bench, trouble: str, words: str) -> None:
    bench.server.trouble = trouble
    bench.server.answer = "several words to send"
    backend = bench.backend(template="chat")
    with pytest.raises(BackendUnavailable, match=words) as caught:
        await backend.converse(asked("confidential"))
    assert "confidential" not in str(caught.value)
    assert bench.log.entries[0].outcome not in ("answered", "cancelled")


async def test_a_saturated_server_is_left_in_peace_as_long_as_it_asks(bench: Bench) -> None:
    bench.server.trouble, bench.server.retry_after = "429", "60"
    backend = bench.backend(template="chat")
    for _ in range(2):
        with pytest.raises(BackendUnavailable):
            await backend.converse(asked())
    assert len(bench.server.seen) == 1
    bench.server.trouble = ""
    bench.clock.ahead = 61.0
    assert (await backend.converse(asked())).text


async def test_nobody_there(bench: Bench) -> None:
    await bench.server.stop()
    with pytest.raises(BackendUnavailable, match="Nothing answers at"):
        await bench.backend(template="chat").converse(asked())


async def test_a_slow_answer_ends_with_the_time_there_was_and_closes_nothing_else(bench: Bench) -> None:
    bench.server.trouble = "hang"
    backend = bench.backend(template="chat", timeout_ms=200.0)
    with pytest.raises(BackendUnavailable, match="did not answer within the 1 s"):
        await backend.converse(asked(within_s=0.6))
    assert bench.log.entries[0].outcome == "timeout"
    bench.server.trouble = ""
    assert (await backend.converse(asked())).text


async def test_an_answer_may_take_longer_than_a_suggestions(bench: Bench) -> None:
    bench.server.first_s = 0.6
    assert (await bench.backend(template="chat", timeout_ms=200.0).converse(asked())).text


async def test_cancelling_closes_the_connection(bench: Bench) -> None:
    bench.server.trouble = "hang"
    task = asyncio.create_task(bench.backend(template="chat").converse(asked()))
    async with asyncio.timeout(5):
        while not bench.server.seen:
            await asyncio.sleep(0.01)
        task.cancel()
        await bench.server.seen[0].closed.wait()
    assert bench.log.entries[0].outcome == "cancelled"


async def test_a_closed_backend_asks_nothing(bench: Bench) -> None:
    backend = bench.backend(template="chat")
    await backend.close()
    with pytest.raises(BackendUnavailable, match="network"):
        await backend.converse(asked())
    assert bench.server.connections == 0


async def test_what_a_server_takes_of_questions_says_nothing_of_suggestions(bench: Bench) -> None:
    backend = bench.backend()
    await backend.converse(asked())
    await backend.complete(at("def area(width, height):\n    return |"))
    assert "logprobs" not in bench.server.seen[0].body
    assert bench.server.seen[1].body["logprobs"] == 1
