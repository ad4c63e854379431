"""The one place where the order of the stages is written: context, gate 1, backend, postprocess, gate 2.

Every request becomes one `Decision`, shown or skipped, with all that was scored on the way. Only ports are awaited.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from tactful.core import gate
from tactful.core.delay import rest_ms
from tactful.core.errors import BackendError
from tactful.core.features import stage1_features, stage2_features
from tactful.core.gate import GatePolicy
from tactful.core.ports import Backend, Clock, ForeseeingBackend, Scorer
from tactful.core.postprocess import postprocess
from tactful.core.types import Completion, CompletionRequest, CursorContext, Decision, Skipped, Stage, Suggestion

__all__ = ["MAX_DOCUMENT_CHARS", "Ports", "suggest"]

MAX_CANDIDATES = (
    3  # where the programmer asks: the suggestion and two to cycle through. While typing, speed counts: one
)
MAX_DOCUMENT_CHARS = 1_000_000  # larger documents are data or generated; a keystroke in them has to stay cheap


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What the pipeline needs from outside; without a scorer the gate is open."""

    backend: Backend
    scorer: Scorer | None
    clock: Clock


async def suggest(
    ctx: CursorContext, *, ports: Ports, policy: GatePolicy, decision_id: str, draw: float, off: str | None = None
) -> Decision:
    """Decide for one moment whether to generate and whether to show.

    `draw` is a random number in [0, 1) for exploration; `off` says why no suggestions are wanted here at all, if so.
    What the programmer asked for by hand is never hidden. A failing backend is a skip, not an error; only cancellation
    passes through. What is on show and typed through stays, under its own id. An uncertain suggestion waits until the
    hand has rested, see `delay`.
    """
    timer = _Timer(ports.clock, ports.clock.monotonic())
    decision = _undecided(ctx, policy, decision_id, ports.clock.now(), timer)
    off = off or _too_large(ctx)
    if off is not None:
        return replace(decision, reason=off)
    if (stays := _what_stays(ctx)) is not None:
        reason = "goes on with what is on show"
        shown = replace(decision, decision_id=stays.suggestion_id, completion=stays.completion, suggestion=stays)
        return replace(shown, stage=Stage.SHOWN, reason=reason)

    with timer.stage(Stage.GATE1):
        features = stage1_features(ctx)
        verdict = gate.stage1(features, ports.scorer, policy, draw)
    decision = replace(decision, stage=Stage.GATE1, reason=verdict.reason, propensity=verdict.propensity)
    decision = replace(decision, stage1_features=features, stage1_score=verdict.score)
    request = _request(ctx, _left_ms(ctx, verdict.wait_ms, timer))
    if verdict.propensity < 1 and _costs_nothing(ports.backend, request):
        decision = replace(decision, propensity=1.0)  # the draw decides nothing here
    elif not verdict.show and ctx.automatic:
        return decision

    with timer.stage(Stage.BACKEND):
        found = await _completions(ctx, request, ports.backend)
    if isinstance(found, Skipped):
        return replace(decision, stage=found.stage, reason=found.reason)
    completion = found[0]

    with timer.stage(Stage.GATE2):
        features = stage2_features(ctx, completion)
        verdict = gate.stage2(features, ports.scorer, policy, draw)
    decision = replace(decision, stage=Stage.GATE2, reason=verdict.reason, completion=completion)
    decision = replace(decision, stage2_features=features, stage2_score=verdict.score)
    decision = replace(decision, propensity=min(decision.propensity, verdict.propensity))
    if not verdict.show and ctx.automatic:
        return decision
    await _rest(ctx, verdict.wait_ms, ports.clock, timer)
    suggestion, *others = (_suggestion(ctx, each, decision_id) for each in found)
    shown = replace(decision, stage=Stage.SHOWN, decided_at=ports.clock.now())
    return replace(shown, suggestion=suggestion, alternatives=tuple(others))


def _too_large(ctx: CursorContext) -> str | None:
    large = len(ctx.document.text) > MAX_DOCUMENT_CHARS
    return "the document is larger than a million characters" if large else None


def _what_stays(ctx: CursorContext) -> Suggestion | None:
    """Return the suggestion on show as it is from here on, None where there is none or nothing is left of it."""
    standing = ctx.standing
    if standing is None or not ctx.automatic:
        return None
    typed = ctx.offset - standing.start
    rest = postprocess(replace(standing.completion, text=standing.text[typed:]), ctx)
    if isinstance(rest, Skipped):
        return None
    return replace(standing, start=ctx.offset, end=ctx.offset, text=rest.text)


async def _rest(ctx: CursorContext, wait: float, clock: Clock, timer: "_Timer") -> None:
    """Wait until the hand has rested for `wait` milliseconds; a key press cancels the request meanwhile."""
    left = _left_ms(ctx, wait, timer)
    if left > 0:
        await clock.sleep(left / 1000)


def _left_ms(ctx: CursorContext, wait: float, timer: "_Timer") -> float:
    return rest_ms(wait, ctx.rhythm.ms_since_last_edit, timer.elapsed_ms()) if ctx.automatic else 0.0


def _costs_nothing(backend: Backend, request: CompletionRequest) -> bool:
    """Say whether a backend that is costly to ask has the answer already, or is about to: nothing is saved then."""
    return isinstance(backend, ForeseeingBackend) and backend.is_at_hand(request)


def _request(ctx: CursorContext, wait_ms: float) -> CompletionRequest:
    return CompletionRequest(
        uri=ctx.document.uri,
        path=ctx.path,
        language_id=ctx.document.language_id,
        text=ctx.document.text,
        offset=ctx.offset,
        max_candidates=1 if ctx.automatic else MAX_CANDIDATES,
        rest_ms=wait_ms,
    )


async def _completions(
    ctx: CursorContext, request: CompletionRequest, backend: Backend
) -> Sequence[Completion] | Skipped:
    """Return the candidates that can be shown here, best first, at least one."""
    try:
        completions = await backend.complete(request)
    except BackendError as error:
        return Skipped(stage=Stage.BACKEND, reason=str(error))
    kept: dict[str, Completion] = {}
    skipped = Skipped(stage=Stage.BACKEND, reason="nothing fits here")
    for completion in completions:
        result = postprocess(completion, ctx)
        if isinstance(result, Skipped):
            skipped = result
        else:
            kept.setdefault(result.text, result)
    return tuple(kept.values()) or skipped


def _suggestion(ctx: CursorContext, completion: Completion, suggestion_id: str) -> Suggestion:
    start = ctx.offset if ctx.replace_from is None else ctx.replace_from
    text = ctx.document.text[start : ctx.offset] + completion.text
    return Suggestion(suggestion_id=suggestion_id, start=start, end=ctx.offset, text=text, completion=completion)


def _undecided(ctx: CursorContext, policy: GatePolicy, decision_id: str, now: float, timer: "_Timer") -> Decision:
    return Decision(
        decision_id=decision_id,
        uri=ctx.document.uri,
        language_id=ctx.document.language_id,
        decided_at=now,
        mode=policy.mode,
        automatic=ctx.automatic,
        stage=Stage.CONTEXT,
        reason="",
        suggestion=None,
        ms_by_stage=timer.ms_by_stage,
    )


@dataclass(slots=True)
class _Timer:
    clock: Clock
    begun: float
    ms_by_stage: dict[str, float] = field(default_factory=dict)

    def elapsed_ms(self) -> float:
        return (self.clock.monotonic() - self.begun) * 1000

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        begun = self.clock.monotonic()
        try:
            yield
        finally:
            self.ms_by_stage[str(name)] = (self.clock.monotonic() - begun) * 1000
