"""Bugs injected into real projects: does the near tests' failure show them, and does the repair take them back?

    python bench/injected.py FOLDER... --python ENVIRONMENT

Each FOLDER holds a pure-Python project with its test suite, for example a source distribution, unpacked:

    pip download --no-deps --no-binary :all: boltons cachetools sqlparse
    for each in *.tar.gz; do tar xzf $each; done

ENVIRONMENT is a virtual environment with pytest and what the suites need. The bugs are single edits inside functions,
in random order with a fixed seed, of which those count that the project's whole suite notices. Each is verified on its
own, in a copy of the project. An offer is right when the whole suite passes with it, and "the same" when it is what
stood there before. With --measured the coverage map is filled first, as an editor does in the background, and
each bug finds it so.
"""

import argparse
import ast
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from rich.console import Console
from rich.table import Table

from mutants import Mutant, draw_mutants
from tactful.verify import VerifyRequest, VerifyResult, run
from tactful.verify.interpreter import find_interpreter
from tactful.verify.learn import learn

_SUITE_TIMEOUT_S = 90
_LEARN_S = 300.0
_NO_SOURCES = ("test", "doc", "example", "setup", "conftest", "benchmark", "bench", "noxfile", "tasks", "_version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of one bug."""

    bug: Mutant
    result: VerifyResult
    is_right: bool
    is_same: bool
    share: float  # of the suite's tests that were run


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A copy of a project, and how its suite is run."""

    name: str
    root: Path
    python: Path
    cache: Path | None

    def run_suite(self, *options: str) -> subprocess.CompletedProcess[str] | None:
        """Run the whole suite; None where it did not end."""
        paths = os.pathsep.join(str(each) for each in (self.root, self.root / "src") if each.is_dir())
        environment = {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
        command = [str(self.python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
        try:
            return subprocess.run(
                command,
                cwd=self.root,
                env=environment,
                capture_output=True,
                text=True,
                timeout=_SUITE_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None

    def passes(self) -> bool:
        """Return whether the whole suite passes."""
        done = self.run_suite("-x")
        return done is not None and done.returncode == 0


def main() -> None:
    """Inject, verify, judge, and print one table."""
    options = _options()
    rows: list[tuple[str, list[Judged]]] = []
    for folder in options.folders:
        with tempfile.TemporaryDirectory(prefix="injected-") as place:
            root = Path(place) / "project"
            shutil.copytree(folder, root, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
            cache = Path(place) / "cache" if options.measured else None
            python = find_interpreter(root, options.python, {})
            project = Project(name=folder.name, root=root, python=python, cache=cache)
            rows.append((folder.name, list(_judge_project(project, options))))
    _print_table(rows)
    print(f"made by: python bench/injected.py {' '.join(sys.argv[1:])}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--python", type=Path, required=True, help="environment (or interpreter) with pytest")
    parser.add_argument("--bugs", type=int, default=20, help="bugs for each project")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budget-s", type=float, default=20.0)
    parser.add_argument("--measured", action="store_true", help="fill the coverage map first")
    parser.add_argument("--no-fix", action="store_true", help="only whether the near tests notice")
    return parser.parse_args()


def _judge_project(project: Project, options: argparse.Namespace) -> Iterator[Judged]:
    if not project.passes():
        raise SystemExit(f"The suite of {project.name} does not pass as it is; nothing can be measured with it.")
    listed = project.run_suite("--collect-only")
    total = int(re.findall(r"(\d+) tests? collected", listed.stdout if listed else "")[-1])
    sources = [path for path in sorted(project.root.rglob("*.py")) if _is_source(path.relative_to(project.root))]
    if project.cache is not None:
        for path in sources:
            learn(_request(project, path, path.read_text(encoding="utf-8"), _LEARN_S), None, threading.Event(), [])
    filled = project.root.parent / "filled"
    if project.cache is not None:
        shutil.copytree(project.cache, filled)
    for bug in _noticed(project, sources, options):
        if project.cache is not None:
            shutil.copytree(filled, project.cache, dirs_exist_ok=True)
        original = bug.path.read_text(encoding="utf-8")
        bug.path.write_text(bug.text, encoding="utf-8")
        try:
            judged = _judge(project, bug, original, total, options)
        finally:
            bug.path.write_text(original, encoding="utf-8")
        _show(project, judged)
        yield judged


def _is_source(path: Path) -> bool:
    return not any(
        part.lstrip("_").lower().startswith(_NO_SOURCES) or part.startswith("_version") for part in path.parts
    )


def _noticed(project: Project, sources: list[Path], options: argparse.Namespace) -> Iterator[Mutant]:
    """Yield bugs that the whole suite notices, as many as are wanted."""
    texts = {path: path.read_text(encoding="utf-8") for path in sources}
    found = 0
    for bug in draw_mutants(texts, random.Random(options.seed)):
        if found == options.bugs:
            return
        bug.path.write_text(bug.text, encoding="utf-8")
        try:
            done = project.run_suite("-x")
        finally:
            bug.path.write_text(texts[bug.path], encoding="utf-8")
        if done is not None and done.returncode == 1:  # 1: tests failed; a suite that hangs or breaks down is left out
            found += 1
            yield bug


def _judge(project: Project, bug: Mutant, original: str, total: int, options: argparse.Namespace) -> Judged:
    request = _request(project, bug.path, bug.text, options.budget_s, symbol=bug.symbol, fix=not options.no_fix)
    result = run(request, lambda message, fraction: None)
    is_right = is_same = False
    if result.offers:
        offer = result.offers[0]
        repaired = bug.text[: offer.start] + offer.new_text + bug.text[offer.end :]
        is_same = ast.dump(ast.parse(repaired)) == ast.dump(ast.parse(original))
        bug.path.write_text(repaired, encoding="utf-8")
        is_right = is_same or project.passes()
    return Judged(
        bug=bug,
        result=result,
        is_right=is_right,
        is_same=is_same,
        share=len(result.evidence.tests_before) / total,
    )


def _request(
    project: Project, path: Path, text: str, budget_s: float, symbol: str | None = None, fix: bool = False
) -> VerifyRequest:
    return VerifyRequest(
        root=project.root,
        path=path,
        text=text,
        symbol=symbol,
        python=project.python,
        budget_s=budget_s,
        fix=fix,
        cache_dir=project.cache,
    )


def _show(project: Project, judged: Judged) -> None:
    result = judged.result
    outcome = "same" if judged.is_same else "right" if judged.is_right else "WRONG" if result.offers else result.status
    tests = f"{len(result.evidence.tests_before.failed)}/{len(result.evidence.tests_before)}"
    where = f"{judged.bug.path.relative_to(project.root)}::{judged.bug.symbol}"
    print(f"{outcome:10} {tests:>9} {result.evidence.seconds:5.1f} s  {where}: {judged.bug.edit}", flush=True)
    if not judged.is_right:
        print(f"{'':28}{result.cause} {result.message[:220]}", flush=True)


def _print_table(rows: Iterable[tuple[str, list[Judged]]]) -> None:
    table = Table()
    names = ("bugs", "noticed", "repaired", "the same", "wrong offers", "abstained", "share of suite run", "median s")
    for name in ("project", *names):
        table.add_column(name, justify="left" if name == "project" else "right")
    for name, judged in rows:
        noticed = [each for each in judged if each.result.failures]
        offered = [each for each in judged if each.result.offers]
        shares = [each.share for each in judged]
        table.add_row(
            name,
            str(len(judged)),
            str(len(noticed)),
            str(sum(each.is_right for each in offered)),
            str(sum(each.is_same for each in offered)),
            str(sum(not each.is_right for each in offered)),
            str(len(noticed) - len(offered)),
            f"{mean(shares):.0%} (median {median(shares):.0%})" if shares else "-",
            f"{median(each.result.evidence.seconds for each in judged):.1f}" if judged else "-",
        )
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
