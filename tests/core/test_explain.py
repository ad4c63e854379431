"""Why the last suggestion was shown or hidden: a sentence, the largest contributions, and what to change."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import log, log1p, nan

import pytest

from tactful.config import describe
from tactful.core.explain import explain
from tactful.core.feature_words import feature_value, feature_words
from tactful.core.features import STAGE1_NAMES, STAGE2_NAMES
from tactful.core.types import Completion, Decision, Features, Stage, Suggestion

COMPLETION = Completion(text="value", probability=0.4, source="workspace")
VALUES = {
    "engine_probability": 0.4,
    "length": log1p(5),
    "in_comment": 1.0,
    "after_dot": 0.0,
    "depth": 3.0,
    "odd_one": 1,
}
HIDDEN = Decision(
    decision_id="d",
    uri="file:///a.py",
    language_id="python",
    decided_at=0.0,
    mode="balanced",
    automatic=True,
    stage=Stage.GATE2,
    reason="score 0.10 below 0.30",
    suggestion=None,
    completion=COMPLETION,
    stage2_features=Features(schema=1, values=VALUES),
    stage2_score=0.1,
    propensity=0.02,
)
SHOWN = replace(
    HIDDEN,
    stage=Stage.SHOWN,
    reason="score 0.60, at least 0.30",
    suggestion=Suggestion(suggestion_id="d", start=0, end=0, text="value", completion=COMPLETION),
    propensity=1.0,
)


class Scorer:
    def __init__(self, contributions: Mapping[str, float]) -> None:
        self._contributions = tuple(contributions.items())

    def score_stage1(self, features: Features) -> float:
        return 0.1

    def score_stage2(self, features: Features) -> float:
        return 0.1

    def threshold(self, stage: int, promise: float, features: Features) -> float:
        return 0.3

    def contributions(self, stage: int, features: Features) -> Sequence[tuple[str, float]]:
        return self._contributions


SCORER = Scorer(
    {"depth": 0.01, "engine_probability": log(0.25), "after_dot": log(1.5), "in_comment": log(0.5), "odd_one": 0.1}
)


def test_what_led_to_the_outcome_stands_first_and_something_of_the_other_side_is_shown():
    scorer = Scorer({name: (-1) ** number * (10 - number) / 10 for number, name in enumerate("abcdefghij")})
    decision = replace(HIDDEN, stage2_features=Features(schema=1, values=dict.fromkeys("abcdefghij", 1.0)))
    assert [each.feature for each in explain(decision, scorer).weights] == ["b", "d", "f", "a", "c"]
    shown = replace(decision, stage=Stage.SHOWN)
    assert [each.feature for each in explain(shown, scorer).weights] == ["a", "c", "e", "b", "d"]


def test_the_largest_contributions_stand_first_with_value_and_effect():
    weights = explain(HIDDEN, SCORER).weights
    assert [(each.words, each.value, each.effect) for each in weights] == [
        ("the engine's own confidence", "40%", "against it, odds times 0.25"),
        ("inside a comment", "yes", "against it, odds times 0.5"),
        ("after a dot", "no", "for it, odds times 1.5"),
        ("odd one", "1", "for it, odds times 1.1"),
    ]


def test_the_sentence_says_what_happened_why_and_where_it_came_from():
    sentence = explain(HIDDEN, SCORER).sentence
    assert sentence.startswith(
        "A suggestion was hidden: score 0.10 below 0.30: low engine confidence, inside a comment"
    )
    assert sentence.endswith("It came from the workspace.")
    assert explain(SHOWN, SCORER).sentence.startswith("The suggestion was shown: score 0.60")


def test_without_a_gate_or_a_score_there_is_a_sentence_but_no_table():
    for decision, scorer in ((HIDDEN, None), (replace(SHOWN, stage2_score=None, mode="off"), SCORER)):
        explanation = explain(decision, scorer)
        assert explanation.weights == ()
        assert explanation.sentence
        assert "|" not in explanation.markdown()


def test_the_first_stage_is_explained_by_what_it_saw():
    decision = replace(
        HIDDEN,
        stage=Stage.GATE1,
        completion=None,
        stage1_features=Features(schema=1, values={"in_string": 1.0}),
        stage1_score=0.01,
        stage2_features=None,
        stage2_score=None,
    )
    explanation = explain(decision, Scorer({"in_string": log(0.1)}))
    assert explanation.sentence == "Nothing was generated: score 0.10 below 0.30: inside a string."
    assert [each.words for each in explanation.weights] == ["inside a string"]


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (HIDDEN, "`gate.mode` to `eager` (now `balanced`)"),
        (HIDDEN, "`gate.maxLostAccepts`"),
        (replace(HIDDEN, mode="quiet"), "`balanced` (now `quiet`)"),
        (SHOWN, "`gate.mode` to `quiet` (now `balanced`)"),
        (replace(SHOWN, mode="off"), "`eager` (now `off`)"),
        (replace(SHOWN, propensity=0.02), "`gate.exploration`"),
        (replace(HIDDEN, stage=Stage.CONTEXT, reason="Tactful is paused"), "`tactful.pause`"),
        (replace(HIDDEN, stage=Stage.BACKEND, reason="nothing fits here"), "tactful doctor"),
        (replace(HIDDEN, stage=Stage.POSTPROCESS, reason="it was turned down here twice"), "Ask by hand"),
    ],
)
def test_every_answer_says_how_to_change_it(decision, words):
    assert words in explain(decision, SCORER).markdown()


def test_settings_that_are_named_exist():
    known = {setting.name for setting in describe()}
    named: set[str] = set()
    for stage in Stage:
        for mode in ("off", "eager", "balanced", "quiet"):
            for propensity in (1.0, 0.02):
                found = explain(replace(SHOWN, stage=stage, mode=mode, propensity=propensity), SCORER).markdown()
                named |= set(re.findall(r"`(gate\.\w+|languages)`", found))
    assert named == {"gate.mode", "gate.maxLostAccepts", "gate.exploration", "languages"}
    assert named <= known


def test_the_table_is_markdown_and_lines_up():
    lines = [line for line in explain(HIDDEN, SCORER).markdown().splitlines() if line.startswith("|")]
    assert len(lines) == 2 + 4
    assert len({len(line) for line in lines}) == 1
    assert {line.count("|") for line in lines} == {4}
    assert set(lines[1]) == {"|", "-"}


def test_there_is_no_source_text_in_it():
    assert "value" not in explain(HIDDEN, SCORER).markdown().replace("| value", "")


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("length", log1p(1200), "1,200"),
        ("ms_since_last_edit", log1p(250), "250 ms"),
        ("ms_since_last_edit", log1p(90_000), "90 s"),
        ("mean_logprob", log(0.5), "50.0%"),
        ("source_is_document", 1.0, "yes"),
        ("begins_with_open", 0.0, "no"),
        ("in_error", nan, "not known"),
        ("something_new", 2.5, "2.5"),
    ],
)
def test_values_are_shown_as_people_read_them(name, value, shown):
    assert feature_value(name, value) == shown


def test_features_have_names_for_people():
    assert feature_words("begins_with_open") == "the suggestion begins with an opening bracket"
    assert feature_words("something_new") == "something new"
    names = [feature_words(name) for name in STAGE2_NAMES]
    assert len(set(names)) == len(names)
    assert set(STAGE1_NAMES) <= set(STAGE2_NAMES)
