"""A gate on disk: it comes back as it was, and whatever is wrong with it is said in one sentence."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tactful.acceptance.artifact import FILE_NAME, bundled, describe, load, save
from tactful.acceptance.promises import Promises
from tactful.acceptance.scorer import EMBEDDED, MODEL, Cascade, Linear, StageModel, Trees, TreeScorer
from tactful.core.errors import ModelUnusable
from tactful.core.features import SCHEMA
from tactful.core.types import Features


def gate() -> TreeScorer:
    trees = Trees(
        baseline=-0.5,
        roots=(0, 5),
        feature=(0, 1, -1, -1, -1, -1),
        threshold=(1e300, 0.5, 0.0, 0.0, 0.0, 0.0),
        missing_left=(0, 1, 0, 0, 0, 0),
        right=(4, 3, 0, 0, 0, 0),
        value=(0.1, 0.2, -1.0, 1.0, 2.0, 0.125),
    )
    linear = Linear(intercept=0.5, weights=(1.0, 2.0), missing=(0.0, -1.0), knots=((0.0, 1.0), ()))
    stage = StageModel(
        names=("after_dot", "in_string"),
        members=((0.5, trees), (0.5, linear)),
        calibration_x=(-1.0, 1.0),
        calibration_y=(-0.5, 0.5),
    )
    promises = Promises(shares=(0.01, 0.05), stage1=(0.0, 0.1), stage2=(0.1, 0.2))
    cascade = Cascade(stage1=stage, stage2=stage, promises=promises)
    return TreeScorer(cascades={EMBEDDED: cascade, MODEL: cascade})


def test_a_gate_comes_back_as_it_was(tmp_path: Path) -> None:
    save(tmp_path / "new" / "gate", gate(), {"seed": 3})
    assert load(tmp_path / "new" / "gate") == gate()
    assert describe(tmp_path / "new" / "gate") == {"seed": 3}


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    save(tmp_path, gate(), {})
    save(tmp_path, gate(), {"again": True})
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_gate_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    save(tmp_path, gate(), {"first": True})
    with pytest.raises(TypeError):
        save(tmp_path, gate(), {"second": object()})
    assert describe(tmp_path) == {"first": True}


def spoil(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        data = json.loads(path.read_text())
        change(data)
        path.write_text(json.dumps(data))

    return write


def cascade_of(data: dict[str, Any]) -> dict[str, Any]:
    return data["cascades"]["embedded"]  # type: ignore[no-any-return]


def trees_of(data: dict[str, Any]) -> dict[str, Any]:
    return cascade_of(data)["stage2"]["members"][0]  # type: ignore[no-any-return]


SPOILED: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (Path.unlink, "No such file"),
    "an empty file": (lambda path: path.write_text(""), "not valid JSON"),
    "half-written": (lambda path: path.write_text(path.read_text()[:200]), "not valid JSON"),
    "not text": (lambda path: path.write_bytes(b"\xff\xfe\x00"), "not valid JSON"),
    "nested without end": (lambda path: path.write_text("[" * 100_000), "not valid JSON"),
    "a list": (lambda path: path.write_text("[]"), "not a gate model"),
    "foreign": (spoil(lambda data: data.update(format="other")), "its format is 'other'"),
    "other schema": (spoil(lambda data: data.update(schema=99)), "feature schema 99"),
    "no cascade": (spoil(lambda data: data.update(cascades={})), "no cascade that is known"),
    "strange cascade": (spoil(lambda data: data["cascades"].update(oracle={})), "no cascade that is known"),
    "no stage": (spoil(lambda data: cascade_of(data).pop("stage1")), "a part of it is missing"),
    "no members": (spoil(lambda data: cascade_of(data)["stage1"].update(members=[])), "no members"),
    "unknown member": (
        spoil(lambda data: cascade_of(data)["stage1"]["members"][0].update(kind="net")),
        "unknown kind 'net'",
    ),
    "unknown feature": (
        spoil(lambda data: cascade_of(data)["stage2"]["names"].__setitem__(0, "mood")),
        "unknown feature 'mood'",
    ),
    "double feature": (
        spoil(lambda data: cascade_of(data)["stage2"].update(names=["depth", "depth"])),
        "missing or double",
    ),
    "a list for a feature": (
        spoil(lambda data: cascade_of(data)["stage2"]["names"].__setitem__(0, ["depth"])),
        r"unknown feature \['depth'\]",
    ),
    "no promises": (spoil(lambda data: cascade_of(data).pop("promises")), "a part of it is missing"),
    "no column": (spoil(lambda data: cascade_of(data)["promises"].pop("stage2")), "a part of its promises"),
    "cut promises": (spoil(lambda data: cascade_of(data)["promises"]["stage1"].pop()), "its promises are cut"),
    "falling promises": (
        spoil(lambda data: cascade_of(data)["promises"]["shares"].reverse()),
        "promises do not ascend",
    ),
    "no share": (spoil(lambda data: cascade_of(data)["promises"].update(shares=[0.1, 5])), "not a share"),
    "a share in words": (
        spoil(lambda data: cascade_of(data)["promises"].update(shares=[0.1, "much"])),
        "a part of its promises",
    ),
    "one point": (
        spoil(lambda data: cascade_of(data)["stage1"].update(calibration_x=[1], calibration_y=[1])),
        "fewer than two",
    ),
    "falling": (spoil(lambda data: cascade_of(data)["stage1"].update(calibration_y=[1, -1])), "does not ascend"),
    "cycle": (spoil(lambda data: trees_of(data)["right"].__setitem__(0, 0)), "a cycle"),
    "nowhere": (spoil(lambda data: trees_of(data)["right"].__setitem__(0, 99)), "leads nowhere"),
    "no root": (spoil(lambda data: trees_of(data)["roots"].append(-1)), "begins nowhere"),
    "cut tree": (spoil(lambda data: trees_of(data)["value"].pop()), "its trees are cut"),
    "empty": (spoil(lambda data: trees_of(data).update(feature=[], roots=[])), "its trees are cut"),
    "no such column": (spoil(lambda data: trees_of(data)["feature"].__setitem__(0, 7)), "has no name"),
    "word": (spoil(lambda data: trees_of(data)["value"].__setitem__(0, "much")), "not a finite number"),
    "not finite": (spoil(lambda data: trees_of(data)["value"].__setitem__(0, float("nan"))), "not a finite number"),
    "infinite": (spoil(lambda data: trees_of(data)["value"].__setitem__(0, float("inf"))), "not a finite number"),
    "beyond floats": (spoil(lambda data: trees_of(data)["value"].__setitem__(0, 10**400)), "not a finite number"),
    "a truth": (spoil(lambda data: trees_of(data)["value"].__setitem__(0, True)), "not a finite number"),
    "fraction": (spoil(lambda data: trees_of(data)["right"].__setitem__(0, 1.5)), "a fraction"),
    "short linear": (spoil(lambda data: cascade_of(data)["stage1"]["members"][1]["weights"].pop()), "does not fit"),
    "falling ranks": (
        spoil(lambda data: cascade_of(data)["stage1"]["members"][1].update(knots=[[1, 0], []])),
        "do not ascend",
    ),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_gate_is_refused_with_its_flaw(name: str, tmp_path: Path) -> None:
    path = save(tmp_path, gate(), {})
    change, flaw = SPOILED[name]
    change(path)
    with pytest.raises(ModelUnusable, match=flaw) as caught:
        load(tmp_path)
    assert str(path) in str(caught.value)
    assert "tactful train" in str(caught.value)


def test_the_gate_that_ships_can_be_used() -> None:
    scorer = load(bundled())
    features = Features(schema=SCHEMA, values={})
    for stage in (1, 2):
        bars = [scorer.threshold(stage, share, features) for share in (0.01, 0.05, 0.15)]
        assert bars == sorted(bars)
        assert all(0 <= bar < 1 for bar in bars)


def test_the_gate_that_ships_is_not_for_show() -> None:
    assert load(bundled()).threshold(2, 0.05, Features(schema=SCHEMA, values={})) > 0
