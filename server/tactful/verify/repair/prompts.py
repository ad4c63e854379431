"""The prompts of a repair: a turn of a strategy in words, as one text that chat models and others both understand.

Pure. The form of the answer that is asked for here is what `answers.py` reads.
"""

from collections.abc import Iterator, Sequence

from tactful.verify.repair.brief import Brief
from tactful.verify.repair.strategy import Attempt, Move, Turn

__all__ = ["LAST_TRY", "OPENING", "RULES", "prompt_for", "temperature_of"]

OPENING = "BUG:"
LAST_TRY = "## Your last try"  # what stands below it is what the turn goes on from
RULES = (
    "You repair Python code so that its tests pass. First name the bug in one or two sentences, then say how sure you "
    "are, then give the whole corrected function. Answer in exactly this form:\n\n"
    "BUG: what is wrong, and how the failing tests show it\n"
    "SURE: a number from 0 to 10\n"
    "```python\nthe corrected function, with its name and its parameters as they are\n```\n\n"
    "The tests are right: do not change them, and do not write code that only knows their inputs. Give one function, "
    "or with it the other functions of the same file that have to change. Use nothing that reaches files, processes or "
    "the network."
)
_ASKED = {
    Move.FIRST: "Name the most likely bug and correct the function.",
    Move.REFINE: "Your last try does not pass yet. Name the bug that is left, in the light of what the tests did with "
    "it, and correct the function.",
    Move.RETHINK: "The bug that you named led to code that fails. Think again: what was wrong about that thought? Name "
    "the bug anew, in the light of what the tests did, and correct the function.",
    Move.DEEPEN: "Take it that the bug that you named is one. Name what else is wrong, so that the tests that are left "
    "pass too, and correct both.",
    Move.OTHER: "Name another bug than those that were tried, and correct the function.",
}
_LIKELIEST, _VARIED = 0.2, 0.8  # temperatures
_MAX_OTHERS = 8


def prompt_for(brief: Brief, turn: Turn) -> str:
    """Return what is asked in a turn."""
    return "\n".join(_parts(brief, turn))


def temperature_of(turn: Turn) -> float:
    """Return how freely the model is to answer: the first of several alike tries, and every correction, the least."""
    return _VARIED if turn.number or turn.move is Move.OTHER else _LIKELIEST


def _parts(brief: Brief, turn: Turn) -> Iterator[str]:
    yield f"## The function `{brief.name}` in {brief.path}\n{_fenced(brief.function)}"
    if brief.around.strip(".\n "):
        yield f"## What else stands in {brief.path}\n{_fenced(brief.around)}"
    if brief.tests:
        yield "## Tests that fail\n" + _fenced("\n\n".join(brief.tests))
    yield f"## How they fail\n{brief.failures or 'They fail.'}"
    if brief.passing:
        yield f"## Tests that pass, and must go on to pass\n{', '.join(brief.passing)}"
    earlier = [*turn.others, *turn.line[:-1]]
    if earlier:
        yield "## What was tried already\n" + "\n".join(_in_short(each) for each in earlier[-_MAX_OTHERS:])
    if turn.line:
        yield from _in_full(turn.line[-1])
    yield f"## Now\n{_ASKED[turn.move]}"


def _in_short(attempt: Attempt) -> str:
    return f"- {attempt.thought or 'no bug was named'} -> {_outcome(attempt)}"


def _in_full(attempt: Attempt) -> Iterator[str]:
    yield f"{LAST_TRY}\nBUG: {attempt.thought}"
    if attempt.code:
        yield _fenced(attempt.code)
    yield f"What became of it: {_outcome(attempt)}"
    if attempt.feedback:
        yield attempt.feedback


def _outcome(attempt: Attempt) -> str:
    if attempt.fault:
        return f"it could not be tried: {attempt.fault}"
    return f"{len(attempt.passed)} of {len(attempt.passed) + len(attempt.failed)} tests pass{_names(attempt.failed)}"


def _names(failed: Sequence[str]) -> str:
    return f"; failing: {', '.join(each.rsplit('::', 1)[-1] for each in failed[:3])}" if failed else ""


def _fenced(code: str) -> str:
    """Return `code` as a block, whatever it holds: the fence is longer than any run of backticks in it."""
    fence = "```"
    while fence in code:
        fence += "`"
    return f"{fence}python\n{code}\n{fence}"
