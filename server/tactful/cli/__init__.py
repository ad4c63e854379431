"""The command line: one file per subcommand, thin over the packages below it, each imported only when it runs."""

import importlib
from typing import Any

import click

from tactful import __version__

__all__ = ["main"]

_INTERRUPTED = 130  # 128 + SIGINT, as shells have it

_COMMANDS = {
    "serve": "Talk to an editor: the language server.",
    "demo": "Watch Tactful at work on a small project.",
    "index": "Build the index of a workspace now.",
    "complete": "Print the suggestion at one place of a file.",
    "train": "Train the gate from replayed code or recorded decisions.",
    "evaluate": "Measure a trained gate.",
    "replay": "Type through a project and compare when to show what.",
    "verify": "Run the tests near some code, and repair it.",
    "report": "Say what was shown, kept and hidden, and why.",
    "egress": "Show what left this machine: when, to where, how much, of which files.",
    "doctor": "Check this machine: interpreter, sandbox, folders, model.",
}


class _LazyGroup(click.Group):
    """A group whose commands live in modules of the same name, found by name and imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"tactful.cli.{cmd_name}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        from tactful.core.errors import TactfulError

        try:
            return super().invoke(ctx)
        except TactfulError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
            ctx.exit(_INTERRUPTED)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tactful")
def main() -> None:
    """Code suggestions with tact, and fixes proved by tests.

    Editors start `tactful serve` by themselves. To see what it does, run `tactful demo`; to check one function of your
    own, run `tactful verify path/to/file.py::function`.
    """
