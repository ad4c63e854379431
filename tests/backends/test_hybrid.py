"""Engine and model together: who is asked, whose answer counts, and who steps in for whom."""

from collections.abc import Sequence
from math import nan

import pytest

from tactful.backends.hybrid import SURE, HybridBackend
from tactful.core.errors import BackendError, BackendUnavailable
from tactful.core.types import Completion, CompletionRequest

AT = CompletionRequest(uri="file:///a.py", path=None, language_id="python", text="x = ", offset=4)


def line(text: str, probability: float = nan, source: str = "model") -> Completion:
    return Completion(text=text, probability=probability, source=source)


class Source:
    """Answers with what it is given: candidates or an error."""

    def __init__(self, answer: Sequence[Completion] | BackendError = (), *, at_hand: bool = False) -> None:
        self.answer = answer
        self.at_hand = at_hand
        self.asked = 0

    def is_at_hand(self, request: CompletionRequest) -> bool:
        return self.at_hand

    async def complete(self, request: CompletionRequest) -> Sequence[Completion]:
        self.asked += 1
        if isinstance(self.answer, BackendError):
            raise self.answer
        return self.answer


UNSURE, CERTAIN = line("engine", SURE - 0.01, "document"), line("engine", SURE, "document")
AWAY, NOTHING = BackendUnavailable("away"), BackendError("nothing to add")


@pytest.mark.parametrize(
    ("mode", "engine", "model", "texts", "model_asked"),
    [
        ("hybrid", [CERTAIN], [line("model")], ["engine"], False),
        ("hybrid", [UNSURE], [line("model")], ["model", "engine"], True),
        ("hybrid", [], [line("model")], ["model"], True),
        ("hybrid", NOTHING, [line("model")], ["model"], True),
        ("hybrid", [UNSURE], NOTHING, ["engine"], True),
        ("hybrid", [UNSURE], AWAY, ["engine"], True),
        ("hybrid", [UNSURE], [], ["engine"], True),
        ("hybrid", [], AWAY, "away", True),
        ("model", [CERTAIN], [line("model")], ["model"], True),
        ("model", [CERTAIN], AWAY, ["engine"], True),
        ("model", NOTHING, AWAY, "away", True),
        ("model", [CERTAIN], NOTHING, "nothing to add", True),  # the model was there, and wants to say nothing
    ],
)
async def test_who_answers(mode, engine, model, texts, model_asked):
    written = Source(model)
    both = HybridBackend(engine=Source(engine), model=written, engine_first=mode == "hybrid")
    request = CompletionRequest(uri=AT.uri, path=None, language_id="python", text=AT.text, offset=4, max_candidates=3)
    if isinstance(texts, str):
        with pytest.raises(BackendError, match=texts):
            await both.complete(request)
    else:
        assert [each.text for each in await both.complete(request)] == texts
    assert bool(written.asked) is model_asked


async def test_what_the_model_has_at_hand_comes_before_the_engine():
    engine = Source([CERTAIN])
    both = HybridBackend(engine=engine, model=Source([line("model")], at_hand=True), engine_first=True)
    assert both.is_at_hand(AT)
    assert [each.text for each in await both.complete(AT)] == ["model"]
    assert not engine.asked


@pytest.mark.parametrize(("of_model", "expected"), [(nan, 0.6), (0.5, 0.6), (0.9, 0.9)])
async def test_where_both_agree_the_better_probability_counts(of_model, expected):
    engine, model = Source([line("same", 0.6, "document")]), Source([line("same", of_model)])
    (both,) = await HybridBackend(engine=engine, model=model, engine_first=True).complete(AT)
    assert both.probability == expected
