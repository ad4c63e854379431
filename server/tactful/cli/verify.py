"""`tactful verify`: run the tests near a function, repair it when asked, show the evidence."""

import json
import re
import sys
from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.text import Text

from tactful import paths
from tactful.cli.console import task
from tactful.cli.project import root_of
from tactful.verify import Ask, ModelUse, Offer, SandboxMode, StrategyName, VerifyRequest, VerifyResult, run
from tactful.verify.interpreter import place_of

__all__ = ["exit_code", "verify"]

_MOST_NEAR = 5
_LINES = re.compile(r"(?P<path>.+):(?P<first>\d+)(?:-(?P<last>\d+))?")
_EXIT_CODES = {"verified": 0, "fixed": 0, "failing": 1, "no_tests": 2, "cannot_run": 3}


@click.command()
@click.argument("target", metavar="PATH[::SYMBOL | :FIRST-LAST]")
@click.option("--fix", is_flag=True, help="Look for a repair when tests fail.")
@click.option("--write", is_flag=True, help="Write the repair into the file (with --fix).")
@click.option("--diff", is_flag=True, help="Print nothing but the first offer as a unified diff (with --fix).")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@click.option(
    "--budget-s", type=click.FloatRange(min=1), default=20.0, show_default=True, help="Seconds for all of it."
)
@click.option("--python", type=click.Path(path_type=Path), help="Interpreter or environment that runs the tests.")
@click.option("--root", type=click.Path(path_type=Path, exists=True, file_okay=False), help="The project's folder.")
@click.option("--sandbox", type=click.Choice(get_args(SandboxMode)), default="auto", show_default=True)
@click.option("--model", default="", help="Ask this model for repairs too (with --fix); what it is sent is redacted.")
@click.option("--base-url", default="http://localhost:8080/v1", show_default=True, help="The model's address.")
@click.option("--template", default="auto", show_default=True, help="How the model is asked: `chat`, or a family.")
@click.option("--api-key-env", default="", metavar="NAME", help="Environment variable that holds the model's key.")
@click.option(
    "--context-chars", default=6000, show_default=True, type=click.IntRange(0), help="Of the file, in a prompt."
)
@click.option("--strategy", type=click.Choice(["refine", "tree"]), default="refine", show_default=True)
@click.option("--max-samples", default=10, show_default=True, type=click.IntRange(1, 100), help="Answers of the model.")
@click.option(
    "--max-tokens", default=60_000, show_default=True, type=click.IntRange(1000), help="Of all its answers and prompts."
)
def verify(
    target: str,
    fix: bool,
    write: bool,
    diff: bool,
    as_json: bool,
    budget_s: float,
    python: Path | None,
    root: Path | None,
    sandbox: SandboxMode,
    model: str,
    base_url: str,
    template: str,
    api_key_env: str,
    context_chars: int,
    strategy: StrategyName,
    max_samples: int,
    max_tokens: int,
) -> None:
    """Run the tests near PATH, or near one function of it (PATH::name or PATH::Class.method), in a sandbox.

    PATH:10-20 means the functions that these lines touch, PATH:12 the one around that line; lines count from 1.

    Exit code: 0 the tests pass, or a repair was found; 1 tests fail; 2 there are no tests near it, or wrong usage;
    3 nothing could be run (no pytest, no sandbox, a syntax error, the time budget over).
    """
    _check_usage(fix=fix, write=write, diff=diff, as_json=as_json, model=model)
    path, symbol, lines = _target(target)
    request = VerifyRequest(
        root=(root or root_of(path)).resolve(),
        path=path,
        text=_read(path),
        symbol=symbol,
        line=lines[0] if lines else None,
        end_line=lines[1] if lines else None,
        python=None if python is None else place_of(python, Path.cwd()),
        sandbox=sandbox,
        budget_s=budget_s,
        fix=fix,
        cache_dir=paths.cache_dir(),
        model=_use(model, strategy, max_samples, max_tokens, context_chars) if model else None,
    )
    quiet = as_json or diff
    if request.model is None:
        result = _run(request, None, quiet=quiet)
    else:
        from tactful.cli.consultant import consultant

        with consultant(base_url, model, template, api_key_env, budget_s) as ask:
            result = _run(request, ask, quiet=quiet)
    if write and result.offers:
        _write(path, request.text, result.offers[0])
    if as_json:
        click.echo(json.dumps(result.to_json(), indent=2))
    elif diff:
        click.echo(result.offers[0].diff if result.offers else "", nl=False)
        click.echo(result.message, err=True)
    else:
        _show(Console(highlight=False, soft_wrap=True), request, result, written=write)
    sys.exit(exit_code(result))


