"""Tactful in Neovims that cannot draw suggestions by themselves: the plugin does; all else is as in newer ones."""

import os
from pathlib import Path

import pytest
from real_neovim import OLD, Neovim, StartNeovim

pytestmark = [pytest.mark.editor, pytest.mark.timeout(180, func_only=True)]

NOTES = """\
def read_notes(path):
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def count_lines(path):
    with open(path, e
"""
TYPED = "    with open(path, enc"


@pytest.fixture(params=OLD)
def start_old(start_neovim: StartNeovim, request: pytest.FixtureRequest) -> StartNeovim:
    """Return a function that starts an old Neovim."""
    program = OLD[request.param]
    if not program.exists():
        if os.environ.get("CI"):
            pytest.fail(f"no {program}")
        pytest.skip(f"NO NEOVIM {request.param} HERE: make editors fetches it where it can")
    return lambda *args, **options: start_neovim(*args, program=str(program), **options)


@pytest.fixture
def neovim(start_old: StartNeovim, project: Path) -> Neovim:
    """Return an old Neovim with a ghost text behind the cursor."""
    (project / "notes.py").write_text(NOTES)
    editor = start_old()
    editor.open(project / "notes.py")
    editor.keys("GAnc")
    editor.wait(lambda: editor.line() == TYPED and editor.ghost().startswith('oding="utf-8"'), "the rest of the line")
    return editor


def test_it_has_no_drawing_of_its_own(neovim: Neovim) -> None:
    assert neovim.lua("return vim.lsp.inline_completion == nil")


def test_ghost_text_is_seen_accepted_and_remembered(neovim: Neovim) -> None:
    first, *_ = ghost = neovim.ghost().split("\n")
    assert TYPED + first in neovim.screen()
    neovim.keys("<Tab>")
    neovim.wait(lambda: neovim.buffer()[-len(ghost)] == TYPED + first, "the accepted text")
    neovim.wait(lambda: neovim.outcomes()[:1] == ["accepted"], "the outcome in the database")
    neovim.keys("<Esc>u")
    neovim.wait(lambda: neovim.buffer()[-1] == TYPED, "the text before it, as one step to undo")


def test_a_word_is_accepted_and_the_rest_stays(neovim: Neovim) -> None:
    ghost = neovim.ghost()
    neovim.keys("<C-l>")
    neovim.wait(lambda: neovim.line() == TYPED + "oding", "the accepted word")
    neovim.wait(lambda: neovim.ghost() == ghost.removeprefix("oding"), "the rest")
    neovim.wait(lambda: neovim.outcomes()[:1] == ["partly_accepted"], "the outcome in the database")


def test_typing_on_keeps_it_on_show(neovim: Neovim) -> None:
    ghost = neovim.ghost().split("\n")[0]
    neovim.keys(ghost[0])
    neovim.wait(lambda: neovim.line() == TYPED + ghost[0] and neovim.ghost().startswith(ghost[1:]), "the rest")
    for character in ghost[1:]:
        neovim.keys(character)
    neovim.keys("<Esc>")
    neovim.wait(lambda: "typed_through" in neovim.outcomes(), "the outcome in the database")


def test_typing_something_else_takes_it_away(neovim: Neovim) -> None:
    neovim.lua("vim.wait(300)")  # long enough for a person to have read it
    neovim.keys("zzz")
    neovim.wait(lambda: neovim.ghost() == "", "no ghost text")
    neovim.wait(lambda: neovim.outcomes()[:1] == ["rejected"], "the outcome in the database")


def test_leaving_insert_mode_takes_it_away(neovim: Neovim) -> None:
    neovim.keys("<Esc>")
    neovim.wait(lambda: neovim.ghost() == "", "no ghost text")


def test_a_key_without_a_suggestion_keeps_its_meaning(start_old: StartNeovim, tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("")
    editor = start_old({"languages": {"python": False}})
    editor.open(tmp_path / "empty.py")
    editor.lua("vim.bo.expandtab = false")
    editor.keys("ix<Tab>y<Esc>")
    editor.wait(lambda: editor.buffer() == ["x\ty"], "a tab")


def test_others_can_be_cycled_through(start_old: StartNeovim, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("value_one = 1\nvalue_two = 2\nprint(value_one)\nprint(value_two)\nprint(\n")
    editor = start_old()
    editor.open(tmp_path / "a.py")
    editor.lua("vim.keymap.set('i', '<C-j>', '<Plug>(tactful-next)')")
    editor.lua("vim.keymap.set('i', '<C-k>', '<Plug>(tactful-previous)')")
    editor.keys("GAval")
    first = editor.wait(editor.ghost, "a suggestion")
    editor.keys("<C-j>")
    second = editor.wait(lambda: editor.ghost() not in ("", first) and editor.ghost(), "another one")
    editor.keys("<C-k>")
    editor.wait(lambda: editor.ghost() == first, "the first again")
    editor.keys("<C-j><Tab>")
    editor.wait(lambda: editor.line() == f"print(val{second}", "the second, accepted")


def test_explain_says_why(neovim: Neovim) -> None:
    neovim.keys("<Esc>:TactfulExplain<CR>")
    neovim.wait(lambda: "The suggestion was shown" in "\n".join(neovim.screen()), "the reason")


def test_a_server_that_dies_is_started_again(neovim: Neovim) -> None:
    neovim.kill_server()
    neovim.wait(lambda: neovim.lua("return #vim.lsp.get_clients()") == 0, "the client to be gone")
    neovim.wait_for_server()
    neovim.keys("o")
    neovim.wait(lambda: neovim.line() == f"{TYPED}o" and neovim.ghost().startswith("ding"), "suggestions as before")


def test_verify_and_fix_from_failing_test_to_repaired_buffer(start_old: StartNeovim, project: Path) -> None:
    account = project / "ledger" / "account.py"
    account.write_text(account.read_text().replace("return amount <= self.balance", "return amount < self.balance"))
    editor = start_old()
    editor.open(account)
    editor.keys("/return amount <lt><CR>:TactfulVerifyAndFix<CR>")
    editor.wait(lambda: asks(editor), "the question whether to apply the fix")
    editor.keys("1<CR>")
    editor.wait(lambda: "        return amount <= self.balance + self.limit" in editor.buffer(), "the repaired line")


def test_the_health_check_finds_all_in_order(start_old: StartNeovim, project: Path) -> None:
    editor = start_old()
    editor.open(project / "ledger" / "account.py")
    editor.lua("vim.cmd('checkhealth tactful')")
    health = "\n".join(editor.buffer())
    assert "ERROR" not in health
    assert "the plugin draws the suggestions" in health


def asks(editor: Neovim) -> bool:
    """Say whether the question whether to apply a fix is open; 0.10 answers nothing else then, 0.11 does."""
    return editor.rpc.request("nvim_get_mode")["blocking"] or "apply fix" in "\n".join(editor.screen())
