"""`tactful serve`: the language server over standard input and output, or TCP."""

import click

__all__ = ["serve"]

_LOOPBACK = "127.0.0.1"


@click.command()
@click.option(
    "--tcp",
    metavar="[HOST:]PORT",
    help="Listen for one editor at this address instead; without HOST, on this machine's loopback only.",
)
def serve(tcp: str | None) -> None:
    """Talk to an editor over standard input and output.

    Editors start this command by themselves and speak the Language Server Protocol with it. The log is a file whose
    place `tactful doctor` prints; it never holds source text.
    """
    from tactful.lsp.main import serve_io, serve_tcp

    if tcp is None:
        serve_io()
        return
    host, port = _address(tcp)
    try:
        serve_tcp(host, port)
    except OSError as error:
        raise click.ClickException(f"cannot listen at {host}:{port}: {error.strerror or error}") from error


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise click.BadParameter(
            f"{text!r} has no port; write HOST:PORT, for example {_LOOPBACK}:2087", param_hint="--tcp"
        )
    return host.strip("[]") or _LOOPBACK, int(port)
