"""A gate on disk: `model.json` in a folder, read with suspicion, written at once or not at all.

Knows: the file's format and everything that can be wrong with it. Must not know: how a model is trained or used.
"""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

from tactful.acceptance.promises import Promises, promises_data, read_promises
from tactful.acceptance.scorer import EMBEDDED, MODEL, Cascade, Linear, StageModel, Trees, TreeScorer
from tactful.core.errors import ModelUnusable
from tactful.core.features import SCHEMA, STAGE1_NAMES, STAGE2_NAMES

__all__ = ["FILE_NAME", "FORMAT", "bundled", "describe", "load", "save"]

FORMAT = "tactful-gate/3"
FILE_NAME = "model.json"
_MAX_BYTES = 20_000_000


def bundled() -> Path:
    """Return the folder of the gate that ships with Tactful: inside the installed package, or in the source tree."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "models" / "gate"
    return installed if installed.is_dir() else package.parents[1] / "models" / "gate"


def load(folder: Path) -> TreeScorer:
    """Return the gate in `folder`.

    Raises ModelUnusable, with one sentence for a person, where the file is missing, corrupt, of another format or for
    other features than this version of Tactful computes.
    """
    path = folder / FILE_NAME
    data = _read(path)
    try:
        _check(data.get("format") == FORMAT, f"its format is {data.get('format')!r}, not {FORMAT!r}")
        _check(data.get("schema") == SCHEMA, f"it was trained for feature schema {data.get('schema')}, not {SCHEMA}")
        found = _object(data.get("cascades"))
        _check(bool(found) and set(found) <= {EMBEDDED, MODEL}, "it has no cascade that is known here")
        return TreeScorer(cascades={kind: _cascade(_object(cascade)) for kind, cascade in found.items()})
    except _Flaw as flaw:
        raise ModelUnusable(_message(path, str(flaw))) from None


def describe(folder: Path) -> Mapping[str, Any]:
    """Return what the gate in `folder` says of its own training. Raises ModelUnusable."""
    about = _read(folder / FILE_NAME).get("about")
    return about if isinstance(about, dict) else {}


def save(folder: Path, scorer: TreeScorer, about: Mapping[str, Any]) -> Path:
    """Write `scorer` to `folder`, made if need be, and return the file; an older file stays until the new one is whole.

    `about` says how it was trained. Raises OSError.
    """
    data = {
        "format": FORMAT,
        "schema": SCHEMA,
        "about": dict(about),
        "cascades": {kind: _cascade_data(cascade) for kind, cascade in scorer.cascades.items()},
    }
    text = json.dumps(data, separators=(",", ":"), allow_nan=False) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    fresh = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return path


class _Flaw(Exception):
    """What is wrong with a model, as the end of a sentence."""


def _message(path: Path, flaw: str) -> str:
    return f"The gate model {path} cannot be used: {flaw}. Train it again with `tactful train --out {path.parent}`."


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ModelUnusable(_message(path, "it is larger than 20 MB"))
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelUnusable(_message(path, error.strerror or "it cannot be read")) from None
    except (ValueError, RecursionError):
        raise ModelUnusable(_message(path, "it is not valid JSON")) from None
    if not isinstance(data, dict):
        raise ModelUnusable(_message(path, "it is not a gate model"))
    return data


# From JSON to a stage; every helper raises _Flaw.


def _cascade(data: dict[str, Any]) -> Cascade:
    return Cascade(
        stage1=_stage(_object(data.get("stage1")), STAGE1_NAMES),
        stage2=_stage(_object(data.get("stage2")), STAGE2_NAMES),
        promises=_promises(_object(data.get("promises"))),
    )


def _stage(data: dict[str, Any], known: tuple[str, ...]) -> StageModel:
    names = tuple(_array(data.get("names")))
    strange = [name for name in names if name not in known]
    _check(not strange, f"it uses the unknown feature {strange[0]!r}" if strange else "")
    _check(bool(names) and len(set(names)) == len(names), "its feature names are missing or double")
    xs, ys = _numbers(data.get("calibration_x")), _numbers(data.get("calibration_y"))
    _check(len(xs) == len(ys) >= 2, "its calibration has fewer than two points")
    _check(all(a < b for a, b in pairwise(xs)), "its calibration does not ascend")
    _check(all(a <= b for a, b in pairwise(ys)), "its calibration does not ascend")
    members = tuple(_member(_object(member), len(names)) for member in _array(data.get("members")))
    _check(bool(members), "it has no members")
    return StageModel(
        names=names, members=members, calibration_x=xs, calibration_y=ys, lost_5pct=_number(data.get("lost_5pct"))
    )


def _promises(data: dict[str, Any]) -> Promises:
    try:
        return read_promises(data)
    except ValueError as error:
        raise _Flaw(str(error)) from None


def _member(data: dict[str, Any], width: int) -> tuple[float, Trees | Linear]:
    weight = _number(data.get("weight"))
    match data.get("kind"):
        case "trees":
            return weight, _trees(data, width)
        case "linear":
            return weight, _linear(data, width)
        case kind:
            raise _Flaw(f"it has a member of unknown kind {kind!r}")


def _trees(data: dict[str, Any], width: int) -> Trees:
    """Return the ensemble; a node's children stand behind it, so there can be no cycle."""
    trees = Trees(
        baseline=_number(data.get("baseline")),
        roots=_whole_numbers(data.get("roots")),
        feature=_whole_numbers(data.get("feature")),
        threshold=_numbers(data.get("threshold")),
        missing_left=_whole_numbers(data.get("missing_left")),
        right=_whole_numbers(data.get("right")),
        value=_numbers(data.get("value")),
    )
    size = len(trees.feature)
    columns = (trees.threshold, trees.missing_left, trees.right, trees.value)
    _check(size > 0 and all(len(column) == size for column in columns), "its trees are cut")
    _check(all(0 <= root < size for root in trees.roots), "a tree begins nowhere")
    _check(max(trees.feature) < width, "a tree asks for a feature that has no name")
    for node, (feature, right) in enumerate(zip(trees.feature, trees.right, strict=True)):
        if feature >= 0 and not node + 1 < right < size:
            raise _Flaw("a tree has a cycle or a branch that leads nowhere")
    return trees


