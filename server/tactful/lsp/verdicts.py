"""What the last verification of each function said, kept for as long as the function's text stays the same."""

from dataclasses import dataclass

from tactful.core.syntax import FunctionSpan
from tactful.core.text import Document
from tactful.verify import VerifyResult

__all__ = ["Verdict", "Verdicts", "headline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One function's verdict: its text when it was verified, and what to say above it."""

    function_text: str
    title: str


class Verdicts:
    """The verdicts of each document's functions."""

    def __init__(self) -> None:
        self._by_uri: dict[str, dict[str, Verdict]] = {}

    def add(self, document: Document, function: FunctionSpan | None, result: VerifyResult) -> None:
        """Keep what `result` says of `function`; where nothing was run, nothing is kept."""
        if function is None:
            return
        known = self._by_uri.setdefault(document.uri, {})
        known.pop(function.name, None)
        title = headline(result)
        if title:
            text = document.text[function.start : function.end]
            known[function.name] = Verdict(function_text=text, title=title)

    def of(self, document: Document) -> list[tuple[int, str]]:
        """Return the line (from 0) and the title of each verdict that still holds in this text."""
        verdicts = self._by_uri.get(document.uri, {}).values()
        places = [(document.text.find(each.function_text), each.title) for each in verdicts]
        return sorted((document.line_of(at), title) for at, title in places if at >= 0)

    def drop(self, uri: str) -> None:
        """Forget a document."""
        self._by_uri.pop(uri, None)


def headline(result: VerifyResult) -> str:
    """Return the verdict in a few words, such as "12 near tests pass, 0.4 s"; empty where no test ran."""
    tests = result.evidence.tests_before
    if result.status not in ("verified", "failing", "fixed") or not len(tests):
        return ""
    number = f"{len(tests)} near test{'s' * (len(tests) != 1)}"
    if result.status == "verified":
        return f"{number} pass{'es' * (len(tests) == 1)}, {result.evidence.seconds:.1f} s"
    fails = f"{len(tests.failed)} of {number} fail{'s' * (len(tests.failed) == 1)}"
    return f"{fails}; a repair is on offer" if result.offers else fails
