"""What goes into a verification and what comes out of it, with a stable JSON form; knows nothing of how it is done.

Lines are counted from 0 in these values, as the editor's protocol counts them, and from 1 in texts for people. Offsets
count characters of the text that was verified.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

__all__ = [
    "Cause",
    "Evidence",
    "Failure",
    "ModelUse",
    "NearTest",
    "Offer",
    "Progress",
    "SandboxMode",
    "Status",
    "StrategyName",
    "TestNames",
    "VerifyRequest",
    "VerifyResult",
]

SandboxMode = Literal["auto", "bubblewrap", "landlock", "sandbox-exec", "off"]
Status = Literal["verified", "fixed", "failing", "no_tests", "cannot_run"]
StrategyName = Literal["refine", "tree", "sample"]
Cause = Literal["", "no_pytest", "no_sandbox", "timed_out", "syntax_error", "error"]  # of "cannot_run"
Progress = Callable[[str, float | None], None]  # a message for people, and the fraction done in [0, 1] when known


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUse:
    """How a model may take part in a repair: its name, the way it is asked, and the most that it may be asked for.

    `max_tokens` counts prompts (estimated) and answers together; `context_chars` is the most of the file that a prompt
    holds. "sample" asks for first tries only.
    """

    name: str
    strategy: StrategyName = "refine"
    max_samples: int = 10
    max_tokens: int = 60_000
    context_chars: int = 6000


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRequest:
    """One question: do the tests near this code pass, and if not, what repairs it?

    `text` stands for the file at `path`, saved or not. `symbol` (a qualified name such as `Stack.pop`) or `line` choose
    the function, `line` to `end_line` (both included) those that a range touches; with none of them the whole file is
    meant. `other_texts` maps absolute paths to unsaved texts. `python` is the interpreter that runs the tests; None
    looks for it (see `interpreter.py`). `cache_dir` is where the coverage map is kept; without it there is none. With
    `model` a repair asks a model too, where whoever runs the verification has one to ask.
    """

    root: Path
    path: Path
    text: str
    line: int | None = None
    end_line: int | None = None
    symbol: str | None = None
    other_texts: Mapping[str, str] = field(default_factory=dict)
    python: Path | None = None
    sandbox: SandboxMode = "auto"
    budget_s: float = 20.0
    fix: bool = False
    cache_dir: Path | None = None
    model: ModelUse | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` reads."""
        plain = ("text", "line", "end_line", "symbol", "sandbox", "budget_s", "fix")
        return {
            **{name: getattr(self, name) for name in plain},
            "root": str(self.root),
            "path": str(self.path),
            "other_texts": dict(self.other_texts),
            "python": None if self.python is None else str(self.python),
            "cache_dir": None if self.cache_dir is None else str(self.cache_dir),
            "model": None if self.model is None else asdict(self.model),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "VerifyRequest":
        """Return the request that `to_json` wrote. Raises KeyError or TypeError on anything else."""
        model = data["model"]
        paths = {"root": Path(data["root"]), "path": Path(data["path"])}
        paths |= {name: data[name] and Path(data[name]) for name in ("python", "cache_dir")}
        return VerifyRequest(**{**data, **paths, "model": model and ModelUse(**model)})


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
class TestNames:
    """Tests by what became of them."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    passed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.passed) + len(self.failed) + len(self.skipped)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A repair: replace `start`..`end` of the verified text, which holds `old_text`, by `new_text`.

    `chance_right` is an estimate in [0, 1] that this is the repair that was meant, given what else passed; `diff` is
    the same edit as a unified diff. `evidence` says in words what vouches for it: the tests that it makes pass and,
    where another offer behaves differently, an input on which they differ.
    """

    start: int
    end: int
    old_text: str
    new_text: str
    description: str
    diff: str = ""
    chance_right: float = 1.0
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was run to reach the answer; `tests_after` is empty unless there is an offer, whose result it is."""

    tests_before: TestNames = TestNames()
    tests_after: TestNames = TestNames()
    flaky: tuple[str, ...] = ()
    candidates: int = 0  # repairs that were tried
    seconds: float = 0.0
    seconds_repairing: float = 0.0
    model: str = ""  # what a model was asked and what came of it, in words; empty where none took part
    sandbox: str = ""  # what held, in words
    interpreter: str = ""
    near: tuple[NearTest, ...] = ()
    selection: str = ""  # how the tests were found, and whether all that are affected ran, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyResult:
    """The answer: a status, one sentence for a person, and what it rests on.

    `offers` are repairs that pass every near test, the most likely first; they differ in what they do. `unclear` are
    repairs that pass too but are not offered, because the tests cannot tell which of them is meant.
    """

    status: Status
    message: str
    cause: Cause = ""
    failures: tuple[Failure, ...] = ()
    offers: tuple[Offer, ...] = ()
    unclear: tuple[Offer, ...] = ()
    evidence: Evidence = Evidence()

    def to_json(self) -> dict[str, Any]:
        """Return plain data: the one object that `tactful verify --json` prints."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "VerifyResult":
        """Return the result that `to_json` wrote. Raises KeyError or TypeError on anything else."""
        parts = {
            "failures": tuple(_failure(each) for each in data["failures"]),
            "offers": tuple(_offer(each) for each in data["offers"]),
            "unclear": tuple(_offer(each) for each in data["unclear"]),
            "evidence": _evidence(data["evidence"]),
        }
        return VerifyResult(**{**data, **parts})


def _failure(data: Mapping[str, Any]) -> Failure:
    lines = tuple((path, line) for path, line in data["traceback_lines"])
    values = tuple((name, value) for name, value in data["values"])
    return Failure(**{**data, "traceback_lines": lines, "values": values})


def _offer(data: Mapping[str, Any]) -> Offer:
    return Offer(**{**data, "evidence": tuple(data["evidence"])})


def _evidence(data: Mapping[str, Any]) -> Evidence:
    names = {name: _names(data[name]) for name in ("tests_before", "tests_after")}
    near = tuple(NearTest(**each) for each in data["near"])
    return Evidence(**{**data, **names, "flaky": tuple(data["flaky"]), "near": near})


def _names(data: Mapping[str, Any]) -> TestNames:
    return TestNames(**{outcome: tuple(names) for outcome, names in data.items()})
