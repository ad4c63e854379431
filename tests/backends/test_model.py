"""The trained blend: the file that ships, damaged files, the arithmetic, and that training learns."""

import json
from pathlib import Path

import numpy as np
import pytest

from tactful.backends.local.document import DocumentTokens
from tactful.backends.local.engine import Engine
from tactful.backends.local.features import MAX_CANDIDATES, SCHEMA, Choice, choices
from tactful.backends.local.model import BlendModel, default_model_path, load_model
from tactful.backends.local.train import Examples, _slopes, fit
from tactful.core.errors import ModelUnusable

SOURCE = "def area(width, height):\n    return width * height\n\n\ndef area(width, height):\n    return "


def choice(text: str = SOURCE) -> tuple[Choice, Engine]:
    engine = Engine()
    engine.set_document("u", None, "python", text)
    return choices(engine.sight("u", engine.cursor("u", len(text))), ()), engine


def test_shipped_model_fits_the_columns() -> None:
    model = load_model(default_model_path())
    found, _ = choice()
    assert model.rows.shape[0] == found.rows.shape[1]
    assert model.moment.shape[0] == len(found.moment)


def test_probabilities_leave_room_for_none_of_these() -> None:
    found, _ = choice()
    probabilities = load_model(default_model_path()).probabilities(found)
    assert len(probabilities) == len(found.raws)
    assert 0 < probabilities.sum() < 1


def test_best_candidate_is_what_followed_before() -> None:
    found, engine = choice()
    best = int(np.argmax(load_model(default_model_path()).probabilities(found)))
    assert engine._vocabulary.texts[found.raws[best] >> 2] == "width"
    assert found.rows.shape[0] == len(found.raws) + 1 <= MAX_CANDIDATES + 1


def test_partly_typed_word_limits_the_candidates() -> None:
    found, engine = choice(SOURCE + "he")
    assert {engine._vocabulary.texts[raw >> 2] for raw in found.raws} == {"height"}


@pytest.mark.parametrize(
    "content", ["", "{}", '{"schema": 0}', json.dumps({"schema": SCHEMA, "weights": {"rows": "x"}})]
)
def test_damaged_model_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "engine.json"
    path.write_text(content)
    with pytest.raises(ModelUnusable):
        load_model(path)


def examples(steps: int = 64) -> Examples:
    rng = np.random.default_rng(1)
    rows = rng.random((steps, 4, 3), np.float32)
    return Examples(
        rows=rows.astype(np.float16),
        moments=np.ones((steps, 2), np.float16),
        real=np.ones((steps, 4), np.bool_),
        right=rows[:, :, 0].argmax(axis=1).astype(np.int64),
    )


def test_gradient_is_that_of_the_loss() -> None:
    data = examples(8)
    weights = {name: value.astype(np.float64) for name, value in fit(data, epochs=0, seed=1).items()}
    chosen = np.arange(8)
    _, slopes = _slopes(weights, data, chosen)  # type: ignore[arg-type]
    for name, value in weights.items():
        place = np.unravel_index(value.size // 2, value.shape)
        value[place] += 1e-3
        above, _ = _slopes(weights, data, chosen)  # type: ignore[arg-type]
        value[place] -= 2e-3
        below, _ = _slopes(weights, data, chosen)  # type: ignore[arg-type]
        value[place] += 1e-3
        assert (above - below) / 2e-3 == pytest.approx(float(slopes[name][place]), abs=2e-3), name


def test_training_learns(capsys: pytest.CaptureFixture[str]) -> None:
    data = examples(2_048)
    model = BlendModel(**fit(data, epochs=40, seed=1))
    right = 0
    for step in range(200):
        rows = np.concatenate([data.rows[step], np.zeros((1, 3), np.float16)]).astype(np.float32)
        found = model.probabilities(Choice([0] * 4, [None] * 4, rows, np.ones(2, np.float32)))
        right += int(np.argmax(found)) == data.right[step]
    assert right > 160
    assert "epoch 40" in capsys.readouterr().err


def test_document_without_lines_has_candidates_from_nowhere() -> None:
    engine = Engine()
    engine.set_document("u", None, "python", "")
    found = choices(engine.sight("u", engine.cursor("u", 0)), ())
    assert found.raws == []
    assert DocumentTokens("", engine._vocabulary).raws.tolist() == []
