"""What the user asks Tactful for in a real VS Code: settings, the menu, pauses, why; and a server that dies."""

import os
import signal
import socket

import pytest
from real_vscode import NOTES, SHOTS, CodeServer, TypeInto, VsCode

pytestmark = [pytest.mark.editor, pytest.mark.timeout(300, func_only=True)]


def test_what_the_gate_hides_in_a_comment_is_explained(window: VsCode, server: CodeServer, type_into: TypeInto) -> None:
    window.configure({"tactful.gate.mode": "quiet"})
    before = len(server.decisions())
    type_into("# the first note\n# the second note\n# the third one\nnotes = []\n", "# the fo")
    letters = iter("urth not in the list of the others that are here")

    def hidden() -> bool:
        decisions = server.decisions()[before:]
        return bool(decisions) and decisions[-1].stage in ("gate1", "gate2")

    while not hidden():
        seen = len(server.decisions())
        window.type(next(letters))
        window.wait(lambda seen=seen: len(server.decisions()) > seen or window.ghost(), "an answer")
    assert window.ghost() == ""
    last = server.decisions()[-1]
    window.command("Tactful: Why Was the Last Suggestion Shown or Hidden?")
    window.wait(lambda: last.reason in window.notifications(), f"the reason {last.reason!r}")
    window.shot(SHOTS / "explained.png")


def test_settings_changed_while_running_are_used(window: VsCode, server: CodeServer, type_into: TypeInto) -> None:
    type_into(NOTES, "n")
    window.wait(window.ghost, "a suggestion")
    window.configure({"tactful.languages": {"python": False}})
    window.wait(lambda: "switched off for python" in server.decisions()[-1].reason or window.type("x"), "the setting")
    assert window.ghost() == ""


def test_a_language_is_switched_off_and_on_from_the_menu(
    window: VsCode, server: CodeServer, type_into: TypeInto
) -> None:
    type_into(NOTES, "n")
    window.open_menu()
    window.choose("Suggestions for python")
    window.wait(lambda: '"python": false' in server.user_settings.read_text(), "the setting")
    window.focus()
    window.type("c")
    window.wait(lambda: "switched off for python" in server.decisions()[-1].reason, "a request that is refused")
    assert window.ghost() == ""
    window.command("Tactful: Suggestions for This Language On or Off")
    window.wait(lambda: '"python": true' in server.user_settings.read_text(), "the setting")
    window.focus()
    window.type("o")
    window.wait(lambda: window.ghost().startswith("ding"), "the suggestion")


def test_a_pause_shows_in_the_status_and_ends_suggestions(
    window: VsCode, server: CodeServer, type_into: TypeInto
) -> None:
    type_into(NOTES, "n")
    window.command("Tactful: Pause for an Hour")
    window.wait(lambda: window.status() == "Tactful: paused", "the status")
    window.type("c")
    window.wait(lambda: server.decisions()[-1].reason == "Tactful is paused", "the reason")
    assert window.ghost() == ""
    window.command("Tactful: Suggest Again")
    window.wait(lambda: window.status() == "Tactful", "the status")
    window.type("o")
    window.wait(lambda: window.ghost().startswith("ding"), "the suggestion")


def test_the_gate_mode_is_chosen_from_a_list(window: VsCode, server: CodeServer) -> None:
    window.command("Tactful: Choose How Much Is Shown (Gate Mode)")
    window.choose("eager")
    window.wait(lambda: '"tactful.gate.mode": "eager"' in server.user_settings.read_text(), "the setting")
    window.command("Tactful: Choose How Much Is Shown (Gate Mode)")
    window.choose("off")
    window.wait(lambda: '"tactful.gate.mode": "off"' in server.user_settings.read_text(), "the setting as it was")


def test_a_server_that_dies_is_started_again(
    window: VsCode, server: CodeServer, ghost: str, type_into: TypeInto
) -> None:
    (old,) = server.language_servers()
    os.kill(old, signal.SIGKILL)
    window.wait(lambda: server.language_servers() not in ([], [old]), "another server")
    window.wait(lambda: window.status() == "Tactful", "the status 'ready'", 120)
    before = len(server.decisions())
    type_into(NOTES, "nc")  # in another file: what is on show in the first one still comes from the server that died
    window.wait(lambda: window.ghost() == ghost, "suggestions as before")
    window.keys("Tab")
    window.wait(lambda: "accepted" in [row.outcome for row in server.decisions()[before:]], "the outcome")


def test_a_model_that_cannot_be_reached_shows_in_the_status(window: VsCode, type_into: TypeInto) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, but nobody listens
        model = {"mode": "model", "baseUrl": f"http://127.0.0.1:{nobody.getsockname()[1]}/v1", "model": "none"}
        window.configure({f"tactful.backend.{name}": value for name, value in model.items()})
        type_into(NOTES, "n")
        window.wait(lambda: window.status() == "Tactful: offline" or window.type("x", 200), "the status 'offline'")
        assert "Nothing answers at 127.0.0.1" in window.notifications()
    window.configure({})
    window.wait(lambda: window.status() == "Tactful", "the status 'ready'")


def test_the_menu_opens_each_of_its_parts(window: VsCode, type_into: TypeInto) -> None:
    type_into(NOTES, "n")
    window.open_menu()
    entries = window.entries()
    wanted = (
        "Pause for an hour",
        "Gate mode",
        "Backend",
        "Suggestions for python",
        "Why was the last",
        "Verify and fix",
    )
    assert [word for word in wanted if not any(word in entry for entry in entries)] == []
    window.choose("Report")
    page = window.page.frame_locator("iframe.webview").frame_locator("#active-frame")
    page.locator("body", has_text="Tactful: report").wait_for()
    window.close_file()
    window.open_menu()
    window.choose("Settings")
    window.page.locator(".settings-editor", has_text="Settings Found").wait_for()
    window.close_file()
    window.open_menu()
    window.choose("Log")
    window.page.locator(".part.panel", has_text="[info] Python 3").wait_for()
    window.command("View: Hide Panel")


def test_the_walkthrough_has_three_steps(window: VsCode) -> None:
    window.command("Welcome: Open Walkthrough")
    window.choose("Get started with Tactful")
    steps = ["Open a Python file", "Accept a suggestion", "Have a fix proved"]
    titles = window.page.locator(".gettingStartedContainer .getting-started-step .step-title")
    window.wait(lambda: titles.all_inner_texts() == steps, f"the steps {steps}")
    window.shot(SHOTS / "walkthrough.png")
