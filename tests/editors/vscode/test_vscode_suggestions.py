"""Suggestions in a real VS Code: what the user types, sees and accepts, and what is remembered of it."""

import re

import pytest
from real_vscode import HEIGHT, SHOTS, TYPED, VSIX, WIDTH, Outcomes, TypeInto, VsCode

pytestmark = [pytest.mark.editor, pytest.mark.timeout(300, func_only=True)]


def test_first_use_sets_up_an_environment_with_progress_and_shows_the_index(
    first_use: tuple[VsCode, list[str]],
) -> None:
    window, said = first_use
    assert any("Tactful is setting itself up" in text for text in said)
    assert any(text.startswith("Tactful: indexing") and text.endswith("%") for text in said)
    assert len(window.server.language_servers()) == 1


def test_activation_is_short(window: VsCode) -> None:
    """The limit is several times what is wanted on an idle machine: tests run where others compute too."""
    window.page.set_viewport_size({"width": WIDTH, "height": 3000})  # the list shows only what it has room for
    window.command("Developer: Show Running Extensions")
    row = window.page.locator(".runtime-extensions-editor .monaco-list-row", has_text="Tactful")
    told = window.wait(lambda: re.search(r"(\d+)ms", "".join(row.all_inner_texts())), "the extension's activation")
    window.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    assert int(told[1]) < 1500


def test_the_extension_is_small() -> None:
    assert VSIX.stat().st_size < 5_000_000


def test_ghost_text_is_seen_accepted_and_remembered(window: VsCode, ghost: str, outcomes: Outcomes) -> None:
    window.shot(SHOTS / "ghost-text.png", height=330)
    assert window.line() == TYPED
    window.keys("Tab")
    window.wait(lambda: TYPED + ghost in window.text(), "the accepted text")
    window.wait(lambda: "accepted" in outcomes(), "the outcome in the database")


def test_a_word_and_then_the_line_are_accepted(window: VsCode, ghost: str, outcomes: Outcomes) -> None:
    window.keys("Control+ArrowRight")
    window.wait(lambda: window.line() == TYPED + "oding", "the accepted word")
    window.wait(lambda: window.ghost() == ghost.removeprefix("oding"), "the rest")
    window.keys("Control+Alt+l")
    window.wait(lambda: TYPED + ghost in window.text(), "the accepted line")
    window.type("\n")  # whatever the suggestion had behind its first line is now left
    window.type("pass", delay_ms=200)
    window.wait(lambda: {"accepted", "partly_accepted"} & set(outcomes()), "the outcome in the database")


def test_a_word_that_is_kept_is_partly_accepted(window: VsCode, ghost: str, outcomes: Outcomes) -> None:
    window.keys("Control+ArrowRight")
    window.wait(lambda: window.line() == TYPED + "oding", "the accepted word")
    window.type("zz")
    window.wait(lambda: "partly_accepted" in outcomes(), "the outcome in the database")


def test_typing_it_by_hand_is_typing_through(window: VsCode, outcomes: Outcomes, type_into: TypeInto) -> None:
    type_into("first_name = 1\nprint(first_name, 2)\nprint(fi", "r")
    rest = "st_name, 2)"
    while rest:
        window.wait(lambda rest=rest: window.ghost() == rest, f"the rest of the suggestion, {rest!r}")
        window.type(rest[0])
        rest = rest[1:]
    window.type("\n")
    window.wait(lambda: "typed_through" in outcomes(), "the outcome in the database")
    assert not {"accepted", "rejected"} & set(outcomes())


def test_what_is_dismissed_and_overwritten_is_rejected(window: VsCode, ghost: str, outcomes: Outcomes) -> None:
    window.page.wait_for_timeout(1200)  # long enough for a person to have read it
    window.keys("Escape")
    window.wait(lambda: window.ghost() == "", "no ghost text")
    window.type("zzz")
    window.wait(lambda: "rejected" in outcomes(), "the outcome in the database")


def test_others_can_be_cycled_through(window: VsCode, outcomes: Outcomes, type_into: TypeInto) -> None:
    type_into("value_one = 1\nvalue_two = 2\nvalue_three = 3\nprint(value_one)\nprint(value_two)\nprint(", "val")
    first = window.wait(window.ghost, "a suggestion")
    window.keys("Alt+BracketRight")
    second = window.wait(lambda: window.ghost() not in ("", first) and window.ghost(), "another one")
    window.keys("Alt+BracketLeft")
    window.wait(lambda: window.ghost() == first, "the first again")
    window.keys("Alt+BracketRight")
    window.wait(lambda: window.ghost() == second, "the second again")
    window.keys("Tab")
    window.wait(lambda: window.line() == f"print(val{second}", "the second, accepted")
    window.wait(lambda: "accepted" in outcomes(), "the outcome in the database")


def test_beside_the_list_of_completions_it_goes_on_with_what_is_selected(window: VsCode, type_into: TypeInto) -> None:
    window.configure({"editor.wordBasedSuggestions": "currentDocument"})
    type_into("first_name = 1\nprint(first_name, 2)\n", "print(fir")
    window.keys("Control+Alt+s")
    window.page.wait_for_selector(".suggest-widget.visible .monaco-list-row.focused")
    window.wait(lambda: window.ghost().startswith("st_name"), "a ghost text that goes on with the entry")
    ghost = window.ghost()
    window.shot(SHOTS / "beside-the-list.png")
    window.keys("Tab")
    window.wait(lambda: window.line() == "print(first_name", "the entry of the list")
    window.wait(lambda: window.ghost() == ghost.removeprefix("st_name"), "the rest of the suggestion")
    window.keys("Escape", "Escape")
