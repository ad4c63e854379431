"""Which tests are chosen, and in which order, from what is known of them; values only."""

import ast
from pathlib import Path

from tactful.verify.coverage import Known, Record
from tactful.verify.discover import NearFile, aim_at
from tactful.verify.runner.host import Item
from tactful.verify.scope import Scope
from tactful.verify.selection import Selection, select
from tactful.verify.symbols import symbols

TREE = ast.parse("def price(): pass\n")
SYMBOLS = tuple(symbols(TREE))
NEAR = NearFile(path=Path("/t.py"), score=3.0, why="imports a", mentioned={"test_b": frozenset({"price"})})


def chosen(records: dict[str, Record], *names: str) -> Selection:
    items = [Item(id=f"t.py::{name}", path="/t.py", line=0, kind="test") for name in names]
    known = Known(records={("t.py", name, ""): record for name, record in records.items()}, files=())
    aim = aim_at(Path("/a.py"), TREE, SYMBOLS)
    return select(Scope(symbols=SYMBOLS), aim, items, {"/t.py": NEAR}, known)


def record(*, runs: bool, current: bool = True, failed: bool = False, seconds: float = 0.0) -> Record:
    return Record(runs_target=runs, is_current=current, failed=failed, seconds=seconds)


def order(selection: Selection) -> list[str]:
    return [each.item.id.removeprefix("t.py::") for each in selection.tests]


def test_what_is_known_comes_before_what_is_read_and_what_is_ruled_out_is_counted() -> None:
    records = {"test_d": record(runs=True), "test_e": record(runs=False)}
    found = chosen(records, "test_a", "test_b", "test_d", "test_e")
    assert (order(found), found.ruled_out, found.measured) == (["test_d", "test_b", "test_a"], 1, 1)
    assert found.affected == {"t.py::test_d", "t.py::test_b"}


def test_a_record_that_no_longer_holds_rules_nothing_out() -> None:
    records = {"test_a": record(runs=False, current=False), "test_c": record(runs=True, current=False)}
    found = chosen(records, "test_a", "test_c")
    assert (order(found), found.ruled_out) == (["test_c", "test_a"], 0)
    assert found.tests[0].why == "ran price when last measured"


def test_last_failures_come_first_then_the_quick_ones_and_equals_keep_their_order() -> None:
    records = {
        "test_slow": record(runs=True, seconds=2.0),
        "test_one": record(runs=True, seconds=0.01),
        "test_two": record(runs=True, seconds=0.002),
        "test_bad": record(runs=True, seconds=9.0, failed=True),
    }
    assert order(chosen(records, *records)) == ["test_bad", "test_one", "test_two", "test_slow"]
