"""Typing through finished files: what the engine may see, and what counts as wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

import pytest

from tactful.acceptance.replay import Moment, SourceFile, is_wanted, replay_file, rows_of
from tactful.core.types import Completion, CompletionRequest

TEXT = """import os


def area(width, height):
    return width * height  # ünï 😀


print(area(2, 3))
"""
SOURCE = SourceFile(path="/p/m.py", language_id="python", text=TEXT)


@dataclass
class ScriptedEngine:
    answer: Callable[[CompletionRequest], str]
    requests: list[CompletionRequest] = field(default_factory=list)

    def complete(self, request: CompletionRequest) -> Sequence[Completion]:
        self.requests.append(request)
        text = self.answer(request)
        return [Completion(text=text, probability=0.5)] if text else []


def replay(
    answer: Callable[[CompletionRequest], str], stops: int = 300, text: str = TEXT
) -> tuple[list[Moment], ScriptedEngine]:
    engine = ScriptedEngine(answer)
    source = SourceFile(path="/p/m.py", language_id="python", text=text)
    return list(replay_file(source, engine, Random(1), stops=stops)), engine


def rest_of_line(request: CompletionRequest) -> str:
    end = TEXT.find("\n", request.offset)
    return TEXT[request.offset : end]


@pytest.mark.parametrize(
    ("suggestion", "following", "expected"),
    [
        ("foo()", "foo()\n", True),
        ("foo", "foo()\n", True),
        ("foo", "foobar()\n", False),
        ("foo(", "foobar(\n", False),
        ("foo  ", "foo\n", True),
        ("", "foo", False),
        ("  ", "  foo", False),
        ("é(", "éa(", False),
        (")", ")\n", False),
        ("foo()\n    bar()", "foo()\n    bar()\n", True),
        ("foo()\n    bar()", "foo()\n    barn()\n", False),
        ("foo()\n    bar", "foo()\n    barn()\n", False),
        ("foo()\n    bar()", "foo()\n  bar()\n", False),
        (" )", " )\n", True),
        ("foo", "fo", False),
    ],
)
def test_wanted_is_what_the_file_goes_on_with(suggestion: str, following: str, expected: bool) -> None:
    assert is_wanted(suggestion, following) is expected


def test_makes_as_many_stops_as_asked() -> None:
    moments, engine = replay(lambda request: "", stops=123)
    assert len(moments) == len(engine.requests) == 123


def test_the_engine_never_sees_the_rest_of_the_typed_lines() -> None:
    _, engine = replay(lambda request: "")
    for request in engine.requests:
        rest = rest_of_line(request)
        below = request.text[request.offset :]
        assert request.text[: request.offset] == TEXT[: request.offset]
        assert below.partition("\n")[0].strip(")]}") == ""
        assert len(rest) < 8 or rest not in below


def test_some_sittings_have_text_below_and_some_have_none() -> None:
    _, engine = replay(lambda request: "", text=TEXT * 20)
    below = [request.text[request.offset :].strip(")]}\n") for request in engine.requests]
    assert any(below)
    assert not all(below)


def test_some_editors_close_brackets() -> None:
    _, engine = replay(lambda request: "")
    after = {request.text[request.offset :].partition("\n")[0] for request in engine.requests}
    assert "" in after
    assert ")" in after


def test_right_suggestions_are_wanted_and_jumped_over() -> None:
    moments, _ = replay(rest_of_line)
    shown = [moment for moment in moments if moment.completion is not None]
    assert shown
    assert all(moment.wanted for moment in shown)
    for one, following in pairwise(moments):
        if one.wanted and one.completion is not None and following.context.offset > one.context.offset:
            assert following.context.offset >= one.context.offset + len(one.completion.text)


def test_right_blocks_are_wanted_and_jumped_over() -> None:
    text = TEXT.replace("\n", "\r\n")

    def two_lines(request: CompletionRequest) -> str:
        end = text.find("\r\n", text.find("\r\n", request.offset) + 1)
        return text[request.offset : end].replace("\r\n", "\n")

    moments, _ = replay(two_lines, text=text)
    blocks = [m for m in moments if m.wanted and m.completion is not None and "\r\n" in m.completion.text]
    assert len(blocks) > 20
    for one, other in pairwise(moments):
        if one in blocks and other.context.offset > one.context.offset:
            assert one.completion is not None
            assert other.context.offset >= one.context.offset + len(one.completion.text.rstrip())


def test_wrong_suggestions_are_not_wanted() -> None:
    moments, _ = replay(lambda request: "zzz")
    assert moments
    assert not any(moment.wanted for moment in moments)


def test_what_cannot_be_shown_is_not_judged() -> None:
    moments, _ = replay(lambda request: "   ")
    assert all(moment.completion is None for moment in moments)
    assert all(row.stage2 is None and not row.wanted for row in rows_of(iter(moments), "g"))


def test_stops_inside_words_too() -> None:
    moments, _ = replay(lambda request: "")
    places = {moment.context.offset for moment in moments}
    assert any(TEXT[at - 1 : at + 1].isalpha() for at in places if 0 < at < len(TEXT) - 1)


def test_same_seed_same_moments() -> None:
    first, second = (replay(rest_of_line)[0] for _ in range(2))
    assert [moment.context.offset for moment in first] == [moment.context.offset for moment in second]


def test_line_ends_of_the_file_are_kept() -> None:
    moments, _ = replay(lambda request: "", text=TEXT.replace("\n", "\r\n"))
    assert all("\n" not in moment.context.document.text.replace("\r\n", "") for moment in moments)


def test_an_empty_file_has_no_moments() -> None:
    assert replay(lambda request: "", text="\n \n")[0] == []


def test_rows_know_nothing_of_what_is_typed_later() -> None:
    """Two files that differ only behind the cursor's line give the same features where nothing stands below."""
    other = TEXT.replace("width * height", "width + height + 1")
    moments = [replay(lambda request: "x", text=text)[0] for text in (TEXT, other)]
    typed = [
        {m.context.document.text: row for m, row in zip(ms, rows_of(iter(ms), "g"), strict=True)} for ms in moments
    ]
    shared = typed[0].keys() & typed[1].keys()
    assert len(shared) > 20
    for text in shared:
        one, two = typed[0][text].stage2, typed[1][text].stage2
        assert str(one) == str(two)
