"""What is proposed after a dot and in an import."""

from pathlib import Path

import pytest

from tactful.backends.local.engine import Engine
from tactful.backends.local.evidence import Layer
from tactful.core.types import CompletionRequest

FILES = {
    "shop/__init__.py": "",
    "shop/prices.py": "VAT = 20\n\ndef net(price): pass\n\nclass Money:\n    def as_text(self): self.unit = 1\n",
    "shop/stock.py": "def count(): pass\n",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("project")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return Engine.from_files({Layer.WORKSPACE: [folder / name for name in FILES]})


def members(source: str, engine: Engine, layer: Layer) -> set[str]:
    offset = source.index("|")
    engine.set_document("file:///x.py", None, "python", source[:offset] + source[offset + 1 :])
    sight = engine.sight("file:///x.py", engine.cursor("file:///x.py", offset))
    found = sight.members.evidence(sight.context, sight.line, sight.cursor.word)
    texts = sight.vocabulary.texts
    return {texts[raw >> 2] for item in found if item.layer == layer for raw in item.counts}


IMPORT = "from shop import prices\nfrom shop.prices import Money\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (IMPORT + "prices.|", "VAT net Money"),
        (IMPORT + "x = prices.|\n", "VAT net Money"),
        (IMPORT + "prices.n|", "net"),
        (IMPORT + "coin = Money()\ncoin.|", "as_text unit"),
        (IMPORT + "coin = prices.Money()\ncoin.|", "as_text unit"),
        (IMPORT + "def pay(coin: Money):\n    coin.|", "as_text unit"),
        (IMPORT + "class Coin(Money):\n    def pay(self):\n        self.|", "as_text unit"),
        (IMPORT + "class Coin(Money):\n    def pay(self):\n        super().|", "as_text unit"),
        (IMPORT + "class Own:\n    def go(self): pass\n\nOwn.|", "go"),
        ("from shop.prices import |", "VAT net Money"),
        ("from shop.prices import VAT, |", "net Money"),
        ("from shop.prices import (|", "VAT net Money"),
        ("from shop import |", "prices stock"),
        ("import shop.|", "prices stock"),
        ("from shop.|", "prices stock"),
        ("unknown.|", ""),
        ("1.|", ""),
        (IMPORT + "prices|", ""),
    ],
)
def test_members_that_are_defined_elsewhere(source: str, expected: str, engine: Engine) -> None:
    assert members(source, engine, Layer.DEFINED) == set(expected.split())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("class A:\n    def one(self):\n        self.two = 1\n\n    def three(self):\n        self.|", "one two three"),
        ("class A:\n    def one(self):\n        self.|\n\n    def below(self): pass\n", "one below"),
        ("pen.draw()\npen.color = 1\nother.thing()\npen.|", "draw color"),
    ],
)
def test_members_that_are_used_here(source: str, expected: str, engine: Engine) -> None:
    assert members(source, engine, Layer.MEMBERS) == set(expected.split())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (IMPORT + "prices.n|", "et"),
        (IMPORT + "coin = Money()\ncoin.as|", "_text"),
        (IMPORT + "class Coin(Money):\n    def pay(self):\n        return self.u|", "nit"),
        ("from shop.prices import M|", "oney"),
    ],
)
def test_what_was_never_used_here_is_suggested(source: str, expected: str, engine: Engine) -> None:
    offset = source.index("|")
    request = CompletionRequest(uri="u", path=None, language_id="python", text=source[:offset], offset=offset)
    assert [found.text[: len(expected)] for found in engine.complete(request)] == [expected]


def test_parameters_are_passed_on_where_nothing_like_it_was_seen() -> None:
    text = "def connect(host, port):\n    open_socket("
    request = CompletionRequest(uri="u", path=None, language_id="python", text=text + ")", offset=len(text))
    assert Engine().complete(request)[0].text == "host, port"


def test_open_module_answers_with_its_text_of_now(tmp_path: Path) -> None:
    path = tmp_path / "tool.py"
    path.write_text("def old(): pass\n")
    engine = Engine.from_files({Layer.WORKSPACE: [path]})
    assert members("import tool\ntool.|", engine, Layer.DEFINED) == {"old"}
    engine.set_document("file:///tool.py", str(path), "python", "def new(): pass\n")
    assert members("import tool\ntool.|", engine, Layer.DEFINED) == {"new"}
    engine.close_document("file:///tool.py")
    path.write_text("def saved(): pass\n")
    engine.saved(str(path), path.read_text())
    assert members("import tool\ntool.|", engine, Layer.DEFINED) == {"saved"}
