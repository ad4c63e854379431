"""`tactful doctor`: what works on this machine, what does not, and what to do about it."""

import importlib.util
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import click

from tactful import __version__, paths

__all__ = ["doctor"]

_MODEL_TIMEOUT_MS = 60_000.0  # a server may load the model first
_ANSWER_TIMEOUT_S = 20.0  # what an interpreter gets to import pytest, on a cold disk too


class Finding(NamedTuple):
    """One line of the report; `ok` None means good to know."""

    ok: bool | None
    what: str
    detail: str


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".")
@click.option("--base-url", default="", help="Check a model too: its address. One line is asked.")
@click.option("--model", default="", help="The model's name there.")
@click.option("--template", default="auto", show_default=True, help="How it is asked.")
@click.option("--api-key-env", default="", help="The variable that holds its key.")
@click.option("--proxy", default="", help="The proxy to it.")
@click.option("--ca-file", default="", help="Certificates of a certificate authority of your own.")
@click.option("--allow-insecure", is_flag=True, help="Allow http to another machine.")
def doctor(folder: Path, base_url: str, **model: Any) -> None:
    """Check this machine for the workspace FOLDER (the current folder by default).

    With --base-url a model is asked for one line of a program that is nobody's; nothing of yours is sent. The other
    options are the `backend` settings of the same names.

    Exit code 0: everything works; 1: something does not, and the line says what to do.
    """
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    bad = 0
    for finding in chain(_findings(folder.resolve()), _model(base_url, model)):
        mark = {True: "[green]ok[/]", False: "[red]no[/]", None: "  "}[finding.ok]
        console.print(f" {mark}  [bold]{finding.what:<12}[/] {escape(finding.detail)}")
        bad += finding.ok is False
    sys.exit(1 if bad else 0)


def _findings(root: Path) -> Iterator[Finding]:
    yield Finding(None, "Tactful", f"{__version__}, Python {platform.python_version()}, {platform.platform()}")
    yield from _interpreter(root)
    yield _sandbox()
    yield _gate()
    yield _learning()
    yield _folder("cache", paths.cache_dir(), "suggestions come from open files only until it is writable")
    yield _folder("data", paths.data_dir(), "nothing is learned until it is writable")
    yield _feedback()
    yield Finding(None, "log", str(paths.log_dir() / "tactful.log"))
    yield _egress()


def _model(base_url: str, options: dict[str, Any]) -> Iterator[Finding]:
    if base_url:
        from tactful.backends.remote import EndpointSettings
        from tactful.cli.doctor_model import checked

        for ok, detail in checked(EndpointSettings(base_url=base_url, timeout_ms=_MODEL_TIMEOUT_MS, **options)):
            yield Finding(ok, "model", detail)


def _interpreter(root: Path) -> Iterator[Finding]:
    from tactful.core.errors import VerifyError
    from tactful.verify.interpreter import find_interpreter

    try:
        python = find_interpreter(root, None, os.environ)
    except VerifyError as error:
        yield Finding(False, "interpreter", str(error))
        return
    yield Finding(True, "interpreter", str(python))
    yield _pytest(python)


def _pytest(python: Path) -> Finding:
    command = [str(python), "-I", "-c", "import pytest; print(pytest.__version__)"]
    try:
        asked = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_ANSWER_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return Finding(False, "pytest", f"{python} gave no answer in {_ANSWER_TIMEOUT_S:g} s; choose another one")
    except OSError as error:
        return Finding(False, "pytest", f"{python} cannot be started ({error.strerror}); choose another one")
    if asked.returncode:
        return Finding(False, "pytest", f"not installed there, so verify cannot run: {python} -m pip install pytest")
    return Finding(True, "pytest", asked.stdout.strip())


def _sandbox() -> Finding:
    from tactful.core.errors import SandboxUnavailable
    from tactful.verify.sandbox import available_sandbox

    try:
        return Finding(True, "sandbox", available_sandbox())
    except SandboxUnavailable as error:
        return Finding(False, "sandbox", str(error))


def _gate() -> Finding:
    from tactful.acceptance.artifact import bundled
    from tactful.acceptance.own import has_own, load_in_use
    from tactful.core.errors import ModelUnusable

    own = paths.own_gate()
    try:
        _, problem = load_in_use(own)
    except ModelUnusable as error:
        return Finding(False, "gate", str(error))
    if problem is not None:
        return Finding(False, "gate", problem)
    return Finding(True, "gate", f"{own}, learned from you" if has_own(own) else str(bundled()))


def _learning() -> Finding:
    if importlib.util.find_spec("sklearn") is None:
        detail = "recalibrates from your outcomes; to retrain as well: pip install 'tactful[train]'"
        return Finding(None, "learning", detail)
    return Finding(True, "learning", "recalibrates and retrains from your outcomes, all on this machine")


def _folder(name: str, folder: Path, without: str) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        return Finding(False, name, f"{folder} cannot be written: {without}")
    return Finding(True, name, f"{folder}, {sum(map(_size, folder.rglob('*'))) / 1e6:.1f} MB")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:  # a running server has removed it meanwhile
        return 0


def _feedback() -> Finding:
    from tactful.core.errors import StoreError
    from tactful.feedback.reading import count

    try:
        counts = count(paths.database())
    except StoreError as error:
        return Finding(False, "feedback", str(error))
    return Finding(True, "feedback", f"{counts.decisions} decisions remembered, {counts.shown} shown; no source text")


def _egress() -> Finding:
    from tactful.cli.egress import summary
    from tactful.privacy.egress import read_egress

    entries = read_egress(paths.egress_log())
    if not entries:
        return Finding(None, "egress", "nothing has left this machine")
    return Finding(None, "egress", f"{summary(entries)}; `tactful egress` lists them")
