"""The evidence page holds what a person needs to judge a fix, whatever the tests printed."""

from tactful.lsp.evidence_page import evidence_page
from tactful.verify import Evidence, Failure, NearTest, Offer, TestNames, VerifyResult

OFFER = Offer(
    start=0, end=1, old_text="<", new_text="<=", description="`<` -> `<=`", diff="-a < b\n+a <= b\n", evidence=("why",)
)
FAILURE = Failure(test_id="t.py::test_a", path="t.py", line=8, message="``` in\n```` a message", values=(("n", "1"),))
EVIDENCE = Evidence(
    tests_before=TestNames(passed=("b",), failed=("t.py::test_a",)),
    tests_after=TestNames(passed=("b", "t.py::test_a")),
    candidates=7,
    seconds=1.25,
    sandbox="a box",
    interpreter="python",
    near=tuple(NearTest(test_id=f"t{number}", why="mentions f") for number in range(31)),
)


def test_a_fix_is_shown_with_all_that_vouches_for_it():
    page = evidence_page(
        VerifyResult(status="fixed", message="It passes.", failures=(FAILURE,), offers=(OFFER,), evidence=EVIDENCE),
        "a.py",
    )
    for part in ("# a.py", "It passes.", "Offered: `<` -> `<=`", "+a <= b", "- why", "t.py:9", "n = 1", "7", "a box"):
        assert part in page
    assert "passed before: 1 of 2" in page
    assert "with the change: 2 of 2" in page
    assert "- and 1 more" in page


def test_what_a_test_printed_cannot_break_out_of_its_block():
    page = evidence_page(VerifyResult(status="failing", message="No.", failures=(FAILURE,), evidence=EVIDENCE), "a.py")
    fence = "`````"
    inside = page.split(fence)[1]
    assert "```` a message" in inside
    assert page.count(fence) == 2
    assert "```diff" not in page
