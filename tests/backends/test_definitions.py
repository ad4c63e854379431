"""Which file a dotted name stands for, and what it defines."""

from pathlib import Path

import pytest

from tactful.backends.local.definitions import Definitions
from tactful.backends.local.outline import outline

FILES = {
    "shop/__init__.py": "from .cart import Cart\nfrom shop import prices\n",
    "shop/cart.py": "from .base import Base\n\nclass Cart(Base):\n    def add(self, item): self.items = [item]\n",
    "shop/base.py": "class Base:\n    def save(self): pass\n",
    "shop/prices.py": "VAT = 20\ndef net(price): pass\n",
    "shop/deep/__init__.py": "",
    "shop/deep/json.py": "wrong = 1\n",
    "other/cart.py": "foreign = 1\n",
    "main.py": "",
}


@pytest.fixture
def definitions(tmp_path: Path) -> Definitions:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = Definitions(lambda path: None)
    found.set_files(3, [str(tmp_path / name) for name in FILES])
    return found


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        ("import shop\n", "shop", {"Cart", "prices"}),
        ("from shop import prices\n", "prices", {"VAT", "net"}),
        ("from shop import prices as p\n", "p", {"VAT", "net"}),
        ("from shop.cart import Cart\n", "Cart", {"add", "items", "save"}),
        ("from shop import Cart\n", "Cart", {"add", "items", "save"}),
        ("import shop\n", "shop.Cart", {"add", "items", "save"}),
        ("from .shop.cart import Cart\n", "Cart", {"add", "items", "save"}),
        ("class Mine(Base):\n    own = 1\nfrom shop.base import Base\n", "Mine", {"own", "save"}),
        ("class Loop(Loop):\n    own = 1\n", "Loop", {"own"}),
        ("import json\n", "json", set()),
        ("x = 1\n", "x", set()),
    ],
)
def test_members(definitions: Definitions, tmp_path: Path, source: str, name: str, expected: set[str]) -> None:
    assert definitions.members(outline(source), name.split("."), str(tmp_path / "main.py")) == expected


def test_modules_and_their_names(definitions: Definitions, tmp_path: Path) -> None:
    path = str(tmp_path / "main.py")
    assert definitions.names("shop.prices", path) == {"VAT", "net"}
    assert definitions.names("shop.nowhere", path) == set()
    assert definitions.submodules("shop", path) == {"cart", "base", "prices", "deep"}


def test_nearest_file_counts(definitions: Definitions, tmp_path: Path) -> None:
    assert definitions.names(".cart", str(tmp_path / "other" / "x.py")) == {"foreign"}
    assert definitions.names(".cart", str(tmp_path / "shop" / "x.py")) == {"Base", "Cart"}


def test_a_file_never_answers_for_itself(definitions: Definitions, tmp_path: Path) -> None:
    assert definitions.names("shop.prices", str(tmp_path / "shop" / "prices.py")) == set()


def test_open_documents_count_as_they_are(tmp_path: Path) -> None:
    path = str(tmp_path / "tool.py")
    Path(path).write_text("old = 1\n")
    texts: dict[str, str] = {}
    definitions = Definitions(texts.get)
    definitions.set_files(3, [path])
    assert definitions.names("tool", None) == {"old"}
    texts[path] = "new = 1\n"
    assert definitions.names("tool", None) == {"new"}
    del texts[path]
    Path(path).write_text("saved = 1\n")
    definitions.forget(path)
    assert definitions.names("tool", None) == {"saved"}


def test_missing_file_has_no_names(tmp_path: Path) -> None:
    definitions = Definitions(lambda path: None)
    definitions.set_files(3, [str(tmp_path / "gone.py")])
    assert definitions.names("gone", None) == set()
