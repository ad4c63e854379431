"""Trains the blend on replayed code: `python -m tactful.backends.local.train --out models/engine.json REPOSITORY...`.

Some files of each repository are left out of its index; the engine is led along the rest of lines drawn from them, and
every step gives one example: the candidates as numbers, and which of them was right. Nothing of this is needed to run.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tactful.backends.local.build import Source, build_segment
from tactful.backends.local.engine import Engine
from tactful.backends.local.evidence import Layer
from tactful.backends.local.features import MAX_CANDIDATES, SCHEMA, choices
from tactful.backends.local.files import imported_names, package_files, read_source, stdlib_files, workspace_files
from tactful.backends.local.interpreter import find_packages
from tactful.backends.local.segment import Segment, load_segment
from tactful.backends.local.sight import Sight
from tactful.backends.local.tokens import LINE_SAME, line_pieces, line_raws

__all__ = ["Examples", "collect", "draw_cut", "fit", "repository_engine"]

_HIDDEN = (64, 32)
_MAX_STEPS = 12  # tokens of one line that are led along
_BATCH = 512
_LEFT_OUT = 0.25
_WITH_REST = 0.15  # of the lines are cut so that something stands after the cursor

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Steps: candidate rows (steps x candidates + 1 x columns), moments, which rows are real, which row is right."""

    rows: NDArray[np.float16]
    moments: NDArray[np.float16]
    real: NDArray[np.bool_]
    right: NDArray[np.int64]


