"""The page is well-formed, needs nothing from outside, escapes what it shows and says what was counted."""

import re
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest
from synthetic import NASTY, TEXT, make_store

from tactful.feedback.totals import opened
from tactful.report import charts
from tactful.report.brief import brief
from tactful.report.figures import Figures, gather
from tactful.report.page import page
from tactful.report.words import duration, quantile

VOID = {"meta"}


class Reader(HTMLParser):
    """Collects the text, and refuses elements that are not closed in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data if not self.open or self.open[-1] != "style" else ""


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "feedback.sqlite3"
    make_store(path, 3000)
    return path


@pytest.fixture(scope="module")
def figures(store: Path) -> Figures:
    with opened(store) as log:
        return gather(log, words=lambda stage, _: f"{NASTY} in stage {stage}")


@pytest.fixture(scope="module")
def html(figures: Figures) -> str:
    return page(figures)


def test_the_page_is_well_formed_and_has_every_part(html: str):
    reader = read(html)
    for heading in ("Over time", "became", "keep its word", "why", "otherwise", "Latency", "By language", "By source"):
        assert heading in reader.text
    assert reader.seen.count("svg") == 6
    assert reader.seen.count("table") == 3


def test_the_charts_are_well_formed_xml(html: str):
    for chart in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        numbers = [
            float(value)
            for element in ET.fromstring(chart).iter()
            for name, value in element.attrib.items()
            if name in ("x", "y", "width", "height", "cx", "cy", "x1", "x2", "y1", "y2")
        ]
        assert numbers
        assert all(-1 <= number <= 2000 for number in numbers)


def test_nothing_comes_from_outside_and_nothing_runs(html: str):
    reader = read(html)
    assert not {"script", "link", "img", "iframe", "object"} & set(reader.seen)
    assert not [name for name, _ in reader.attributes if name in ("src", "href") or name.startswith("on")]
    assert "url(" not in html
    assert "@import" not in html
    assert "default-src 'none'" in html


def test_what_is_shown_is_escaped(html: str):
    reader = read(html)
    assert NASTY in reader.text  # as text
    assert "<b>html</b>" in reader.text


def test_there_is_no_source_text_and_no_path_in_it(html: str, figures: Figures):
    for words in (TEXT, "secret", "private", "someone", "file:"):
        assert words not in html
        assert words not in brief(figures)


def test_the_numbers_are_those_of_the_database(store: Path, html: str, figures: Figures):
    with closing(sqlite3.connect(store)) as connection:
        (shown,) = connection.execute("SELECT count(*) FROM decisions WHERE stage = 'shown'").fetchone()
        (hidden,) = connection.execute("SELECT count(*) FROM decisions WHERE stage = 'gate2'").fetchone()
        (accepted,) = connection.execute("SELECT count(*) FROM outcomes WHERE outcome = 'accepted'").fetchone()
    text = read(html).text
    for number in (shown, hidden, accepted):
        assert f"{number:,}" in text
    assert (figures.total.shown, figures.total.hidden) == (shown, hidden)
    assert f"{shown:,}" in brief(figures)
    assert f"{hidden:,}" in brief(figures)


def test_an_honest_score_is_found_honest(figures: Figures):
    """In the synthetic store what is not unseen is kept with about the probability of its score, or more often."""
    high = figures.bins[9]
    assert high.kept / high.count > 0.9
    assert figures.bins[4].kept / figures.bins[4].count < 0.75


def test_colours_for_light_and_dark(html: str):
    light, dark = html.split("prefers-color-scheme: dark", 1)
    for name in ("--page", "--text", "--kept", "--shown", "--hidden"):
        assert f"{name}:" in light
        assert f"{name}:" in dark


def test_nothing_decided_is_said_in_one_sentence():
    assert "Nothing has been decided yet" in read(page(Figures())).text
    assert "Nothing has been decided yet" in brief(Figures())


def test_little_data_is_called_so(tmp_path: Path):
    make_store(tmp_path / "small.sqlite3", 12)
    with opened(tmp_path / "small.sqlite3") as log:
        figures = gather(log)
    text = read(page(figures)).text
    assert text.count("Not enough data") == 2
    assert brief(figures)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 s"), (-0.2, "0 s"), (59, "59 s"), (-90, "-2 min"), (3600, "1 h 0 min"), (7260, "2 h 1 min")],
)
def test_durations(seconds, shown):
    assert duration(seconds) == shown


def test_quantiles_of_one_and_of_many():
    assert quantile([3.0], 0.99) == 3
    assert quantile(list(range(100)), 0.9) == 90


@pytest.mark.parametrize("stacks", [[], [(0, 0, 0)], [(1, 2, 3)] * 400])
def test_bars_over_time_of_any_number(stacks):
    chart = charts.stacked_days([str(n) for n in range(len(stacks))], stacks, ("a", "b", "c"))
    assert len(list(ET.fromstring(chart).iter("rect"))) == sum(bool(part) for stack in stacks for part in stack)


def test_a_long_label_is_cut_and_whole_in_its_title():
    chart = charts.bars([("<" * 100, 1.0, "x")], "kept")
    (title,) = ET.fromstring(chart).iter("title")
    assert title.text == "<" * 100
