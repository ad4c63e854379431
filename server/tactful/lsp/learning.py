"""The gate learns from its user: at once from each outcome, and now and then, in a process of its own, all anew.

Stands before the store and listens. Must not know: what an outcome is read from, how a gate is trained.
"""

import asyncio
import json
import logging
import sys
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tactful import paths
from tactful.acceptance.adaptation import AdaptiveScorer
from tactful.core.labels import is_wanted
from tactful.core.ports import Store
from tactful.core.types import Decision, Features, Outcome

__all__ = ["NEW_OUTCOMES", "LearningStore", "learn_anew", "outcomes_at_last_attempt", "remembered_scorer"]

_log = logging.getLogger(__name__)
_FOLLOWED = 200
NEW_OUTCOMES = 300  # since the last attempt, that make another one worth its time


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    stage1: Features | None
    stage2: Features
    outcome: Outcome
    shown_s: float


class LearningStore(Store):
    """A store that tells the scorer what each outcome teaches.

    `decision` finds a recent decision by its id; `scorer` is asked each time, since another gate may have taken over.
    """

    def __init__(
        self,
        store: Store,
        decision: Callable[[str], Decision | None],
        scorer: Callable[[], AdaptiveScorer | None],
    ) -> None:
        self._store = store
        self._decision = decision
        self._scorer = scorer
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def record_decision(self, decision: Decision) -> None:
        """Pass a decision on."""
        self._store.record_decision(decision)

    def record_outcome(self, suggestion_id: str, outcome: Outcome, at: float, accepted_chars: int) -> None:
        """Pass an outcome on, and learn from it."""
        self._store.record_outcome(suggestion_id, outcome, at, accepted_chars)
        decision = self._decision(suggestion_id)
        if decision is None or decision.stage2_features is None or not decision.automatic:
            return
        self._known[suggestion_id] = _Known(
            stage1=decision.stage1_features,
            stage2=decision.stage2_features,
            outcome=outcome,
            shown_s=at - decision.decided_at,
        )
        if len(self._known) > _FOLLOWED:
            self._known.popitem(last=False)
        self._learn(suggestion_id, None)

    def record_survival(self, suggestion_id: str, after_s: int, kept_fraction: float) -> None:
        """Pass on how much was kept; what was accepted and deleted again was not wanted after all."""
        self._store.record_survival(suggestion_id, after_s, kept_fraction)
        self._learn(suggestion_id, kept_fraction)

    def _learn(self, suggestion_id: str, kept: float | None) -> None:
        known, scorer = self._known.get(suggestion_id), self._scorer()
        if known is None or scorer is None:
            return
        wanted = is_wanted(known.outcome, known.shown_s, kept)
        if wanted is not None:
            scorer.learn(suggestion_id, known.stage1, known.stage2, wanted)


def remembered_scorer(own: Path, database: Path, tell: Callable[[str], None]) -> AdaptiveScorer:
    """Return the gate in use, adapted to the last outcomes in the database; `tell` hears what is wrong with it.

    Reads files: not for the event loop. Raises ModelUnusable.
    """
    from tactful.acceptance.experience import rows_of_experience
    from tactful.acceptance.own import load_in_use
    from tactful.core.errors import StoreError
    from tactful.feedback.reading import last_outcomes

    base, problem = load_in_use(own)
    if problem is not None:
        tell(problem)
    scorer = AdaptiveScorer(base)
    try:
        records = last_outcomes(database, _FOLLOWED)
    except StoreError as error:
        _log.info("nothing is learned from earlier sessions: %s", error)
        return scorer
    scorer.remember(list(rows_of_experience(records)))
    return scorer


def outcomes_at_last_attempt(file: Path) -> int:
    """Return how many outcomes there were when a gate was last learned from them; 0 where that is not known."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))["outcomes"]
    except (OSError, ValueError, KeyError, TypeError):
        return 0
    return found if isinstance(found, int) else 0


async def learn_anew() -> str | None:
    """Run `tactful train --own` where there are enough new outcomes; return what it says, None where nothing was done.

    The process has a low priority of its own making, and ends with the server.
    """
    if not await asyncio.to_thread(_has_news):
        return None
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tactful", "train", "--own"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        said, trouble = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        _log.warning("learning from outcomes ended with %s: %s", process.returncode, trouble.decode(errors="replace"))
        return None
    return said.decode(errors="replace").strip()


def _has_news() -> bool:
    from tactful.core.errors import StoreError
    from tactful.feedback.reading import count_outcomes

    try:
        count = count_outcomes(paths.database())
    except StoreError:
        return False
    return count - outcomes_at_last_attempt(paths.learned()) >= NEW_OUTCOMES