def _linear(data: dict[str, Any], width: int) -> Linear:
    weights, missing = _numbers(data.get("weights")), _numbers(data.get("missing"))
    knots = tuple(_numbers(item) for item in _array(data.get("knots")))
    _check(len(weights) == len(missing) == len(knots) == width, "its linear member does not fit its features")
    ascending = all(len(run) != 1 and list(run) == sorted(run) for run in knots)
    _check(ascending, "its ranks do not ascend")
    return Linear(intercept=_number(data.get("intercept")), weights=weights, missing=missing, knots=knots)


def _check(holds: bool, flaw: str) -> None:
    if not holds:
        raise _Flaw(flaw)


def _object(data: object) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise _Flaw("a part of it is missing")
    return data


def _array(data: object) -> list[Any]:
    if not isinstance(data, list):
        raise _Flaw("a part of it is missing")
    return data


def _number(data: object) -> float:
    return _numbers([data])[0]


def _numbers(data: object) -> tuple[float, ...]:
    found = _array(data)
    try:
        # A sum is finite only if all its terms are, and adding is far faster than asking each number.
        plain = set(map(type, found)) <= {int, float} and math.isfinite(sum(map(abs, found)))
    except OverflowError:  # an integer that no float can hold
        plain = False
    _check(plain, "it holds something that is not a finite number")
    return tuple(map(float, found))


def _whole_numbers(data: object) -> tuple[int, ...]:
    found = _array(data)
    _check(set(map(type, found)) <= {int}, "it holds a fraction where a whole number belongs")
    return cast("tuple[int, ...]", tuple(found))


# From a cascade to JSON.


def _cascade_data(cascade: Cascade) -> dict[str, Any]:
    return {
        "stage1": _stage_data(cascade.stage1),
        "stage2": _stage_data(cascade.stage2),
        "promises": promises_data(cascade.promises),
    }


def _stage_data(stage: StageModel) -> dict[str, Any]:
    return {
        "names": stage.names,
        "calibration_x": stage.calibration_x,
        "calibration_y": stage.calibration_y,
        "lost_5pct": stage.lost_5pct,
        "members": [{"weight": weight, **_member_data(member)} for weight, member in stage.members],
    }


def _member_data(member: Trees | Linear) -> dict[str, Any]:
    kind = "trees" if isinstance(member, Trees) else "linear"
    return {"kind": kind, **{part.name: getattr(member, part.name) for part in fields(member)}}
