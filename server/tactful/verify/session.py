"""One verification from request to result: find the near tests, run them on the unsaved text, repair when asked.

The stages stand here in their order; each is done elsewhere. Blocking: the server runs it in a worker process.
"""

import ast
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from tactful.core.errors import SandboxUnavailable, VerifyError
from tactful.verify.asking import Ask
from tactful.verify.bed import Bed, Site, Spare
from tactful.verify.confirm import confirmed, reserve_s
from tactful.verify.coverage import Known
from tactful.verify.discover import Aim, NearFile, PythonFiles, aim_at, find_python, further_files, near_files
from tactful.verify.failures import Paths, collection_failure, test_failure
from tactful.verify.lessons import Lessons
from tactful.verify.model import Cause, Evidence, NearTest, Progress, TestNames, VerifyRequest, VerifyResult
from tactful.verify.repair.pool import Advice
from tactful.verify.repair.search import Problem, repair
from tactful.verify.request import has_own_tests, resolved, root_of, site_of, texts_of
from tactful.verify.runner.host import Item, PytestMissing, Runner, TestRun
from tactful.verify.scope import Scope, scope_of, split_runs
from tactful.verify.selection import Chosen, Selection, select
from tactful.verify.syntax import syntax_problem

__all__ = ["prepare", "run"]

MAX_TEST_S = 10.0  # what one test may take at first sight
SHARE_OF_BUDGET = 0.2  # the same, as a share of the whole budget
# Of the time that is left, what the first run of the affected tests may take, with a repair to come and without; and
# then, of what is left after that, the run of those that are only near by their file.
SHARES_BEFORE_REPAIR, SHARES_ALONE = (0.4, 0.2), (0.9, 0.7)


def run(
    request: VerifyRequest,
    on_progress: Progress,
    spare: Spare | None = None,
    ask: Ask | None = None,
    lessons: Lessons | None = None,
) -> VerifyResult:
    """Verify, and repair when `request.fix` says so; every trouble becomes a status with its message.

    `spare` may hold a test bed in readiness, and is given the next one by `prepare`. `ask` is what questions to a model
    are put to, where the request allows them. What the tests ran goes into `lessons`, for the caller to keep once the
    answer is given; without one it is kept before this returns.
    """
    started = time.monotonic()
    if lessons is None:
        lessons = Lessons()
        try:
            return run(request, on_progress, spare, ask, lessons)
        finally:
            lessons.keep()
    given = request.text
    request = resolved(request)
    try:
        result = _verify(request, on_progress, spare or Spare(None), lessons, ask, started)
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
    scope: Scope
    aim: Aim
    python_files: PythonFiles
    files: list[NearFile]
    known: Known
    site: Site
    lessons: Lessons
    deadline: float
    ask: Ask | None


def prepare(request: VerifyRequest, spare: Spare) -> None:
    """Make ready for the request after this one, which is likely about the same workspace."""
    with suppress(VerifyError):
        spare.prepare(site_of(replace(request, root=root_of(request))), time.monotonic() + request.budget_s)


def _verify(
    request: VerifyRequest,
    on_progress: Progress,
    spare: Spare,
    lessons: Lessons,
    ask: Ask | None,
    started: float,
) -> VerifyResult:
    on_progress("Looking for near tests", None)
    setting = _prepare(request, lessons, ask, started + request.budget_s)
    on_progress("Starting pytest on a private copy of the workspace", None)
    bed = _take(setting, spare)
    try:
        return _run_and_repair(setting, bed, on_progress)
    finally:
        bed.close()


def _prepare(request: VerifyRequest, lessons: Lessons, ask: Ask | None, deadline: float) -> _Setting:
    problem = syntax_problem(request.text, request.path.name)
    if problem is not None:
        raise _Ended(problem)
    tree = ast.parse(request.text)
    scope = _scope(request, tree)
    aim = aim_at(request.path, tree, scope.symbols)
    texts = texts_of(request)
    python_files = find_python(request.root)
    if has_own_tests(request):
        python_files = python_files.with_test(request.path)
    files = near_files(aim, python_files, texts) or further_files(aim, python_files, texts, [])
    site = site_of(request)
    known = lessons.about(request, site.python, scope, texts)
    if not files and not known.files and ">>>" not in request.text:
        what = f"{scope.name} in {request.path.name}" if scope.symbols else request.path.name
        message = f"No test near {what} was found; write one in a file named test_{request.path.name}."
        raise _Ended(no_tests(message))
    return _Setting(
        request=request,
        scope=scope,
        aim=aim,
        python_files=python_files,
        files=files,
        known=known,
        site=site,
        lessons=lessons,
        deadline=deadline,
        ask=ask,
    )


