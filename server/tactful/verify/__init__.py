"""Prove a change by the tests near it, and repair it when they fail."""

from tactful.verify.asking import Answer, Ask, Question, Reply
from tactful.verify.model import (
    Cause,
    Evidence,
    Failure,
    ModelUse,
    NearTest,
    Offer,
    Progress,
    SandboxMode,
    Status,
    StrategyName,
    TestNames,
    VerifyRequest,
    VerifyResult,
)

__all__ = [
    "Answer",
    "Ask",
    "Cause",
    "Evidence",
    "Failure",
    "ModelUse",
    "NearTest",
    "Offer",
    "Progress",
    "Question",
    "Reply",
    "SandboxMode",
    "Status",
    "StrategyName",
    "TestNames",
    "VerifyRequest",
    "VerifyResult",
    "run",
    "run_in_worker",
]


async def run_in_worker(request: VerifyRequest, on_progress: Progress, answer: Answer | None = None) -> VerifyResult:
    """Verify in a process of its own, so that the event loop stays free; see `client.run_in_worker`."""
    from tactful.verify.client import run_in_worker as run_client

    return await run_client(request, on_progress, answer)


def run(request: VerifyRequest, on_progress: Progress, ask: Ask | None = None) -> VerifyResult:
    """Verify here and now, blocking; see `session.run`."""
    from tactful.verify.session import run as run_session

    return run_session(request, on_progress, ask=ask)
