"""The file of what was learned."""

import json
from pathlib import Path

import pytest

from tactful.verify.repair.priors import LEARNED, Learned, default_path, read

FACTS = {"share": 0.0, "score": -1.0, "failing": 1.0, "all_failing": 1.0, "pair": 0.0, "broken": 0.0}


def test_the_shipped_file_is_whole() -> None:
    assert all(value > 0 for value in LEARNED.priors.values())
    assert set(LEARNED.chance) == {"bias", *FACTS}
    assert json.loads(default_path().read_text())["about"]["fitted"]


def test_score_grows_with_prior_weight_and_place() -> None:
    learned = Learned(priors={"a": 1.0, "b": 0.5}, weight_power=1.0, place_power=2.0, chance={})
    assert learned.score("a", 1.0, 1.0) > learned.score("b", 1.0, 1.0) > learned.score("b", 0.5, 1.0)
    assert learned.score("a", 1.0, 0.5) == 0.25


@pytest.mark.parametrize("extreme", [-1e9, 1e9])
def test_chance_is_a_probability(extreme: float) -> None:
    assert 0.0 <= LEARNED.chance_right({**FACTS, "score": extreme}) <= 1.0


@pytest.mark.parametrize(("worse", "fact"), [(-3.0, "share"), (0.0, "failing"), (1.0, "broken")])
def test_thin_evidence_lowers_the_chance(worse: float, fact: str) -> None:
    assert LEARNED.chance_right({**FACTS, fact: worse}) < LEARNED.chance_right(FACTS)


@pytest.mark.parametrize(("text", "error"), [("{", ValueError), ("{}", KeyError), (None, OSError)])
def test_a_damaged_file_is_told(tmp_path: Path, text: str | None, error: type[Exception]) -> None:
    path = tmp_path / "repair.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(error):
        read(path)
