"""A programmer's outcomes as the feedback database hands them over, made up."""

from dataclasses import dataclass
from random import Random

from tactful.core.features import SCHEMA, STAGE1_NAMES, STAGE2_NAMES
from tactful.core.types import Features, Outcome


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """One record; see `tactful.acceptance.experience.Record`."""

    decided_at: float = 1000.0
    automatic: bool = True
    propensity: float = 1.0
    stage1_features: Features | None = None
    stage2_features: Features | None = None
    suggestion_chars: int | None = 5
    outcome: Outcome | None = Outcome.ACCEPTED
    outcome_at: float | None = 1003.0
    kept_30_s: float | None = None
    kept_5_min: float | None = None


def features(**known: float) -> tuple[Features, Features]:
    values = dict.fromkeys(STAGE2_NAMES, 0.0) | known
    first = {name: values[name] for name in STAGE1_NAMES}
    return Features(schema=SCHEMA, values=first), Features(schema=SCHEMA, values=values)


def record(number: int = 0, outcome: Outcome = Outcome.ACCEPTED, kept: float | None = None, **known: float) -> Outcomes:
    """Return the record of a suggestion that ended three seconds after it was shown; they come every minute."""
    stage1, stage2 = features(**known)
    return Outcomes(
        decided_at=60.0 * number,
        outcome_at=60.0 * number + 3,
        outcome=outcome,
        stage1_features=stage1,
        stage2_features=stage2,
        kept_30_s=kept,
    )


def sure_or_not(count: int, seed: int = 0) -> list[Outcomes]:
    """Return records of one who takes what the engine is sure of, whatever the gate that ships thinks of it."""
    random, found = Random(seed), []
    for number in range(count):
        logprob = -3 * random.random()
        taken = random.random() < (0.9 if logprob > -1 else 0.15)
        outcome = Outcome.ACCEPTED if taken else Outcome.REJECTED
        found.append(record(number, outcome, mean_logprob=logprob, total_logprob=logprob, length=2.0))
    return found
