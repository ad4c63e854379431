"""One verification from request to result: find the near tests, run them on the unsaved text, repair when asked.

The stages stand here in their order; each is done elsewhere. Blocking: the server runs it in a worker process.
"""

import ast
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from tactful.core.errors import SandboxUnavailable, VerifyError
from tactful.verify.asking import Ask
from tactful.verify.bed import Bed, Site, Spare
from tactful.verify.discover import Aim, NearFile, aim_at, find_test_files, near_files, why_near
from tactful.verify.failures import Paths, collection_failure, test_failure
from tactful.verify.interpreter import find_interpreter
from tactful.verify.model import Cause, Evidence, NearTest, Progress, TestNames, VerifyRequest, VerifyResult
from tactful.verify.repair.pool import Advice
from tactful.verify.repair.search import Problem, repair
from tactful.verify.repair.source import Source
from tactful.verify.runner.host import Item, PytestMissing, Runner, TestRun
from tactful.verify.sandbox import choose_sandbox
from tactful.verify.symbols import Symbol, symbol_at, symbols

__all__ = ["prepare", "run"]

MAX_TESTS = 400  # near tests that are run; the nearest come first
MAX_TEST_S = 10.0  # what one test may take at first sight
SHARE_OF_BUDGET = 0.2  # the same, as a share of the whole budget
_BYTE_ORDER_MARK = "\ufeff"


def run(
    request: VerifyRequest, on_progress: Progress, spare: Spare | None = None, ask: Ask | None = None
) -> VerifyResult:
    """Verify, and repair when `request.fix` says so; every trouble becomes a status with its message.

    `spare` may hold a test bed in readiness, and is given the next one by `prepare`. `ask` is what questions to a model
    are put to, where the request allows them.
    """
    started = time.monotonic()
    given = request.text
    request = _without_marks(replace(request, root=_root_of(request), path=request.path.resolve()))
    try:
        result = _verify(request, on_progress, spare or Spare(None), started, ask)
    except _Ended as ended:
        result = ended.result
    except SandboxUnavailable as error:
        result = cannot_run("no_sandbox", str(error))
    except VerifyError as error:
        late = time.monotonic() - started >= request.budget_s
        result = cannot_run("timed_out" if late else "error", str(error))
    except OSError as error:
        result = cannot_run("error", f"The private copy could not be made or used: {error.strerror or error}.")
    seconds = round(time.monotonic() - started, 3)
    result = replace(result, evidence=replace(result.evidence, seconds=seconds))
    return _moved(result, len(given) - len(request.text))


class _Ended(Exception):
    """A stage has found the answer before the last stage."""

    def __init__(self, result: VerifyResult) -> None:
        super().__init__(result.message)
        self.result = result


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """What is known before anything runs."""

    request: VerifyRequest
    symbol: Symbol | None
    aim: Aim
    files: list[NearFile]
    site: Site
    deadline: float
    ask: Ask | None


def prepare(request: VerifyRequest, spare: Spare) -> None:
    """Make ready for the request after this one, which is likely about the same workspace."""
    with suppress(VerifyError):
        spare.prepare(_site(replace(request, root=_root_of(request))), time.monotonic() + request.budget_s)


def _verify(
    request: VerifyRequest, on_progress: Progress, spare: Spare, started: float, ask: Ask | None
) -> VerifyResult:
    on_progress("Looking for near tests", None)
    setting = _prepare(request, started + request.budget_s, ask)
    on_progress("Starting pytest on a private copy of the workspace", None)
    bed = _take(setting, spare)
    try:
        return _run_and_repair(setting, bed, on_progress)
    finally:
        bed.close()


def _site(request: VerifyRequest) -> Site:
    sandbox = choose_sandbox(request.sandbox)
    python = find_interpreter(request.root, request.python, os.environ)
    return Site(root=request.root, python=python, sandbox=sandbox, budget_s=request.budget_s)


def _prepare(request: VerifyRequest, deadline: float, ask: Ask | None) -> _Setting:
    tree = _parse(request)
    symbol = _symbol(request, tree)
    aim = aim_at(request.path, tree, symbol)
    texts = _texts(request)
    files = near_files(aim, [*find_test_files(request.root), *_own_file(request)], texts)
    if not files and ">>>" not in request.text:
        what = f"{symbol.name} in {request.path.name}" if symbol else request.path.name
        message = f"No test near {what} was found; write one in a file named test_{request.path.name}."
        raise _Ended(no_tests(message))
    site = _site(request)
    return _Setting(request=request, symbol=symbol, aim=aim, files=files, site=site, deadline=deadline, ask=ask)


