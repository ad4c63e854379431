"""What `tactful train` does with the user's own outcomes: rows of the store, a contest, taking over, going back."""

import contextlib
import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tactful import paths

if TYPE_CHECKING:
    from tactful.acceptance.rows import Row
    from tactful.acceptance.scorer import TreeScorer
    from tactful.acceptance.succession import Contest

__all__ = ["learn_from_outcomes", "roll_back", "rows_of_store"]

_MOST_ROWS = 20_000
_NICENESS = 10


def rows_of_store() -> "list[Row]":
    """Return what became of this user's suggestions as rows, oldest first. Raises StoreError."""
    from tactful.acceptance.experience import rows_of_experience
    from tactful.feedback.reading import last_outcomes

    return list(rows_of_experience(last_outcomes(paths.database(), _MOST_ROWS)))


def learn_from_outcomes(seed: int) -> str:
    """Recalibrate and retrain the gate in use, let the better one take over if it wins, and say what happened.

    Runs in a process of its own, at low priority. Raises StoreError and ModelUnusable.
    """
    from tactful.acceptance.own import load_in_use, take_over
    from tactful.acceptance.succession import LEAST_ROWS

    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    rows = rows_of_store()
    _note_attempt()
    if len(rows) < LEAST_ROWS:
        return f"{len(rows)} outcomes are too few to learn from; {LEAST_ROWS} are needed. Nothing has changed."
    current, _ = load_in_use(paths.own_gate())
    found = _best(rows, current, seed)
    if found is None:
        return f"Nothing learned from {len(rows)} outcomes does better than the gate in use. Nothing has changed."
    how, scorer, result = found
    about = {"learned_from": len(rows), "how": how, "log_loss": result.new, "log_loss_before": result.old}
    try:
        take_over(paths.own_gate(), scorer, about)
    except OSError as error:
        raise click.ClickException(f"The gate cannot be written to {paths.own_gate()}: {error.strerror}.") from None
    return (
        f"The {how} gate is in use: on {result.rows} outcomes that it had not seen its log loss was {result.new:.3f}, "
        f"that of the gate before {result.old:.3f}. `tactful train --rollback` goes back."
    )


def roll_back() -> str:
    """Bring back the gate that was in use before, and say which one that is."""
    from tactful.acceptance import own

    try:
        return own.roll_back(paths.own_gate())
    except OSError as error:
        raise click.ClickException(f"The gate in {paths.own_gate()} cannot be changed: {error.strerror}.") from None


def _best(rows: "Sequence[Row]", current: "TreeScorer", seed: int) -> "tuple[str, TreeScorer, Contest] | None":
    """Return the way of learning that wins by most, what it makes of all rows, and how it did."""
    from tactful.acceptance.succession import contest, recalibrated

    ways = {
        "recalibrated": lambda part: recalibrated(current, part),
        "retrained": lambda part: _retrained(current, part, seed),
    }
    results = {how: result for how, way in ways.items() if (result := contest(rows, current, way)) is not None}
    winners = {how: result for how, result in results.items() if result.wins}
    if not winners:
        return None
    how = min(winners, key=lambda name: winners[name].new)
    scorer = ways[how](rows)
    return None if scorer is None else (how, scorer, winners[how])


def _retrained(current: "TreeScorer", rows: "Sequence[Row]", seed: int) -> "TreeScorer | None":
    """Return the gate with each kind of which there are enough rows trained anew; None without scikit-learn."""
    from tactful.acceptance.scorer import TreeScorer

    try:
        from tactful.acceptance.train import NotEnoughData, fit
    except ModuleNotFoundError:
        return None
    try:
        return TreeScorer(cascades={**current.cascades, **fit(rows, seed=seed).scorer.cascades})
    except NotEnoughData:
        return None


def _note_attempt() -> None:
    """Write down how many outcomes there were, so that the server asks again only when there are many new ones."""
    from tactful.feedback.reading import count_outcomes

    with contextlib.suppress(OSError):
        paths.learned().parent.mkdir(parents=True, exist_ok=True)
        paths.learned().write_text(json.dumps({"outcomes": count_outcomes(paths.database())}), encoding="utf-8")
