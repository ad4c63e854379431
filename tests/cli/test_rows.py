"""The options that name sources take one value or several."""

import click
import pytest

from tactful.cli.rows import ManyValues, library_projects, source_options


@click.command(cls=ManyValues)
@source_options
@click.option("--out")
def given(folders, files, stops, seed, out) -> None:
    click.echo(f"{[path.name for path in folders]} {[path.name for path in files]} {stops} {out}")


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ("", "[] [] 1500 None"),
        ("--replay a b --out o", "['a', 'b'] [] 1500 o"),
        ("--replay a --replay b", "['a', 'b'] [] 1500 None"),
        ("--replay a b --stops 3 --decisions x y", "['a', 'b'] ['x', 'y'] 3 None"),
    ],
)
def test_sources(tmp_path, monkeypatch, capsys, arguments, shown):
    monkeypatch.chdir(tmp_path)
    for folder in "ab":
        (tmp_path / folder).mkdir()
    for file in "xy":
        (tmp_path / file).touch()
    given(arguments.split(), standalone_mode=False)
    assert capsys.readouterr().out.strip() == shown


def test_the_standard_library_is_there_to_train_on():
    assert len(library_projects()) >= 5
    assert all((folder / "__init__.py").exists() for folder in library_projects())
