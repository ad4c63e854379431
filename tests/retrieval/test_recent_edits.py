"""Places of edits are found again where they are now."""

from tactful.retrieval.edits import RecentEdits

TEXT = "".join(f"line {number}\n" for number in range(100))


def shown(edits: RecentEdits, texts: dict[str, str]) -> list[str]:
    return [texts[each.uri][each.start : each.end] for each in edits.newest_first(texts)]


def edited(*lines: int) -> RecentEdits:
    edits = RecentEdits()
    for line in lines:
        edits.changed("a", TEXT, TEXT.index(f"line {line}\n") + 2)
    return edits


def test_the_newest_comes_first_with_lines_around() -> None:
    first, second = shown(edited(20, 50), {"a": TEXT})
    assert first.split("\n")[0] == "line 46"
    assert first.split("\n")[-1] == "line 54"
    assert "line 20" in second


def test_edits_near_each_other_are_one_place() -> None:
    assert len(shown(edited(20, 22, 25, 27), {"a": TEXT})) == 1


def test_the_number_of_places_is_bounded() -> None:
    assert len(shown(edited(*range(0, 100, 10)), {"a": TEXT})) == 10
    edits = RecentEdits()
    for number in range(40):
        edits.changed(f"doc {number}", TEXT, 0)
    assert len(shown(edits, {f"doc {number}": TEXT for number in range(40)})) == 12


def test_a_place_moves_with_its_line_and_goes_with_it() -> None:
    edits = edited(50)
    assert "line 50" in shown(edits, {"a": "new\n" * 200 + TEXT})[0]
    assert shown(edits, {"a": TEXT.replace("line 50\n", "")}) == []
    assert shown(edits, {}) == []


def test_a_closed_document_has_no_places() -> None:
    edits = edited(50)
    edits.closed("a")
    assert shown(edits, {"a": TEXT}) == []


def test_a_snapshot_stays_as_it_is() -> None:
    edits = edited(50)
    snapshot = edits.snapshot()
    edits.changed("a", TEXT, 0)
    assert len(shown(snapshot, {"a": TEXT})) == 1