def _check_usage(*, fix: bool, write: bool, diff: bool, as_json: bool, model: str) -> None:
    if (write or diff) and not fix:
        used = "--write" if write else "--diff"
        raise click.UsageError(f"{used} needs --fix: it is about the repair that --fix finds.")
    if model and not fix:
        raise click.UsageError("--model needs --fix: the model is asked for repairs.")
    if diff and as_json:
        raise click.UsageError("--json holds the diff already; use one of --json and --diff.")


def exit_code(result: VerifyResult) -> int:
    """Return the process's exit code for `result`."""
    return _EXIT_CODES[result.status]


def _target(target: str) -> tuple[Path, str | None, tuple[int, int] | None]:
    """Return the path, the symbol and the lines (from 0, the last one too) that the argument names."""
    name, _, symbol = target.partition("::")
    found = None if symbol or Path(name).exists() else _LINES.fullmatch(name)
    if found is None:
        return Path(name).resolve(), symbol.replace("::", ".") or None, None
    first, last = int(found["first"]), int(found["last"] or found["first"])
    if not 1 <= first <= last:
        raise click.UsageError(f"{target}: lines count from 1, and the last one is not before the first.")
    return Path(found["path"]).resolve(), None, (first - 1, last - 1)


def _use(name: str, strategy: StrategyName, samples: int, tokens: int, context_chars: int) -> ModelUse:
    return ModelUse(name=name, strategy=strategy, max_samples=samples, max_tokens=tokens, context_chars=context_chars)


def _run(request: VerifyRequest, ask: Ask | None, *, quiet: bool) -> VerifyResult:
    if quiet:
        return run(request, lambda message, fraction: None, ask)
    with task("verify") as show:
        return run(request, show, ask)


def _show(console: Console, request: VerifyRequest, result: VerifyResult, *, written: bool) -> None:
    style = "green" if result.status in ("verified", "fixed") else "red"
    for failure in result.failures:
        console.print(Text(f"FAILED {failure.test_id}", style="bold red"))
        console.print(Text(f"  {_within(request, failure.path)}:{failure.line + 1}: {failure.assertion}"))
        console.print(Text("".join(f"    {line}\n" for line in failure.message.splitlines()[:8])), end="")
        for name, value in failure.values:
            console.print(Text(f"    {name} = {value}", style="dim"))
    console.print(Text(result.message, style=style))
    for number, offer in enumerate((*result.offers, *result.unclear)):
        if number:
            console.print(Text(f"Another repair that passes: {offer.description}"))
        _show_diff(console, offer)
        for line in offer.evidence[1:]:  # the first says what the heading said
            console.print(Text(f"  {line}", style="dim"))
    if result.offers:
        done = "Written to" if written else "Not written; add --write to apply it to"
        console.print(f"{done} {_within(request, request.path)}.", markup=False)
    _show_evidence(console, result)


def _show_diff(console: Console, offer: Offer) -> None:
    styles = {"+": "green", "-": "red", "@": "cyan"}
    for line in offer.diff.splitlines():
        console.print(Text(line.rstrip("\r\n"), style=styles.get(line[:1], "")))


def _show_evidence(console: Console, result: VerifyResult) -> None:
    evidence = result.evidence
    if not evidence.interpreter:
        return
    before, after = evidence.tests_before, evidence.tests_after
    console.print(Text(f"Near tests: {len(before.passed)} of {len(before)} passed before", style="dim"), end="")
    console.print(Text(f", {len(after.passed)} pass after" if result.offers else "", style="dim"))
    if evidence.selection:
        console.print(Text(f"  {evidence.selection}", style="dim"))
    for near in evidence.near[:_MOST_NEAR]:
        console.print(Text(f"  {near.test_id}: {near.why}", style="dim"))
    if len(evidence.near) > _MOST_NEAR:
        console.print(Text(f"  and {len(evidence.near) - _MOST_NEAR} more", style="dim"))
    if evidence.model:
        console.print(Text(f"Model: {evidence.model}", style="dim"))
    tried = f"{evidence.candidates} candidates tried; " if evidence.candidates else ""
    console.print(Text(f"{tried}{evidence.seconds:.1f} s; {evidence.sandbox}; {evidence.interpreter}", style="dim"))


def _within(request: VerifyRequest, path: str | Path) -> str:
    """Return the path as people know it: from the project's folder on, where it lies in there."""
    return str(Path(path).relative_to(request.root) if Path(path).is_relative_to(request.root) else path)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise click.UsageError(f"{path} does not exist.") from None
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"{path} is not UTF-8 text; Tactful reads UTF-8 only.") from None


def _write(path: Path, text: str, offer: Offer) -> None:
    if path.read_bytes().decode("utf-8") != text:
        raise click.ClickException(f"{path} has changed meanwhile; nothing was written. Run the command again.")
    path.write_bytes((text[: offer.start] + offer.new_text + text[offer.end :]).encode("utf-8"))
