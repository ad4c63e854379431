"""The evidence of a verification as a page of Markdown, for editors that open it beside the code."""

from collections.abc import Iterator, Sequence

from tactful.verify import Failure, Offer, VerifyResult

__all__ = ["evidence_page"]

_MOST_NEAR = 30


def evidence_page(result: VerifyResult, name: str) -> str:
    """Return the page for a result; `name` is the verified file's, relative to its workspace."""
    return "\n".join(_page(result, name))


def _page(result: VerifyResult, name: str) -> Iterator[str]:
    yield f"# {name}\n\n{result.message}\n"
    yield from _offers("Offered", result.offers)
    yield from _offers("Passes too, not offered: the tests cannot tell which is meant", result.unclear)
    if result.failures:
        yield "## Failing before\n"
    for failure in result.failures:
        yield from _failure(failure)
    yield from _run(result)


def _offers(heading: str, offers: Sequence[Offer]) -> Iterator[str]:
    for offer in offers:
        yield f"## {heading}: {offer.description}\n"
        yield _fenced(offer.diff, "diff") + "\n"
        yield "".join(f"- {line}\n" for line in offer.evidence)


def _failure(failure: Failure) -> Iterator[str]:
    yield f"### {failure.test_id}\n\n{failure.path}:{failure.line + 1}\n"
    values = [f"{name} = {value}" for name, value in failure.values]
    yield _fenced("\n".join([failure.assertion.strip(), failure.message, *values]).strip()) + "\n"


def _run(result: VerifyResult) -> Iterator[str]:
    evidence = result.evidence
    before, after = evidence.tests_before, evidence.tests_after
    yield "## What was run\n"
    yield f"- near tests that passed before: {len(before.passed)} of {len(before)}"
    if len(after):
        yield f"- that pass with the change: {len(after.passed)} of {len(after)}"
    if evidence.flaky:
        yield f"- unreliable, not counted: {', '.join(evidence.flaky)}"
    if evidence.candidates:
        yield f"- changes tried: {evidence.candidates}"
    if evidence.model:
        yield f"- model: {evidence.model}"
    yield f"- time: {evidence.seconds:.1f} s"
    yield f"- sandbox: {evidence.sandbox}"
    yield f"- interpreter: {evidence.interpreter}\n"
    yield "## Why these tests\n"
    if evidence.selection:
        yield f"{evidence.selection[0].upper()}{evidence.selection[1:]}.\n"
    yield from (f"- `{near.test_id}`: {near.why}" for near in evidence.near[:_MOST_NEAR])
    if len(evidence.near) > _MOST_NEAR:
        yield f"- and {len(evidence.near) - _MOST_NEAR} more"
    yield ""


def _fenced(text: str, kind: str = "") -> str:
    """Return `text` as a block of code, whatever it holds: the fence is longer than any run of backticks in it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{kind}\n{text.rstrip()}\n{fence}"
