"""workspace/executeCommand, the small ones: accepted, explain, pause."""

from math import isnan
from typing import Any

from pygls.uris import to_fs_path

from tactful.core.explain import explain as explained
from tactful.core.ports import Scorer
from tactful.core.types import Decision
from tactful.lsp.handlers import verify
from tactful.lsp.server import TactfulServer

__all__ = ["accepted", "explain", "pause"]

_DEFAULT_PAUSE_MINUTES = 60.0


def accepted(server: TactfulServer, *args: Any) -> None:
    """Take in that the editor inserted the suggestion with the id args[0]."""
    if args and isinstance(args[0], str):
        server.outcomes.accepted(args[0])
        decision = server.session.decision(args[0])
        if server.settings.verify.on_accept and decision is not None and decision.suggestion is not None:
            work = verify.after_acceptance(server, decision.uri, decision.suggestion.start)
            server.spawn(work, "verifying after an acceptance")
        _ask_in_advance(server, args[0])


def _ask_in_advance(server: TactfulServer, suggestion_id: str) -> None:
    """Have a model think about what comes behind an accepted suggestion, where the document holds it."""
    decision = server.session.decision(suggestion_id)
    document = server.session.documents.get(decision.uri) if decision is not None else None
    if decision is None or document is None or decision.suggestion is None:
        return
    for each in (decision.suggestion, *decision.alternatives):
        if document.text.startswith(each.text, each.start):
            server.models.accepted(document, each.start + len(each.text), to_fs_path(document.uri))
            return


def explain(server: TactfulServer, *args: Any) -> dict[str, Any]:
    """Say, and return, why the last suggestion (in the document args[0], if given) was shown or hidden.

    With a true args[1] nothing is said: the client shows the answer itself.
    """
    uri = args[0] if args and isinstance(args[0], str) else None
    decision = server.session.last_decision(uri)
    if decision is None:
        text = "Tactful has not been asked for a suggestion yet."
        answer: dict[str, Any] = {"text": text, "markdown": text}
    else:
        answer = _explanation(decision, server.scorer)
    if not (len(args) > 1 and args[1] is True):
        server.tell(answer["text"])
    return answer


def pause(server: TactfulServer, *args: Any) -> dict[str, float]:
    """Show no suggestions for args[0] minutes (60 without it); 0 ends the pause."""
    given = args[0] if args else _DEFAULT_PAUSE_MINUTES
    number = isinstance(given, int | float) and not isinstance(given, bool) and given >= 0
    minutes = float(given) if number else _DEFAULT_PAUSE_MINUTES
    server.session.paused_until = server.clock.monotonic() + 60 * minutes
    server.status.paused(60 * minutes)
    server.tell(f"Tactful is paused for {minutes:g} minutes." if minutes else "Tactful suggests again.")
    return {"minutes": minutes}


def _explanation(decision: Decision, scorer: Scorer | None) -> dict[str, Any]:
    completion = decision.completion
    found = explained(decision, scorer)
    return {
        "text": found.sentence,
        "markdown": found.markdown(),
        "weights": [
            {"feature": each.feature, "words": each.words, "value": each.value, "effect": each.effect}
            for each in found.weights
        ],
        "advice": list(found.advice),
        "id": decision.decision_id,
        "stage": str(decision.stage),
        "reason": found.reason,
        "mode": decision.mode,
        "shown": decision.suggestion is not None,
        "completion": completion.text if completion else None,
        "stage1Score": decision.stage1_score,
        "stage2Score": decision.stage2_score,
        "probability": completion.probability if completion and not isnan(completion.probability) else None,
        "msByStage": dict(decision.ms_by_stage),
    }
