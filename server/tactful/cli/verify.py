"""`tactful verify`: run the tests near a function, repair it when asked, show the evidence."""

import difflib
import json
import sys
from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.text import Text

from tactful.cli.console import task
from tactful.cli.project import root_of
from tactful.verify import Fix, SandboxMode, VerifyRequest, VerifyResult, run
from tactful.verify.interpreter import place_of

__all__ = ["exit_code", "verify"]

_EXIT_CODES = {"passed": 0, "fixed": 0, "failed": 1, "timed_out": 124}
_CANNOT_RUN = 3


@click.command()
@click.argument("target", metavar="PATH[::SYMBOL]")
@click.option("--fix", is_flag=True, help="Look for a repair when tests fail.")
@click.option("--write", is_flag=True, help="Write the repair into the file (with --fix).")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@click.option(
    "--budget-s", type=click.FloatRange(min=1), default=20.0, show_default=True, help="Seconds for all of it."
)
@click.option("--python", type=click.Path(path_type=Path), help="Interpreter or environment that runs the tests.")
@click.option("--root", type=click.Path(path_type=Path, exists=True, file_okay=False), help="The project's folder.")
@click.option("--sandbox", type=click.Choice(get_args(SandboxMode)), default="auto", show_default=True)
def verify(
    target: str,
    fix: bool,
    write: bool,
    as_json: bool,
    budget_s: float,
    python: Path | None,
    root: Path | None,
    sandbox: SandboxMode,
) -> None:
    """Run the tests near PATH, or near one function of it (PATH::name or PATH::Class.method), in a sandbox.

    Exit code: 0 the tests pass, or a repair was found; 1 tests fail; 2 wrong usage; 3 nothing could be run; 124 the
    time budget is over.
    """
    if write and not fix:
        raise click.UsageError("--write needs --fix: it writes the repair that --fix finds.")
    name, _, symbol = target.partition("::")
    path = Path(name).resolve()
    request = VerifyRequest(
        root=(root or root_of(path)).resolve(),
        path=path,
        text=_read(path),
        symbol=symbol.replace("::", ".") or None,
        python=None if python is None else place_of(python, Path.cwd()),
        sandbox=sandbox,
        budget_s=budget_s,
        fix=fix,
    )
    result = run(request, lambda message, fraction: None) if as_json else _run_with_progress(request)
    if write and result.fix is not None:
        _write(path, request.text, result.fix)
    if as_json:
        click.echo(json.dumps(result.to_json(), indent=2))
    else:
        _show(Console(highlight=False, soft_wrap=True), request, result, written=write)
    sys.exit(exit_code(result))


def exit_code(result: VerifyResult) -> int:
    """Return the process's exit code for `result`."""
    return _EXIT_CODES.get(result.status, _CANNOT_RUN)


def _run_with_progress(request: VerifyRequest) -> VerifyResult:
    with task("verify") as show:
        return run(request, show)


def _show(console: Console, request: VerifyRequest, result: VerifyResult, *, written: bool) -> None:
    style = "green" if result.status in ("passed", "fixed") else "red"
    for failure in result.failures:
        console.print(Text(f"FAILED {failure.test_id}", style="bold red"))
        console.print(Text(f"  {failure.path}:{failure.line + 1}: {failure.assertion}"))
        console.print(Text("".join(f"    {line}\n" for line in failure.message.splitlines()[:8])), end="")
        for name, value in failure.values:
            console.print(Text(f"    {name} = {value}", style="dim"))
    console.print(Text(result.message, style=style))
    for number, offer in enumerate(each for each in (result.fix, *result.alternatives) if each is not None):
        if number:
            console.print(Text(f"Another repair that passes: {offer.description}"))
        _show_diff(console, request, offer)
    if result.fix is not None:
        console.print(f"{'Written to' if written else 'Not written; add --write to apply it to'} {request.path.name}.")
    _show_evidence(console, result)


def _show_diff(console: Console, request: VerifyRequest, fix: Fix) -> None:
    before = request.text.splitlines(keepends=True)
    after = _applied(request.text, fix).splitlines(keepends=True)
    styles = {"+": "green", "-": "red", "@": "cyan"}
    for line in difflib.unified_diff(before, after, request.path.name, request.path.name, n=2):
        console.print(Text(line.rstrip("\r\n"), style=styles.get(line[:1], "")))


def _show_evidence(console: Console, result: VerifyResult) -> None:
    evidence = result.evidence
    if not evidence.interpreter:
        return
    console.print(Text(f"Near tests: {result.tests_passed} of {result.tests_run} passed before", style="dim"), end="")
    console.print(Text(f", {len(evidence.pass_after)} pass after" if result.fix else "", style="dim"))
    for near in evidence.near[:5]:
        console.print(Text(f"  {near.test_id}: {near.why}", style="dim"))
    tried = f"{evidence.candidates_tried} candidates tried; " if evidence.candidates_tried else ""
    console.print(Text(f"{tried}{evidence.seconds:.1f} s; {evidence.sandbox}; {evidence.interpreter}", style="dim"))


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise click.UsageError(f"{path} does not exist.") from None
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"{path} is not UTF-8 text; Tactful reads UTF-8 only.") from None


def _write(path: Path, text: str, fix: Fix) -> None:
    if path.read_bytes().decode("utf-8") != text:
        raise click.ClickException(f"{path} has changed meanwhile; nothing was written. Run the command again.")
    path.write_bytes(_applied(text, fix).encode("utf-8"))


def _applied(text: str, fix: Fix) -> str:
    return text[: fix.start] + fix.new_text + text[fix.end :]