def _parse(request: VerifyRequest) -> ast.Module:
    try:
        return Source(request.text).tree
    except SyntaxError as error:
        message = f"{request.path.name} has a syntax error at line {error.lineno}: {error.msg}; correct it first."
        raise _Ended(cannot_run("syntax_error", message)) from error
    except (ValueError, RecursionError) as error:
        message = f"{request.path.name} cannot be parsed as Python: {error}."
        raise _Ended(cannot_run("syntax_error", message)) from error


def _symbol(request: VerifyRequest, tree: ast.Module) -> Symbol | None:
    if request.symbol is not None:
        for each in reversed(symbols(tree)):  # a later definition replaces an earlier one
            if request.symbol in (each.name, each.short_name):
                return each
        message = f"{request.path.name} has no function or class named {request.symbol}."
        raise _Ended(cannot_run("error", message))
    return None if request.line is None else symbol_at(tree, request.line)


def _own_file(request: VerifyRequest) -> list[Path]:
    has_tests = "def test" in request.text and ("import pytest" in request.text or "unittest" in request.text)
    return [request.path] if has_tests or "\ndef test_" in request.text else []


def _texts(request: VerifyRequest) -> dict[Path, str]:
    """Return the unsaved texts below the root by path; the request's own last, so that it wins."""
    others = {Path(path).resolve(): text for path, text in request.other_texts.items()}
    below = {path: text for path, text in others.items() if path.is_relative_to(request.root)}
    return {**below, request.path: request.text}


def _take(setting: _Setting, spare: Spare) -> Bed:
    try:
        return spare.take(setting.site, _texts(setting.request), setting.deadline)
    except PytestMissing as error:
        python = setting.site.python
        message = f"pytest is not installed in {python}: run `{python} -m pip install pytest`, or choose another "
        message += "interpreter with `verify.python` (`--python`)."
        raise _Ended(cannot_run("no_pytest", message)) from error


def _run_and_repair(setting: _Setting, bed: Bed, on_progress: Progress) -> VerifyResult:
    request, runner, confined = setting.request, bed.runner, bed.confined
    files = [bed.place(near.path) for near in setting.files]
    target = bed.place(request.path)
    doctests = ">>>" in request.text
    if doctests and target not in files:
        files.append(target)
    items, errors = runner.hold(files, target=target, doctests=doctests)
    items, errors, near = _choose(setting, items, errors, bed)
    paths = Paths(inside=confined.root, root=request.root, texts=_texts(request))
    if not items and not errors:
        raise _Ended(no_tests(f"The test files near {request.path.name} hold no test that is about it."))
    runs, flaky = _run_again(runner, list(_run_all(setting, runner, items, on_progress)))
    runs, note, is_run = _about_symbol(setting.symbol, runs)
    if not is_run and not errors and all(each.outcome != "failed" for each in runs):
        raise _Ended(no_tests(note))
    near = [each for each in near if each.test_id in {run.id for run in runs}]
    by_id = {item.id: item for item in items}
    failures = [
        *(collection_failure(error, paths) for error in errors),
        *(test_failure(each, by_id[each.id], paths) for each in runs if each.outcome == "failed"),
    ]
    result = VerifyResult(
        status="failing" if failures else "verified",
        message=f"{_verdict(len(runs), len(failures), len(flaky))} {note}".strip(),
        failures=tuple(failures),
        evidence=Evidence(
            tests_before=TestNames(
                passed=tuple(each.id for each in runs if each.outcome == "passed"),
                failed=tuple(each.test_id for each in failures),
                skipped=tuple(each.id for each in runs if each.outcome == "skipped"),
            ),
            flaky=tuple(flaky),
            sandbox=setting.site.sandbox.description,
            interpreter=f"{setting.site.python} (Python {runner.python})",
            near=tuple(near),
        ),
    )
    if not failures or not request.fix or not is_run:
        return result
    problem = Problem(
        text=request.text,
        symbol=setting.symbol,
        runs=runs,
        failures=failures,
        path=str(request.path),
        name=_name(request),
        target=target,
        files=files,
        doctests=doctests,
        importable=not errors,
    )
    return repair(problem, result, runner, on_progress, _advice(setting, paths))


def _advice(setting: _Setting, paths: Paths) -> Advice | None:
    use = setting.request.model
    if use is None or setting.ask is None:
        return None
    return Advice(use=use, ask=setting.ask, paths=paths, path=setting.request.path)


