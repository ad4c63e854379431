"""The feedback database as a report reads it: one pass over all decisions, with only what a report asks for.

A million decisions are read in seconds: what is large (features, times of the stages) comes from a sample only. The
tables are described in `schema`.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tactful.core.types import Features, Outcome, Stage
from tactful.feedback.reading import connected, features_of, is_begun, known_sets

__all__ = ["Moment", "moments"]

_SAMPLED_TIMES = 20_000
_SAMPLED_FEATURES = 2_000
_STAGES = {stage.value: stage for stage in Stage}
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}


class Moment(NamedTuple):
    """One decision, as much of it as a report needs; None where nothing is known."""

    decided_at: float  # seconds since the epoch
    language_id: str
    source: str | None
    mode: str
    stage: Stage
    reason: str
    automatic: bool
    propensity: float
    score: float | None  # of the second stage
    suggestion_chars: int | None
    outcome: Outcome | None
    outcome_at: float | None
    accepted_chars: int | None
    kept_fraction: float | None  # after five minutes, else after thirty seconds
    ms_by_stage: Mapping[str, float] | None  # in a sample
    features: Features | None  # of the stage that hid it, in a sample of the hidden


_QUESTION = """
SELECT decided_at, language, source, mode, stage, reason, automatic, propensity, stage2_score, suggestion_chars,
       outcomes.outcome, outcomes.at, outcomes.accepted_chars, coalesce(later.kept_fraction, soon.kept_fraction),
       CASE WHEN number % :times_step = 0 THEN ms_by_stage END,
       CASE WHEN number % :features_step != 0 THEN NULL WHEN stage = 'gate1' THEN stage1_set
            WHEN stage = 'gate2' THEN stage2_set END,
       CASE WHEN number % :features_step != 0 THEN NULL WHEN stage = 'gate1' THEN stage1_values
            WHEN stage = 'gate2' THEN stage2_values END
FROM decisions
LEFT JOIN outcomes ON outcomes.suggestion_id = CASE stage WHEN 'shown' THEN id END
LEFT JOIN survival AS soon
    ON soon.suggestion_id = CASE WHEN outcomes.accepted_chars > 0 THEN id END AND soon.after_s = 30
LEFT JOIN survival AS later
    ON later.suggestion_id = CASE WHEN outcomes.accepted_chars > 0 THEN id END AND later.after_s = 300
ORDER BY number
"""


def moments(path: Path) -> Iterator[Moment]:
    """Yield every decision, oldest first; nothing where there is no database yet. Raises StoreError."""
    if not is_begun(path):
        return
    with connected(path) as connection:
        sets = known_sets(connection)
        total = connection.execute("SELECT count(*) FROM decisions").fetchone()[0]
        steps = {"times_step": total // _SAMPLED_TIMES + 1, "features_step": total // _SAMPLED_FEATURES + 1}
        connection.row_factory = None
        for row in connection.execute(_QUESTION, steps):
            (at, language, source, mode, stage, reason, automatic, propensity, score, chars) = row[:10]
            (outcome, outcome_at, accepted_chars, kept_fraction, times, key, values) = row[10:]
            yield Moment(
                at,
                language,
                source,
                mode,
                _STAGES[stage],
                reason,
                bool(automatic),
                propensity,
                score,
                chars,
                _OUTCOMES[outcome] if outcome else None,
                outcome_at,
                accepted_chars,
                kept_fraction,
                json.loads(times) if times else None,
                features_of(key, values, sets) if key else None,
            )