def main() -> None:
    """Train on the repositories named on the command line and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="interpreter whose packages are used")
    parser.add_argument("--positions", type=int, default=1_300, help="for each repository")
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(options.jobs, get_context("spawn")) as pool:
        stdlib = Path(folder) / "stdlib.tix"
        stdlib.write_bytes(stdlib_layer(options.python))
        tasks = [
            pool.submit(collect, repository, options.python, stdlib, options.positions, options.seed)
            for repository in options.repositories
        ]
        for done in as_completed(tasks):
            sys.stderr.write(f"{len(done.result().right)} steps\n")
        parts = [task.result() for task in tasks]
    examples = _joined(parts)
    weights = fit(examples, epochs=options.epochs, seed=options.seed)
    stored = {
        "schema": SCHEMA,
        "trained_on": sorted(repository.name for repository in options.repositories),
        "steps": len(examples.right),
        "weights": {name: np.round(value.astype(np.float64), 4).tolist() for name, value in weights.items()},
    }
    options.out.write_text(json.dumps(stored, separators=(",", ":")) + "\n")


def repository_engine(
    repository: Path,
    python: Path | None,
    stdlib: Segment,
    left_out_share: float,
    rng: random.Random,
    suffixes: Sequence[str] = (".py",),
) -> tuple[Engine, list[Path]]:
    """Return an engine over `repository` and its environment, and the files that were left out of it."""
    files = [file for file in workspace_files([repository]) if file.name.endswith(tuple(suffixes))]
    read = {file: text for file in files if (text := read_source(file)) and text.count("\n") > 20}
    left_out = rng.sample(sorted(read), max(1, round(len(read) * left_out_share)))
    layers: dict[Layer, Sequence[Path]] = {Layer.WORKSPACE: files}
    interpreter = find_packages(python)
    if interpreter is not None:
        own = {repository.name, *(path.name for path in repository.iterdir())}
        layers[Layer.PACKAGES] = package_files(interpreter, imported_names(read.values()) - own)
    engine = Engine.from_files(layers, leave_out=left_out)
    engine.set_layer(Layer.STDLIB, stdlib)
    return engine, left_out


def stdlib_layer(python: Path | None) -> bytes:
    """Return the standard library of `python` as the bytes of a layer; an empty one without an interpreter."""
    interpreter = find_packages(python)
    files = stdlib_files(interpreter) if interpreter is not None else []
    sources = (Source(path=str(file), text=text) for file in files if (text := read_source(file)) is not None)
    return build_segment(sources, max_tokens=6_000_000, meta={})


def draw_cut(text: str, rng: random.Random, *, within_words: bool) -> tuple[int, int] | None:
    """Return where a random line is cut and where it ends: before one of its tokens, or within a word."""
    lines = text.splitlines(keepends=True)
    number = rng.randrange(len(lines))
    line = lines[number].rstrip()
    start = sum(map(len, lines[:number]))
    body = line.lstrip()
    if not body:
        return None
    indent = len(line) - len(body)
    if within_words:
        inside = [place for place in range(indent + 1, len(line)) if (line[place - 1] + line[place]).isidentifier()]
        return (start + rng.choice(inside), start + len(line)) if inside else None
    place = indent
    places = []
    for piece in line_pieces(body):
        places.append(place)
        place += len(piece)
    cut = rng.choice(places)
    # A programmer who has finished a word often has typed the blank after it too.
    if cut > indent and line[cut] == " " and rng.random() < 0.5:
        cut += 1
    return start + cut, start + len(line)


def collect(repository: Path, python: Path | None, stdlib: Path, positions: int, seed: int) -> Examples:
    """Return the steps of `positions` lines drawn from files that the engine has not seen."""
    rng = random.Random(f"{seed} {repository.name}")  # noqa: S311 - reproducible, not secret
    engine, left_out = repository_engine(repository, python, load_segment(stdlib), _LEFT_OUT, rng)
    texts = {path: read_source(path) or "" for path in left_out}
    weights = [text.count("\n") for text in texts.values()]
    rows, moments, right = [], [], []
    for number in range(positions):
        if number % 40 == 0:
            _open_others(engine, left_out, rng)
        path = rng.choices(left_out, weights)[0]
        cut = draw_cut(texts[path], rng, within_words=rng.random() < 0.3)
        if cut is None:
            continue
        offset, end = cut
        if rng.random() < _WITH_REST:
            end = _earlier_end(texts[path][offset:end], rng) + offset
        text = texts[path][:offset] + (texts[path][end:] if rng.random() < 0.6 else _line_tail(texts[path], end))
        engine.set_document("file:///x", str(path), "python", text)
        sight = engine.sight("file:///x", engine.cursor("file:///x", offset))
        truth = _truth(sight, texts[path][offset:end])
        for row, moment, answer in _lead(sight, truth):
            rows.append(row)
            moments.append(moment)
            right.append(answer)
        engine.close_document("file:///x")
    return _packed(rows, moments, right)


def _earlier_end(rest: str, rng: random.Random) -> int:
    """Return where `rest` may end so that some of it stands after the cursor, as closing brackets often do."""
    without_closing = rest.rstrip(")]}:,\"'")
    if without_closing != rest and rng.random() < 0.8:
        return len(without_closing)
    pieces = line_pieces(rest)
    return sum(map(len, pieces[: rng.randrange(len(pieces))]))


def _line_tail(text: str, offset: int) -> str:
    return text[offset:].partition("\n")[0]


def _open_others(engine: Engine, left_out: Sequence[Path], rng: random.Random) -> None:
    """Have a few other files open half of the time, so that their weight is learned too."""
    for number in range(3):
        engine.close_document(f"file:///other{number}")
        path = rng.choice(left_out)
        if rng.random() < 0.5:
            engine.set_document(f"file:///other{number}", None, "python", read_source(path) or "")


def _truth(sight: Sight, rest: str) -> list[int]:
    raws = line_raws(sight.cursor.word + rest, sight.vocabulary)
    return [*(raw >> 2 for raw in raws), *(sight.rest[:1] or [LINE_SAME])]


def _lead(sight: Sight, truth: Sequence[int]) -> Iterator[tuple[Floats, Floats, int]]:
    for number, token in enumerate(truth[:_MAX_STEPS]):
        choice = choices(sight, tuple(truth[:number]))
        candidates = [raw >> 2 for raw in choice.raws]
        yield choice.rows, choice.moment, candidates.index(token) if token in candidates else -1


def _packed(rows: Sequence[Floats], moments: Sequence[Floats], right: Sequence[int]) -> Examples:
    """Pad every step to the same number of rows; the last is "none of these"."""
    packed = np.zeros((len(rows), MAX_CANDIDATES + 1, rows[0].shape[1]), np.float16)
    real = np.zeros(packed.shape[:2], np.bool_)
    for place, row in enumerate(rows):
        packed[place, : len(row) - 1] = row[:-1]
        packed[place, -1] = row[-1]
        real[place, : len(row) - 1] = real[place, -1] = True
    answers = np.array([MAX_CANDIDATES if answer < 0 else answer for answer in right])
    return Examples(rows=packed, moments=np.array(moments, np.float16), real=real, right=answers)


def _joined(parts: Sequence[Examples]) -> Examples:
    return Examples(
        rows=np.concatenate([part.rows for part in parts]),
        moments=np.concatenate([part.moments for part in parts]),
        real=np.concatenate([part.real for part in parts]),
        right=np.concatenate([part.right for part in parts]),
    )


def fit(examples: Examples, *, epochs: int, seed: int) -> dict[str, Floats]:
    """Return weights that make the right rows probable: cross-entropy over each step's rows, Adam, cosine rate."""
    rng = np.random.default_rng(seed)
    columns, moments = examples.rows.shape[2], examples.moments.shape[1]
    first, second = _HIDDEN

    def normal(*shape: int) -> Floats:
        return np.asarray(rng.standard_normal(shape) * np.sqrt(2 / shape[0]), np.float32)

    weights = {
        "rows": normal(columns, first),
        "moment": normal(moments, first) * np.float32(0.3),
        "first_bias": np.zeros(first, np.float32),
        "second": normal(first, second),
        "second_bias": np.zeros(second, np.float32),
        "out": normal(second) * np.float32(0.1),
    }
    means = {name: np.zeros_like(value) for name, value in weights.items()}
    squares = {name: np.zeros_like(value) for name, value in weights.items()}
    total = epochs * (len(examples.right) // _BATCH)
    step = 0
    for epoch in range(epochs):
        order = rng.permutation(len(examples.right))
        losses = []
        for start in range(0, len(order) - _BATCH + 1, _BATCH):
            step += 1
            loss, slopes = _slopes(weights, examples, order[start : start + _BATCH])
            losses.append(loss)
            rate = 2e-3 * 0.5 * (1 + np.cos(np.pi * step / max(1, total))) + 1e-5
            for name, slope in slopes.items():
                means[name] += 0.1 * (slope - means[name])
                squares[name] += 0.001 * (slope**2 - squares[name])
                corrected = means[name] / (1 - 0.9**step) / (np.sqrt(squares[name] / (1 - 0.999**step)) + 1e-8)
                weights[name] -= (rate * (corrected + 1e-3 * weights[name])).astype(np.float32)
        sys.stderr.write(f"epoch {epoch + 1}: {np.mean(losses):.4f}\n")
    return weights


def _slopes(
    weights: dict[str, Floats], examples: Examples, chosen: NDArray[np.int64]
) -> tuple[float, dict[str, Floats]]:
    """Return the mean cross-entropy of the chosen steps and its gradient."""
    real = examples.real[chosen]
    step_of, row_of = np.nonzero(real)
    rows = examples.rows[chosen][real].astype(np.float32)
    moments = examples.moments[chosen].astype(np.float32)
    first = np.maximum(rows @ weights["rows"] + (moments @ weights["moment"] + weights["first_bias"])[step_of], 0)
    second = np.maximum(first @ weights["second"] + weights["second_bias"], 0)
    scores = np.full(real.shape, -np.inf, np.float32)
    scores[real] = second @ weights["out"]
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities = shifted / shifted.sum(axis=1, keepdims=True)
    right = examples.right[chosen]
    places = np.arange(len(chosen))
    loss = float(-np.log(probabilities[places, right] + 1e-12).mean())
    probabilities[places, right] -= 1
    slope = probabilities[step_of, row_of] / len(chosen)
    slope_second = slope[:, None] * weights["out"] * (second > 0)
    slope_first = (slope_second @ weights["second"].T) * (first > 0)
    by_step = np.add.reduceat(slope_first, np.flatnonzero(np.diff(step_of, prepend=-1)), axis=0)
    return loss, {
        "rows": rows.T @ slope_first,
        "moment": moments.T @ by_step,
        "first_bias": slope_first.sum(axis=0),
        "second": first.T @ slope_second,
        "second_bias": slope_second.sum(axis=0),
        "out": second.T @ slope,
    }


if __name__ == "__main__":
    main()
