"""What a programmer would have met under each policy: rows of a replay, shown or hidden.

Needs no scikit-learn. Must not know: how rows are made.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tactful.acceptance.rows import Row
from tactful.core.gate import GatePolicy, stage1, stage2
from tactful.core.ports import Scorer

__all__ = ["PolicyOutcome", "compare_policies"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyOutcome:
    """Counts over one replay; `saved_chars` are the characters of the suggestions that were shown and wanted."""

    generated: int = 0
    shown: int = 0
    kept: int = 0
    saved_chars: int = 0

    @property
    def interruptions(self) -> int:
        """Return how many suggestions were shown and not wanted."""
        return self.shown - self.kept


def compare_policies(scorer: Scorer, rows: Sequence[Row]) -> Mapping[str, PolicyOutcome]:
    """Return the outcome of showing nothing, of showing everything, and of each mode of the gate.

    All policies meet the same moments. That favours showing a little: a suggestion that was hidden comes back at the
    next key press more often than it does here, where the cursor has jumped over a wanted one.
    """
    policies: dict[str, tuple[Callable[[Row], bool], Callable[[Row], bool]]] = {
        "never": (lambda row: False, lambda row: False),
        "always": (lambda row: True, lambda row: True),
    }
    for mode in ("eager", "balanced", "quiet"):
        policies[mode] = (_stage1_passes(scorer, mode), _stage2_passes(scorer, mode))
    return {name: _outcome(rows, *passes) for name, passes in policies.items()}


def _stage1_passes(scorer: Scorer, mode: str) -> Callable[[Row], bool]:
    policy = GatePolicy(mode=mode)
    return lambda row: stage1(row.stage1, scorer, policy).show


def _stage2_passes(scorer: Scorer, mode: str) -> Callable[[Row], bool]:
    policy = GatePolicy(mode=mode)
    return lambda row: row.stage2 is not None and stage2(row.stage2, scorer, policy).show


def _outcome(rows: Sequence[Row], generates: Callable[[Row], bool], shows: Callable[[Row], bool]) -> PolicyOutcome:
    generated = [row for row in rows if generates(row)]
    shown = [row for row in generated if row.stage2 is not None and shows(row)]
    kept = [row for row in shown if row.wanted]
    return PolicyOutcome(
        generated=len(generated), shown=len(shown), kept=len(kept), saved_chars=sum(row.length for row in kept)
    )