def _choose(
    setting: _Setting, items: list[Item], errors: list[dict[str, str]], bed: Bed
) -> tuple[list[Item], list[dict[str, str]], list[NearTest]]:
    """Return the tests to run, nearest first, the errors that count, and why each is near."""
    by_path = {bed.place(near.path): near for near in setting.files}
    scored: list[tuple[float, Item, str]] = []
    for item in items:
        name = ".".join(item.id.split("[")[0].split("::")[1:])
        near = by_path.get(item.path)
        if item.kind == "doctest":
            inside = setting.symbol is None or name.endswith(setting.symbol.name)
            scored += [(5.0, item, "is an example in the docstring")] if inside else []
        elif near is not None:
            score, why = why_near(setting.aim, near, name)
            scored.append((score, item, why))
    scored.sort(key=lambda each: -each[0])
    chosen = scored[:MAX_TESTS]
    target = setting.request.path.name
    counted = [each for each in errors if not each["id"].endswith(target) or not items]
    near_tests = [NearTest(test_id=item.id, why=why) for _, item, why in chosen]
    return [item for _, item, _ in chosen], counted, near_tests


def _run_all(setting: _Setting, runner: Runner, items: list[Item], on_progress: Progress) -> Iterator[TestRun]:
    limit = min(MAX_TEST_S, SHARE_OF_BUDGET * setting.request.budget_s)
    trace = setting.request.fix or setting.symbol is not None
    for number, each in enumerate(runner.run([item.id for item in items], trace=trace, limit_s=limit)):
        on_progress(f"Ran {number + 1} of {len(items)} near tests", (number + 1) / len(items))
        yield each


def _run_again(runner: Runner, runs: list[TestRun]) -> tuple[list[TestRun], list[str]]:
    """Run what failed once more; return the runs, what passes now as passed, and the names of those flaky tests."""
    failed = [each.id for each in runs if each.outcome == "failed" and not each.failure.get("timed_out")]
    again = {each.id: each for each in runner.run(failed, trace=False, limit_s=MAX_TEST_S)} if failed else {}
    flaky = [name for name, each in again.items() if each.outcome == "passed"]
    return [replace(each, outcome="passed") if each.id in flaky else each for each in runs], flaky


def _about_symbol(symbol: Symbol | None, runs: list[TestRun]) -> tuple[list[TestRun], str, bool]:
    """Return the runs that count, what to say of the others, and whether any test runs the symbol.

    A test that failed without running the symbol fails for another reason, and must not stand in the way of its repair.
    A test that was stopped may have been in it. One that passes counts: a repair must not break it.
    """
    if symbol is None or symbol.is_class or not runs:
        return runs, "", True
    body = range(symbol.node.body[0].lineno - 1, symbol.last_line + 1)
    about = [each for each in runs if each.failure.get("timed_out") or not each.lines.isdisjoint(body)]
    if not about:
        none = "The near test does not run" if len(runs) == 1 else f"None of the {len(runs)} near tests runs"
        return runs, f"{none} {symbol.name}; write a test that calls it.", False
    kept = [each for each in runs if each in about or each.outcome != "failed"]
    others = len(runs) - len(kept)
    verb = "test fails" if others == 1 else "tests fail"
    return kept, f"{others} other {verb} without running {symbol.name}." if others else "", True


def _verdict(ran: int, failed: int, flaky: int) -> str:
    tests = f"{ran} near test{'s' * (ran != 1)}"
    note = f" {flaky} failed once and passed when run again (flaky)." if flaky else ""
    if failed:
        return (
            f"{failed} of {tests} fail{'s' * (failed == 1)}." if ran else "The near tests cannot be imported."
        ) + note
    return f"{tests} pass{'es' * (ran == 1)}.{note}"


def _root_of(request: VerifyRequest) -> Path:
    root, path = request.root.resolve(), request.path.resolve()
    return root if path.is_relative_to(root) else path.parent


def _name(request: VerifyRequest) -> str:
    return request.path.resolve().relative_to(_root_of(request)).as_posix()


def _without_marks(request: VerifyRequest) -> VerifyRequest:
    """Return the request with its texts as Python sees them: a byte order mark belongs to the file, not to the code."""
    others = {path: text.removeprefix(_BYTE_ORDER_MARK) for path, text in request.other_texts.items()}
    return replace(request, text=request.text.removeprefix(_BYTE_ORDER_MARK), other_texts=others)


def _moved(result: VerifyResult, by: int) -> VerifyResult:
    """Return `result` with its fixes moved on by so many characters."""
    offers, unclear = (
        tuple(replace(each, start=each.start + by, end=each.end + by) for each in group)
        for group in (result.offers, result.unclear)
    )
    return replace(result, offers=offers, unclear=unclear)


def cannot_run(cause: Cause, message: str) -> VerifyResult:
    """Return the result of a verification that could not be carried out."""
    return VerifyResult(status="cannot_run", cause=cause, message=message)


def no_tests(message: str) -> VerifyResult:
    """Return the result where no test is about the code."""
    return VerifyResult(status="no_tests", message=message)
