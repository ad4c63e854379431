"""What a model wrote -> what may be suggested: repaired where that is safe, else dropped with a reason.

Pure. Knows text, brackets and indentation; what holds for every source of completions is in `core/postprocess.py`.
"""

import re
from collections.abc import Callable

from tactful.backends.remote.memory import Answer
from tactful.backends.remote.names import unknown_names
from tactful.core.syntax import facts_at, parse
from tactful.core.text import open_document
from tactful.core.types import CompletionRequest, Prompt, SyntaxFacts

__all__ = ["repair"]

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_PROSE = re.compile(
    r"\A\s*(?:```|(?:sure|certainly|of course|here(?:'s| is| are))\b|(?:this|the) (?:code|function|completion)\b)",
    re.IGNORECASE,
)
_LOOP = re.compile(r"(\S[^\n]{1,40}?)\1{4,}")
_SHORT_LINE = 3
_SCOPE_CHARS = 4_000
_REPEATS = 3


class _Unusable(Exception):
    """The text cannot be suggested; the message is the reason."""


def repair(text: str, request: CompletionRequest, prompt: Prompt) -> Answer:
    """Return the text as it may be suggested at the request's cursor, or none and the reason."""
    facts = _facts(request)
    code = not (facts.in_string or facts.in_comment) and request.language_id not in ("markdown", "plaintext")
    steps: list[Callable[[str], str]] = [_without_loops, lambda text: _without_what_follows(text, request)]
    if code:
        steps.insert(0, _without_prose)
        steps += [
            lambda text: _indented(text, request),
            lambda text: _balanced(text, request, facts.open_brackets),
            lambda text: _with_known_names(text, request, prompt),
        ]
    try:
        for step in steps:
            text = step(text)
    except _Unusable as why:
        return Answer(text="", reason=str(why))
    return Answer(text=text) if text.strip() else Answer(text="", reason="the model has nothing to add")


def _facts(request: CompletionRequest) -> SyntaxFacts:
    before = request.text[: request.offset]
    document = open_document(request.uri, request.language_id, 0, before[_scope_start(before) :])
    return facts_at(parse(document, None), document, len(document.text))


def _scope_start(before: str) -> int:
    """Return where the last top-level line begins, a few thousand characters back at most."""
    first = max(0, len(before) - _SCOPE_CHARS)
    at = before.rfind("\n") + 1
    while at > first and not _is_word(before[at : at + 1]):
        at = before.rfind("\n", first, at - 1) + 1
    return at if _is_word(before[at : at + 1]) and (at > 0 or first == 0) else before.rfind("\n") + 1


def _is_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


def _without_prose(text: str) -> str:
    if _PROSE.match(text):
        raise _Unusable("the model answered in prose")
    return text


def _without_loops(text: str) -> str:
    """Cut a line that comes again and again; drop a text that goes round in circles within a line."""
    lines = text.split("\n")
    for first in range(len(lines) - _REPEATS + 1):
        again = lines[first : first + _REPEATS]
        if len(lines[first].strip()) > _SHORT_LINE and len({line.strip() for line in again}) == 1:
            return "\n".join(lines[: first + 1])
    found = _LOOP.search(text)
    if found is not None and any(character.isalnum() for character in found[1]):
        raise _Unusable("the model repeats itself")
    return text


def _without_what_follows(text: str, request: CompletionRequest) -> str:
    """Cut the text before the line that stands below the cursor, and drop what says again what stands above it."""
    lines = text.split("\n")
    if len(lines) == 1:
        return text
    _, _, after = request.text[request.offset :].partition("\n")
    below = after.lstrip().partition("\n")[0].rstrip()
    if len(below) > _SHORT_LINE:
        for number, line in enumerate(lines):
            if number and line.strip() == below:
                return "\n".join(lines[:number]).rstrip()
    written = [line.strip() for line in lines if line.strip()]
    if len(written) > 1 and written == _filled_above(request, len(written)):
        raise _Unusable("the model repeats the lines above")
    return text


def _filled_above(request: CompletionRequest, count: int) -> list[str]:
    """Return the last `count` lines above the cursor's that are not blank, without their indentation."""
    found: list[str] = []
    end = request.text.rfind("\n", 0, request.offset)
    while end > 0 and len(found) < count:
        start = request.text.rfind("\n", 0, end) + 1
        line = request.text[start:end].strip()
        found += [line] if line else []
        end = start - 1
    return found[::-1]


def _indented(text: str, request: CompletionRequest) -> str:
    """Take off indentation that stands before the cursor already, and refuse a body that is not indented."""
    before = request.text[: request.offset]
    line = before[before.rfind("\n") + 1 :]
    first, *rest = text.split("\n")
    above = before[: len(before) - len(line)].rstrip().rsplit("\n", 1)[-1]
    if not line.strip() and first[:1] in " \t" and first.strip():
        return "\n".join([_first_line(first, line, above), *rest])
    header = line.rstrip()
    if not first.strip() and rest and header.endswith(":") and request.language_id == "python":
        body = next((each for each in rest if each.strip()), "")
        if _indent(body) <= _indent(header):
            raise _Unusable("the model's lines are indented wrongly")
    return text


def _first_line(first: str, line: str, above: str) -> str:
    """Return the first line without the indentation that nothing asks for: only right below a header it goes deeper."""
    opens = above.rstrip().endswith((":", "{", "(", "[", ","))
    asked_for = len(line) <= _indent(above) if opens else len(line) + _indent(first) <= _indent(above)
    return first if asked_for else first.lstrip()


def _balanced(text: str, request: CompletionRequest, opened_before: int) -> str:
    """Cut closing brackets that nothing opened, at the end; add those that are missing there; else drop the text."""
    waiting: list[str] = []
    free = opened_before
    for at, sign in _brackets(text):
        if sign in _PAIRS:
            waiting.append(_PAIRS[sign])
        elif waiting:
            if waiting.pop() != sign:
                raise _Unusable("the model's brackets do not match")
        elif free:
            free -= 1
        elif not text[at:].strip(")]} \n"):
            return text[:at].rstrip()
        else:
            raise _Unusable("the model closes brackets that nothing opened")
    rest = request.text[request.offset :].split("\n", 1)[0].strip()
    if waiting and not rest and not text.rstrip().endswith((*_PAIRS, ",", ":", "\\")):
        return text.rstrip() + "".join(reversed(waiting))
    return text


def _brackets(text: str) -> list[tuple[int, str]]:
    """Return the brackets outside of strings and comments, as far as the text itself tells."""
    plain = re.sub(
        r"\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|#[^\n]*",
        lambda found: " " * len(found[0]),
        text,
        flags=re.DOTALL,
    )
    return [(at, sign) for at, sign in enumerate(plain) if sign in "()[]{}"]


def _with_known_names(text: str, request: CompletionRequest, prompt: Prompt) -> str:
    if request.language_id == "python":
        known = "\n".join((request.text, *(part.text for part in prompt.parts)))
        begun = re.search(r"[\w.]*\Z", request.text[max(0, request.offset - 200) : request.offset])
        unknown = unknown_names((begun[0] if begun else "") + text, known)
        if unknown:
            raise _Unusable(f"the model uses a name that is defined nowhere near: {min(unknown)}")
    return text


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
