"""What a model answered, taken apart: the bug as it names it, how sure it is, and the code; or why it is of no use.

Pure. It must not know what the code is compared with or how it is tried.
"""

import re
from dataclasses import dataclass

from tactful.verify.repair.source import Source

__all__ = ["Answered", "read"]

MAX_THOUGHT = 600  # characters
MAX_CODE = 20_000
_THINKING = re.compile(r"<think>.*?(?:</think>\s*|\Z)", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*(?:\n|\Z)", re.MULTILINE)
_SURE = re.compile(r"^\W*SURE\W*?(\d+(?:\.\d+)?)(?:\s*/\s*10)?[^\n]*$", re.MULTILINE | re.IGNORECASE)
_LABEL = re.compile(r"\A\W*BUG\W*:\W*", re.IGNORECASE)
_DEFAULT_SURE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A model's answer: `source` is its code, None where there is none that can be used, and `fault` says why."""

    thought: str
    sure: float
    code: str = ""
    source: Source | None = None
    fault: str = ""


def read(text: str) -> Answered:
    """Take an answer apart; nothing that a model can write makes this fail."""
    said = _THINKING.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    before, code = _parted(said)
    sure = _SURE.search(before)
    share = min(10.0, float(sure[1])) / 10 if sure else _DEFAULT_SURE
    thought = " ".join(_LABEL.sub("", _SURE.sub("", before).strip()).split())[:MAX_THOUGHT]
    if not code.strip():
        fault = "the answer holds no code" if said.strip() else "the answer is empty"
        return Answered(thought=thought, sure=share, fault=fault)
    code = _dedented(code.strip("\n"))
    source, fault = _parsed(code)
    return Answered(thought=thought, sure=share, code=code, source=source, fault=fault)


def _parted(said: str) -> tuple[str, str]:
    """Return what stands before the code, and the code: the longest fenced block, else all from the first `def` on."""
    marks = list(_FENCE.finditer(said))
    if marks:
        ends = [*marks[1::2], None]
        blocks = [
            said[one.end() : two.start() if two else len(said)] for one, two in zip(marks[::2], ends, strict=False)
        ]
        return said[: marks[0].start()], max(blocks, key=len)
    start = re.search(r"^[ \t]*(?:(?:async )?def |@\w|class )\w", said, re.MULTILINE)
    return (said[: start.start()], said[start.start() :]) if start else (said, "")


def _parsed(code: str) -> tuple[Source | None, str]:
    if len(code) > MAX_CODE:
        return None, f"the code is longer than {MAX_CODE} characters"
    try:
        return Source(code), ""
    except SyntaxError as error:
        return None, f"the code has a syntax error at its line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return None, f"the code cannot be parsed: {error}"


def _dedented(code: str) -> str:
    """Return code whose first line is indented, as a method's often is, moved to the margin."""
    first = next((line for line in code.split("\n") if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    return "\n".join(line.removeprefix(indent) for line in code.split("\n"))
