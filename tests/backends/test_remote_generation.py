"""One answer while it is written: which of the tokens that came belong to the text that is suggested."""

import pytest

from tactful.backends.remote.call import way_of
from tactful.backends.remote.ending import goal_at
from tactful.backends.remote.generation import Generation
from tactful.backends.remote.memory import Answer
from tactful.backends.remote.place import place_of
from tactful.backends.remote.settings import EndpointSettings
from tactful.backends.remote.wire import Piece
from tactful.core.types import CompletionRequest

SOURCE = "x = "


def answer_of(template: str, pieces: list[Piece], repaired: str | None = None) -> Answer:
    """Return the answer that is made of `pieces`; `repaired` is what a repair makes of its text."""
    request = CompletionRequest(uri="file:///a.py", path=None, language_id="python", text=SOURCE, offset=len(SOURCE))
    way = way_of(EndpointSettings(base_url="http://localhost/v1", model="m", template=template))
    generation = Generation(place_of(request), request, way, goal_at(SOURCE, ""))
    for piece in pieces:
        if generation.take(piece):
            break
    generation.finish(lambda text: Answer(text=text if repaired is None else repaired))
    assert generation.answer is not None
    return generation.answer


def written(*texts: str) -> list[Piece]:
    """Return a piece for each text; the logarithm of the first one is -1, of the second -2, and so on."""
    return [Piece(text=text, logprobs=((text, -float(number)),)) for number, text in enumerate(texts, 1)]


@pytest.mark.parametrize(
    ("template", "texts", "repaired", "logprobs"),
    [
        ("qwen", ["a", " + ", "b"], None, [-1, -2, -3]),
        ("qwen", ["a", " + ", "b", "\nc"], None, [-1, -2, -3]),
        ("qwen", ["a + ", "b)"], "a + b", [-1, -2]),
        ("qwen", [" ", "a"], "a", [-2]),
        ("qwen", ["(a"], "(a)", []),  # what was added has no logarithm, so how sure the model is stays unknown
        ("chat", ["```python\n", "a", " + b", "\n```"], None, [-2, -3]),
        ("chat", ["Use a", ":\n```\n", "a", "\n``", "`"], None, [-3]),
        ("chat", ["<think>```\na\n```", "</think>", "```\n", "a", "\n```"], None, [-4]),
    ],
)
def test_the_tokens_of_the_suggested_text_are_kept(template, texts, repaired, logprobs):
    answer = answer_of(template, written(*texts), repaired)
    assert [logprob for _, logprob in answer.logprobs] == logprobs
    assert not logprobs or "".join(token for token, _ in answer.logprobs).startswith(answer.text)


def test_tokens_that_share_a_piece_all_count():
    pieces = [
        Piece(text="é", logprobs=(("é", -1.0), ("", -2.0))),
        Piece(text="", logprobs=(("", -4.0),), finish="stop"),
    ]
    assert [logprob for _, logprob in answer_of("qwen", pieces).logprobs] == [-1.0, -2.0]
