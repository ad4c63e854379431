"""What the commands share on a terminal: a progress bar on standard error that scripts never see."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["task"]


@contextmanager
def task(title: str) -> Iterator[Callable[[str, float | None], None]]:
    """Show a progress bar while the block runs; the yielded function takes a message and the fraction done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[message]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        running = bar.add_task(title, total=None, message="")

        def show(message: str, fraction: float | None) -> None:
            bar.update(running, message=message, total=None if fraction is None else 1.0, completed=fraction or 0.0)

        yield show
