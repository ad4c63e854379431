"""Verify, and verify and fix, in a real VS Code: from a failing test to a repaired buffer, with the evidence beside."""

from pathlib import Path

import pytest
from real_vscode import EXAMPLE, SHOTS, VsCode

pytestmark = [pytest.mark.editor, pytest.mark.timeout(300, func_only=True)]

RIGHT = "        return amount <= self.balance + self.limit"
BROKEN = "return amount < self.balance + self.limit"
SAVED = (EXAMPLE / "ledger" / "account.py").read_text()
LINE = SAVED.split("\n").index(RIGHT) + 1


@pytest.fixture
def account(window: VsCode, ledger: Path) -> Path:
    """Return a file that is right on disk; in the editor a comparison in it is wrong, and not saved."""
    path = ledger / "ledger" / "account.py"
    path.write_text(SAVED)
    window.configure({"tactful.verify.budgetS": 200})  # what is tested is not how quick this machine is
    window.open(path)
    window.wait(lambda: window.status() == "Tactful", "the status 'ready'")
    window.go_to(LINE, RIGHT.index("=") + 2)
    window.keys("Backspace")
    window.wait(lambda: BROKEN in window.text(), "the bug")
    return path


def test_verify_and_fix_from_failing_test_to_repaired_buffer(window: VsCode, account: Path) -> None:
    window.command("Tactful: Verify and Fix")
    tick = window.page.locator(".monaco-list-row", has_text="return amount").locator(".edit-checkbox").first
    window.wait(tick.is_visible, "the preview of the edit", 240)
    window.wait(lambda: "Tactful: evidence.md" in window.tabs(), "the evidence beside the code")
    window.wait(lambda: "makes all" in window.all_text(), "the evidence")
    window.clear_notifications()
    window.shot(SHOTS / "verify-and-fix.png")
    assert account.read_text() == SAVED
    window.check(tick)
    window.page.get_by_role("button", name="Apply").click()
    window.wait(lambda: RIGHT.strip() in window.text(), "the repaired line")
    assert account.read_text() == SAVED
    window.save()
    window.wait(lambda: "\u25cf" not in window.page.title(), "the saved file")
    assert account.read_text() == SAVED


def test_a_fix_that_is_discarded_changes_nothing_and_stays_on_offer(window: VsCode, account: Path) -> None:
    window.command("Tactful: Verify and Fix")
    discard = window.page.get_by_role("button", name="Discard")
    window.wait(discard.is_visible, "the preview of the edit", 240)
    discard.click()
    window.wait(lambda: not discard.is_visible(), "the preview to be gone")
    assert BROKEN in window.text()
    window.go_to(LINE, 12)
    window.keys("Control+.")
    window.choose_action("Tactful: apply fix")
    tick = window.page.locator(".monaco-list-row", has_text="return amount").locator(".edit-checkbox").first
    window.wait(tick.is_visible, "the preview again")


def test_verify_shows_the_failing_test_in_the_text_and_its_verdict_above(window: VsCode, account: Path) -> None:
    window.command("Tactful: Verify: Run the Tests Near the Function")
    squiggle = window.page.locator(".editor-group-container .squiggly-error")
    window.wait(squiggle.count, "the failing line", 240)
    window.wait(lambda: window.page.locator(".codelens-decoration").count(), "the verdict above the function")
    lens = window.page.locator(".codelens-decoration").first.inner_text()
    assert "1 of 6" in lens
    window.shot(SHOTS / "verify.png")
