"""A test's failure in words, for a model: the assertion, the message, the way there and the values at its end."""

from collections.abc import Callable, Sequence

from tactful.verify.model import Failure

__all__ = ["told", "told_together"]

_NO_NEWS = ("Use -v to get more diff", "Use -v to get the full diff")
MAX_TOLD = 3  # failures that are told in full
MAX_MESSAGE, MAX_OUTPUT, MAX_VALUE, MAX_PLACES = 700, 300, 160, 5


def told(failure: Failure, shown: Callable[[str], str], line_of: Callable[[str, int], str]) -> str:
    """Return one failure; `shown` names a path as it may be named, `line_of` gives the source of a line (from 0)."""
    name = failure.test_id.rsplit("::", 1)[-1]
    lines = [f"{name} fails at {shown(failure.path)} line {failure.line + 1}: {failure.assertion}".rstrip(": ")]
    message = [line for line in failure.message.split("\n") if line.strip() and line.strip() not in _NO_NEWS]
    lines += [f"    {line}" for line in _cut("\n".join(message), MAX_MESSAGE).split("\n")]
    places = [(path, line) for path, line in failure.traceback_lines if (path, line) != (failure.path, failure.line)]
    for path, line in places[-MAX_PLACES:]:
        lines.append(f"    via {shown(path)} line {line + 1}: {line_of(path, line)}".rstrip(": "))
    if failure.values:
        lines.append("    values there: " + ", ".join(f"{n} = {_cut(v, MAX_VALUE)}" for n, v in failure.values))
    if failure.output.strip():
        lines.append(f"    printed: {_cut(failure.output.strip(), MAX_OUTPUT)}")
    return "\n".join(lines)


def told_together(failures: Sequence[Failure], shown: Callable[[str], str], line_of: Callable[[str, int], str]) -> str:
    """Return the first failures in full and how many more there are."""
    parts = [told(each, shown, line_of) for each in failures[:MAX_TOLD]]
    left = len(failures) - MAX_TOLD
    return "\n".join([*parts, *([f"{left} more fail."] if left > 0 else [])])


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