def _scope(request: VerifyRequest, tree: ast.Module) -> Scope:
    scope = scope_of(tree, request)
    if scope is None:
        message = f"{request.path.name} has no function or class named {request.symbol}."
        raise _Ended(cannot_run("error", message))
    return scope


def _take(setting: _Setting, spare: Spare) -> Bed:
    try:
        return spare.take(setting.site, texts_of(setting.request), setting.deadline)
    except PytestMissing as error:
        python = setting.site.python
        message = f"pytest is not installed in {python}: run `{python} -m pip install pytest`, or choose another "
        message += "interpreter with `verify.python` (`--python`)."
        raise _Ended(cannot_run("no_pytest", message)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _FirstRun:
    """What the near tests did on the text as it is; `left` are those that found no time."""

    files: list[str]
    items: list[Item]
    errors: list[dict[str, Any]]
    selection: Selection
    runs: list[TestRun]
    flaky: list[str]
    left: tuple[Chosen, ...]
    note: str
    is_run: bool  # whether any test runs what was chosen

    def says_nothing(self) -> bool:
        """Return whether no test was about what was chosen, and none failed."""
        failed = bool(self.errors) or any(each.outcome == "failed" for each in self.runs)
        return not failed and not self.left and not (self.is_run and self.runs)


def _run_and_repair(setting: _Setting, bed: Bed, on_progress: Progress) -> VerifyResult:
    first = _first_run(setting, bed, on_progress)
    if first.says_nothing():
        texts = texts_of(setting.request)
        further = further_files(setting.aim, setting.python_files, texts, setting.files)
        if not further:
            raise _Ended(no_tests(first.note))
        first = _first_run(replace(setting, files=further), bed, on_progress)
        if first.says_nothing():
            raise _Ended(no_tests(first.note))
    result = _result(setting, bed, first)
    if result.status == "verified" or not setting.request.fix or not first.is_run:
        return result
    problem = _problem(setting, bed, first, result)
    runner = bed.runner
    runner.deadline -= reserve_s(first.left, first.runs, setting.deadline)
    result = repair(problem, result, runner, on_progress, _advice(setting, _paths(setting, bed)))
    runner.deadline = setting.deadline
    return confirmed(problem, result, first.left, runner, on_progress)


def _first_run(setting: _Setting, bed: Bed, on_progress: Progress) -> _FirstRun:
    request, runner, scope = setting.request, bed.runner, setting.scope
    files = _files(setting, bed)
    items, errors = runner.hold(files, target=bed.place(request.path), doctests=">>>" in request.text)
    near = {bed.place(each.path): each for each in setting.files}
    selection = select(scope, setting.aim, items, near, setting.known)
    runs, flaky = _run_again(runner, _run_all(setting, runner, selection, on_progress))
    setting.lessons.note(runs, bed, request, setting.site.python, texts_of(request))
    done = {each.id for each in runs}
    counted, note, is_run = split_runs(scope, runs)
    return _FirstRun(
        files=files,
        items=items,
        errors=[each for each in errors if not each["id"].endswith(request.path.name) or not items],
        selection=selection,
        runs=counted,
        flaky=flaky,
        left=tuple(each for each in selection.tests if each.item.id not in done),
        note=note if runs else _no_test_left(setting, selection),
        is_run=is_run,
    )


def _result(setting: _Setting, bed: Bed, first: _FirstRun) -> VerifyResult:
    """Return what the first run says, without a repair."""
    paths = _paths(setting, bed)
    runs, by_id = first.runs, {item.id: item for item in first.items}
    failures = [
        *(collection_failure(error, paths) for error in first.errors),
        *(test_failure(each, by_id[each.id], paths) for each in runs if each.outcome == "failed"),
    ]
    verdict = _verdict(len(runs), len(failures), len(first.flaky))
    return VerifyResult(
        status="failing" if failures else "verified",
        message=" ".join(filter(None, [verdict, first.note if runs else "", _left_out(first.left)])),
        failures=tuple(failures),
        evidence=Evidence(
            tests_before=TestNames(
                passed=tuple(each.id for each in runs if each.outcome == "passed"),
                failed=tuple(each.test_id for each in failures),
                skipped=tuple(each.id for each in runs if each.outcome == "skipped"),
            ),
            flaky=tuple(first.flaky),
            sandbox=setting.site.sandbox.description,
            interpreter=f"{setting.site.python} (Python {bed.runner.python})",
            near=_near(first.selection, runs),
            selection=_how_selected(setting.scope, first.selection, first.left),
        ),
    )


def _problem(setting: _Setting, bed: Bed, first: _FirstRun, result: VerifyResult) -> Problem:
    request = setting.request
    return Problem(
        text=request.text,
        symbol=setting.scope.at_fault(first.runs),
        runs=first.runs,
        failures=result.failures,
        path=str(request.path),
        name=_name(request),
        target=bed.place(request.path),
        files=first.files,
        doctests=">>>" in request.text,
        importable=not first.errors,
    )


def _paths(setting: _Setting, bed: Bed) -> Paths:
    return Paths(inside=bed.confined.root, root=setting.request.root, texts=texts_of(setting.request))


def _advice(setting: _Setting, paths: Paths) -> Advice | None:
    use = setting.request.model
    if use is None or setting.ask is None:
        return None
    return Advice(use=use, ask=setting.ask, paths=paths, path=setting.request.path)


def _files(setting: _Setting, bed: Bed) -> list[str]:
    """Return the test files to collect, as the tests see them."""
    request = setting.request
    by_map = [request.root / name for name in setting.known.files]
    paths = dict.fromkeys([*(near.path for near in setting.files), *(path for path in by_map if path.exists())])
    if ">>>" in request.text:
        paths.setdefault(request.path)
    return [bed.place(path) for path in paths]


def _no_test_left(setting: _Setting, selection: Selection) -> str:
    if selection.ruled_out:
        tests = "The near test does" if selection.ruled_out == 1 else f"None of the {selection.ruled_out} near tests"
        verb = "not run" if selection.ruled_out == 1 else "runs"
        return f"{tests} {verb} {setting.scope.name or setting.request.path.name}; write a test that calls it."
    return f"The test files near {setting.request.path.name} hold no test that is about it."


def _near(selection: Selection, runs: list[TestRun]) -> tuple[NearTest, ...]:
    ran = {each.id for each in runs}
    return tuple(NearTest(test_id=each.item.id, why=each.why) for each in selection.tests if each.item.id in ran)


def _left_out(left: tuple[Chosen, ...]) -> str:
    return f"{len(left)} more did not run: their time was over." if left else ""


def _how_selected(scope: Scope, selection: Selection, left: tuple[Chosen, ...]) -> str:
    """Say how the tests were found and whether all that are affected ran."""
    what = scope.name or "the file"
    measured, read, out = selection.measured, len(selection.tests) - selection.measured, selection.ruled_out
    parts = [f"{measured} seen to run {what} (coverage map)"] if measured else []
    parts += [f"{read} found by reading"] if read else []
    parts += [f"{out} other{'s' * (out != 1)} known not to run {what}"] if out else []
    missing = sum(each.is_affected for each in left)
    if missing:
        parts.append(f"{missing} of {len(selection.affected)} that are affected did not run")
    elif selection.affected:
        parts.append("every one that is affected ran")
    return ", ".join(parts)


def _run_all(setting: _Setting, runner: Runner, selection: Selection, on_progress: Progress) -> list[TestRun]:
    request = setting.request
    limit = min(MAX_TEST_S, SHARE_OF_BUDGET * request.budget_s)
    is_traced = request.fix or bool(setting.scope.symbols) or request.cache_dir is not None
    affected = [each.item.id for each in selection.tests if each.is_affected]
    others = [each.item.id for each in selection.tests if not each.is_affected]
    runs: list[TestRun] = []
    for ids, share in zip((affected, others), SHARES_BEFORE_REPAIR if request.fix else SHARES_ALONE, strict=True):
        within = share * max(0.0, setting.deadline - time.monotonic())
        for each in runner.run(ids, trace="near" if is_traced else False, limit_s=limit, within_s=within):
            runs.append(each)
            total = len(selection.tests)
            on_progress(f"Ran {len(runs)} of {total} near tests", len(runs) / total)
    return runs


def _run_again(runner: Runner, runs: list[TestRun]) -> tuple[list[TestRun], list[str]]:
    """Run what failed once more; return the runs, what passes now as passed, and the names of those flaky tests."""
    failed = [each.id for each in runs if each.outcome == "failed" and not each.failure.get("timed_out")]
    again = {each.id: each for each in runner.run(failed, limit_s=MAX_TEST_S)} if failed else {}
    flaky = [name for name, each in again.items() if each.outcome == "passed"]
    return [replace(each, outcome="passed") if each.id in flaky else each for each in runs], flaky


def _verdict(ran: int, failed: int, flaky: int) -> str:
    tests = f"{ran} near test{'s' * (ran != 1)}"
    note = f" {flaky} failed once and passed when run again (flaky)." if flaky else ""
    if failed:
        return (
            f"{failed} of {tests} fail{'s' * (failed == 1)}." if ran else "The near tests cannot be imported."
        ) + note
    return f"{tests} pass{'es' * (ran == 1)}.{note}"


def _name(request: VerifyRequest) -> str:
    return request.path.resolve().relative_to(root_of(request)).as_posix()


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
