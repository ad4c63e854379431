"""What goes into a verification and what comes out of it, with a stable JSON form; knows nothing of how it is done.

Lines are counted from 0 in these values, as the editor's protocol counts them, and from 1 in texts for people. Offsets
count characters of the text that was verified.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

__all__ = [
    "Evidence",
    "Failure",
    "Fix",
    "NearTest",
    "Progress",
    "SandboxMode",
    "Status",
    "VerifyRequest",
    "VerifyResult",
]

SandboxMode = Literal["auto", "bubblewrap", "landlock", "off"]
Status = Literal[
    "passed", "failed", "fixed", "no_tests", "no_pytest", "no_sandbox", "timed_out", "syntax_error", "error"
]
Progress = Callable[[str, float | None], None]  # a message for people, and the fraction done in [0, 1] when known


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRequest:
    """One question: do the tests near this code pass, and if not, what repairs it?

    `text` stands for the file at `path`, saved or not. `symbol` (a qualified name such as `Stack.pop`) or `line` choose
    the function; with neither the whole file is meant. `other_texts` maps absolute paths to unsaved texts. `python` is
    the interpreter that runs the tests; None looks for it (see `interpreter.py`).
    """

    root: Path
    path: Path
    text: str
    line: int | None = None
    symbol: str | None = None
    other_texts: Mapping[str, str] = field(default_factory=dict)
    python: Path | None = None
    sandbox: SandboxMode = "auto"
    budget_s: float = 20.0
    fix: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` reads."""
        return {
            **{name: getattr(self, name) for name in ("text", "line", "symbol", "sandbox", "budget_s", "fix")},
            "root": str(self.root),
            "path": str(self.path),
            "other_texts": dict(self.other_texts),
            "python": None if self.python is None else str(self.python),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "VerifyRequest":
        """Return the request that `to_json` wrote. Raises KeyError or TypeError on anything else."""
        python = data["python"]
        paths = {"root": Path(data["root"]), "path": Path(data["path"]), "python": python and Path(python)}
        return VerifyRequest(**{**data, **paths})


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One test that failed, where it shows.

    `path` and `line` are the place in the test (or, for an error while importing, where that was raised); `assertion`
    is the source of that line; `traceback_lines` are (path, line) from the outermost frame in; `values` are (name,
    shortened repr) of the locals of the innermost frame in the verified file.
    """

    test_id: str
    path: str
    line: int
    message: str
    assertion: str = ""
    traceback_lines: tuple[tuple[str, int], ...] = ()
    output: str = ""
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NearTest:
    """A test that was chosen, and why, in words."""

    test_id: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """Replace `start`..`end` of the verified text, which holds `old_text`, by `new_text`.

    `chance_right` is an estimate in [0, 1] that this is the repair that was meant, given how many candidates passed.
    """

    start: int
    end: int
    old_text: str
    new_text: str
    description: str
    chance_right: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was run to reach the answer."""

    failed_before: tuple[str, ...] = ()
    pass_after: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()
    candidates_tried: int = 0
    seconds: float = 0.0
    seconds_repairing: float = 0.0
    sandbox: str = ""  # what held, in words
    interpreter: str = ""
    near: tuple[NearTest, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyResult:
    """The answer: a status, one sentence for a person, and what it rests on.

    `fix` is the first offer; `alternatives` are further repairs that pass every near test too but behave differently.
    """

    status: Status
    message: str
    failures: tuple[Failure, ...] = ()
    tests_run: int = 0
    tests_passed: int = 0
    near_tests: tuple[str, ...] = ()
    fix: Fix | None = None
    alternatives: tuple[Fix, ...] = ()
    evidence: Evidence = Evidence()

    def to_json(self) -> dict[str, Any]:
        """Return plain data: the one object that `tactful verify --json` prints."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "VerifyResult":
        """Return the result that `to_json` wrote. Raises KeyError or TypeError on anything else."""
        fix = data["fix"]
        parts = {
            "failures": tuple(_failure(each) for each in data["failures"]),
            "near_tests": tuple(data["near_tests"]),
            "fix": None if fix is None else Fix(**fix),
            "alternatives": tuple(Fix(**each) for each in data["alternatives"]),
            "evidence": _evidence(data["evidence"]),
        }
        return VerifyResult(**{**data, **parts})


def _failure(data: Mapping[str, Any]) -> Failure:
    lines = tuple((path, line) for path, line in data["traceback_lines"])
    values = tuple((name, value) for name, value in data["values"])
    return Failure(**{**data, "traceback_lines": lines, "values": values})


def _evidence(data: Mapping[str, Any]) -> Evidence:
    names = {name: tuple(data[name]) for name in ("failed_before", "pass_after", "flaky")}
    return Evidence(**{**data, **names, "near": tuple(NearTest(**each) for each in data["near"])})
