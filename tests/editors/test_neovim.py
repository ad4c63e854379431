"""Tactful in a real Neovim: what the user types, sees, accepts, and what is remembered of it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from real_neovim import CLIENT, READY, Neovim, StartNeovim

pytestmark = [pytest.mark.editor, pytest.mark.timeout(180, func_only=True)]

NOTES = """\
def read_notes(path):
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def count_lines(path):
    with open(path, e
"""
TYPED = "    with open(path, enc"
ACCOUNT = "ledger/account.py"


@pytest.fixture
def neovim(start_neovim: StartNeovim, project: Path) -> Neovim:
    """Return a Neovim with a file open, the cursor behind its last character and a ghost text on show."""
    (project / "notes.py").write_text(NOTES)
    editor = start_neovim()
    editor.open(project / "notes.py")
    show_ghost(editor)
    return editor


def show_ghost(editor: Neovim) -> str:
    """Type on in a line that the file holds already; return the ghost text that completes it."""
    editor.keys("GAnc")
    editor.wait(lambda: editor.line() == TYPED and editor.ghost().startswith('oding="utf-8"'), "the rest of the line")
    return editor.ghost()


def test_ghost_text_is_seen_accepted_and_remembered(neovim: Neovim) -> None:
    ghost = neovim.ghost()
    assert TYPED + ghost in neovim.screen()
    assert neovim.buffer()[-1] == TYPED
    neovim.keys("<Tab>")
    neovim.wait(lambda: neovim.line() == TYPED + ghost, "the accepted text")
    neovim.wait(lambda: neovim.outcomes()[:1] == ["accepted"], "the outcome in the database")
    (shown,) = [row for row in neovim.decisions() if row.outcome == "accepted"]
    assert shown.accepted_chars == len(ghost)
    assert shown.language_id == "python"


def test_an_accepted_text_is_one_step_to_undo(neovim: Neovim) -> None:
    neovim.keys("<Tab>")
    neovim.wait(lambda: neovim.line() != TYPED, "the accepted text")
    neovim.keys("<Esc>u")
    neovim.wait(lambda: neovim.line() == TYPED, "the text before it")


def test_accepting_after_typing_on_does_not_repeat_what_was_typed(neovim: Neovim) -> None:
    ghost = neovim.ghost()
    neovim.keys(f"{ghost[0]}<Tab>")  # faster than Neovim asks again: the item on show is still the old one
    neovim.wait(lambda: neovim.line() == TYPED + ghost, "the accepted text")
    neovim.wait(lambda: neovim.outcomes()[:1] == ["accepted"], "the outcome in the database")


def test_one_word_is_accepted(neovim: Neovim) -> None:
    neovim.keys("<C-l>")
    neovim.wait(lambda: neovim.line() == TYPED + "oding", "the accepted word")
    neovim.wait(lambda: neovim.outcomes(), "the outcome in the database")
    assert neovim.outcomes()[0] in ("partly_accepted", "accepted")


def test_typing_it_by_hand_is_typing_through(neovim: Neovim) -> None:
    for character in neovim.ghost():
        neovim.keys(character)
    neovim.keys("<Esc>")
    neovim.wait(lambda: "typed_through" in neovim.outcomes(), "the outcome in the database")
    assert set(neovim.outcomes()) <= {"typed_through", "unseen"}


def test_typing_something_else_is_a_rejection(neovim: Neovim) -> None:
    neovim.wait(lambda: neovim.rpc.request("nvim_get_mode")["mode"] == "i", "insert mode")
    shown = neovim.ghost()
    neovim.lua("vim.wait(300)")  # long enough for a person to have read it
    assert neovim.ghost() == shown
    neovim.keys("zzz")
    neovim.wait(lambda: neovim.outcomes()[:1] == ["rejected"], "the outcome in the database")


def test_the_line_is_accepted(neovim: Neovim) -> None:
    first, *_ = neovim.ghost().split("\n")
    neovim.lua("vim.keymap.set('i', '<C-j>', '<Plug>(tactful-accept-line)')")
    neovim.keys("<C-j>")
    neovim.wait(lambda: neovim.line() == TYPED + first, "the accepted line")
    neovim.wait(lambda: neovim.outcomes()[:1] in (["accepted"], ["partly_accepted"]), "the outcome in the database")


def test_others_can_be_cycled_through(start_neovim: StartNeovim, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("value_one = 1\nvalue_two = 2\nprint(value_one)\nprint(value_two)\nprint(\n")
    editor = start_neovim()
    editor.open(tmp_path / "a.py")
    editor.lua("vim.keymap.set('i', '<C-j>', '<Plug>(tactful-next)')")
    editor.lua("vim.keymap.set('i', '<C-k>', '<Plug>(tactful-previous)')")
    editor.keys("GAval")
    first = editor.wait(editor.ghost, "a suggestion")
    editor.keys("<C-j>")
    second = editor.wait(lambda: " (2/" in editor.ghost() and editor.ghost(), "another one, with its number")
    assert not second.startswith(first)
    editor.keys("<C-k>")
    editor.wait(lambda: editor.ghost().startswith(f"{first} (1/"), "the first again")
    editor.keys("<C-j>")
    editor.wait(lambda: editor.ghost() == second, "the second again")
    editor.keys("<Tab>")
    editor.wait(lambda: editor.line() == f"print(val{second.split(' (2/')[0]}", "the second, accepted")
    editor.wait(lambda: "accepted" in editor.outcomes(), "the outcome in the database")


def test_leaving_the_buffer_is_ignoring(neovim: Neovim) -> None:
    neovim.lua("vim.wait(300)")
    neovim.keys("<Esc>:bwipeout!<CR>")
    neovim.wait(lambda: neovim.outcomes()[:1] == ["ignored"], "the outcome in the database")


def test_leaving_insert_mode_takes_the_ghost_text_away(neovim: Neovim) -> None:
    neovim.keys("<Esc>")
    neovim.wait(lambda: neovim.ghost() == "", "no ghost text")
    assert TYPED in neovim.screen()


def test_a_key_without_a_suggestion_keeps_its_meaning(start_neovim: StartNeovim, tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("")
    editor = start_neovim({"languages": {"python": False}})
    editor.open(tmp_path / "empty.py")
    editor.lua("vim.bo.expandtab = false")
    editor.keys("ix<Tab>y<Esc>")
    editor.wait(lambda: editor.buffer() == ["x\ty"], "a tab")


def test_positions_are_right_behind_wide_characters(start_neovim: StartNeovim, project: Path) -> None:
    (project / "wide.py").write_text(
        "emoji = '\U0001f600'; value = first_name\nother = '\U0001f600é漢'; value = first_n\n"
    )
    editor = start_neovim()
    editor.open(project / "wide.py")
    editor.keys("GAa")
    editor.wait(lambda: editor.ghost().startswith("me"), "the rest of the name")
    ghost = editor.ghost()
    editor.keys("<Tab>")
    editor.wait(lambda: editor.line() == f"other = '\U0001f600é漢'; value = first_na{ghost}", "the accepted text")


def floating(editor: Neovim) -> str:
    """Return the text of the floating window, empty where there is none."""
    return str(
        editor.lua(
            """
            for _, window in ipairs(vim.api.nvim_list_wins()) do
              if vim.api.nvim_win_get_config(window).relative ~= '' then
                local buffer = vim.api.nvim_win_get_buf(window)
                return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, true), '\\n')
              end
            end
            return ''
            """
        )
    )


def test_explain_says_why_and_how_to_change_it(neovim: Neovim) -> None:
    neovim.keys("<Esc>:TactfulExplain<CR>")
    shown = neovim.wait(lambda: floating(neovim), "the reason")
    assert shown.startswith("The suggestion was shown")
    assert "gate.mode" in shown


def test_a_pause_ends_suggestions_until_it_is_over(neovim: Neovim) -> None:
    neovim.keys("<Esc>:TactfulPause 5<CR>")
    neovim.wait(lambda: "paused for 5 minutes" in neovim.messages(), "the pause")
    neovim.keys("Ao")
    neovim.wait(lambda: "Tactful is paused" in [row.reason for row in neovim.decisions()], "a request in the pause")
    assert neovim.ghost() == ""
    neovim.keys("<Esc>:TactfulPause 0<CR>Ad")
    neovim.wait(lambda: neovim.ghost().startswith("ing"), "the suggestion again")


def test_settings_changed_while_running_are_used(neovim: Neovim) -> None:
    neovim.keys("<Esc>")
    neovim.lua(
        """
        local client = vim.lsp.get_clients({ name = 'tactful' })[1]
        client.settings = { tactful = { languages = { python = false } } }
        client:notify('workspace/didChangeConfiguration', { settings = client.settings })
        """
    )
    before = len(neovim.decisions())
    neovim.keys("A")
    neovim.wait(lambda: len(neovim.decisions()) > before, "a request")
    neovim.wait(lambda: "switched off for python" in neovim.decisions()[-1].reason, "the new setting")


def test_a_server_that_dies_is_started_again(neovim: Neovim) -> None:
    neovim.kill_server()
    neovim.wait(lambda: neovim.lua("return #vim.lsp.get_clients()") == 0, "the client to be gone")
    neovim.keys("oding")  # typing goes on in between
    neovim.wait_for_server()
    neovim.keys("<BS><BS><BS><BS>")
    neovim.wait(lambda: neovim.line() == f"{TYPED}o" and neovim.ghost().startswith("ding"), "suggestions as before")


def test_neovim_goes_on_without_a_server_that_dies_too_often(neovim: Neovim, project: Path) -> None:
    for _ in range(4):
        neovim.wait_for_server()
        neovim.kill_server()
        neovim.wait(lambda: neovim.lua(READY) is not True, "the client to be gone")
    neovim.wait(lambda: "not started again" in neovim.messages(), "a message")
    neovim.keys("oding)<Esc>:write<CR>")
    neovim.wait(lambda: (project / "notes.py").read_text().endswith(f"{TYPED}oding)\n"), "the typed text on disk")
    neovim.keys(":TactfulVerify<CR>")
    neovim.wait(lambda: "not running in this buffer" in neovim.messages(), "a clear message")


def test_verify_and_fix_from_failing_test_to_repaired_buffer(start_neovim: StartNeovim, project: Path) -> None:
    account = project / ACCOUNT
    broken = account.read_text().replace("return amount <= self.balance", "return amount < self.balance")
    account.write_text(broken)
    editor = start_neovim()
    editor.open(account)
    editor.keys("/return amount <lt><CR>")
    run_action(editor, "Tactful: verify and fix")
    editor.wait(editor.asks, "the question whether to apply the fix")
    question = "\n".join(editor.screen())
    assert "Tactful: apply fix `<` -> `<=`" in question
    assert "1 of 6 near tests failed before, all pass with it" in question
    editor.keys("y")
    editor.wait(lambda: editor.line() == "        return amount <= self.balance + self.limit", "the repaired line")
    assert account.read_text() == broken
    editor.keys(":write<CR>")
    editor.wait(lambda: "amount <= self.balance" in account.read_text(), "the saved file")


def test_a_fix_that_is_declined_changes_nothing_and_stays_on_offer(start_neovim: StartNeovim, project: Path) -> None:
    account = project / ACCOUNT
    account.write_text(account.read_text().replace("return amount <= self.balance", "return amount < self.balance"))
    editor = start_neovim()
    editor.open(account)
    before = editor.buffer()
    editor.keys("/return amount <lt><CR>:TactfulVerifyAndFix<CR>")
    editor.wait(editor.asks, "the question whether to apply the fix")
    editor.keys("n")
    editor.wait(lambda: not editor.asks(), "the question to be gone")
    assert editor.buffer() == before
    diagnostics = editor.lua("return vim.diagnostic.get(0)")
    assert [item["source"] for item in diagnostics] == ["tactful"]
    editor.lua("vim.api.nvim_win_set_cursor(0, { ... , 8 })", diagnostics[0]["lnum"] + 1)
    run_action(editor, "Tactful: apply fix")
    editor.wait(editor.asks, "the question again")
    editor.keys("y")
    editor.wait(lambda: "        return amount <= self.balance + self.limit" in editor.buffer(), "the repaired line")


def test_verify_of_unsaved_text_shows_the_failing_assertion(start_neovim: StartNeovim, project: Path) -> None:
    editor = start_neovim()
    editor.open(project / ACCOUNT)
    editor.keys("/return amount <lt>=<CR>f<a<BS><Esc>")  # nothing is saved
    editor.keys(":s/<lt>=/<lt>/<CR>")
    run_action(editor, "Tactful: verify")
    found = editor.wait(lambda: editor.lua("return vim.diagnostic.get(0)"), "a diagnostic")
    assert found[0]["source"] == "tactful"
    assert "<=" in (project / ACCOUNT).read_text()


def test_the_health_check_finds_all_in_order(start_neovim: StartNeovim, project: Path, installed: Path) -> None:
    editor = start_neovim()
    editor.open(project / ACCOUNT)
    editor.lua("vim.cmd('checkhealth tactful')")
    health = "\n".join(editor.buffer())
    assert "ERROR" not in health
    assert "WARNING" not in health
    assert f"({installed / 'tactful'})" in health
    assert "Serves 1 buffer(s)" in health


def test_what_the_gate_hides_in_a_comment_is_explained(start_neovim: StartNeovim, project: Path) -> None:
    (project / "notes.py").write_text("# the first note\n# the second note\n# the third one\nnotes = []\n")
    editor = start_neovim({"gate": {"mode": "quiet"}})
    editor.open(project / "notes.py")
    editor.keys("Go<Esc>S# the fo")

    def hidden() -> bool:
        decisions = editor.decisions()
        return bool(decisions) and decisions[-1].stage in ("gate1", "gate2")

    for letter in "urth not in the list":
        seen = len(editor.decisions())
        editor.keys(letter)
        editor.wait(lambda seen=seen: len(editor.decisions()) > seen, "a decision")
        if hidden():
            break
    assert hidden()
    assert editor.ghost() == ""
    last = editor.decisions()[-1]
    editor.keys("<Esc>:TactfulExplain<CR>")
    shown = editor.wait(lambda: last.reason in floating(editor) and floating(editor), f"the reason {last.reason!r}")
    assert "gate.mode" in shown


def test_it_works_as_a_package(start_neovim: StartNeovim, project: Path, tmp_path: Path) -> None:
    packages = tmp_path / "editor0" / "data" / "nvim" / "site" / "pack" / "tactful" / "start"
    packages.mkdir(parents=True)
    (packages / "tactful").symlink_to(CLIENT)
    (project / "notes.py").write_text(NOTES)
    editor = start_neovim(client=tmp_path / "nowhere")
    editor.open(project / "notes.py")
    show_ghost(editor)
    assert editor.lua("return vim.fn.exists(':TactfulVerify')") == 2


def test_it_works_from_neovims_package_manager(start_neovim: StartNeovim, project: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(CLIENT, clone / "client-neovim")
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "all"],
    ):
        subprocess.run(["git", *command], cwd=clone, check=True)
    add = f"vim.pack.add({{ {str(clone)!r} }}, {{ confirm = false, load = function(plugin)"
    add += " vim.opt.runtimepath:append(plugin.path .. '/client-neovim') end })"
    (project / "notes.py").write_text(NOTES)
    editor = start_neovim(client=tmp_path / "nowhere", extra=add)
    editor.open(project / "notes.py")
    show_ghost(editor)
    assert editor.lua("return vim.fn.exists(':TactfulVerify')") == 2


def test_the_help_has_tags(start_neovim: StartNeovim, tmp_path: Path) -> None:
    editor = start_neovim()
    folder = tmp_path / "plugin" / "doc"
    shutil.copytree(CLIENT / "doc", folder)
    editor.lua("vim.opt.runtimepath:append(...)", str(folder.parent))
    editor.lua("vim.cmd('helptags ' .. ...)", str(folder))
    editor.lua("vim.cmd('help tactful-mappings')")
    assert "*tactful-mappings*" in editor.line()


def test_the_status_says_what_goes_on(start_neovim: StartNeovim, project: Path, tmp_path: Path) -> None:
    """With a cache of its own, so that there is something to index."""
    looks = "vim.opt.statusline = \"%{v:lua.require'tactful'.status()}\" vim.opt.laststatus = 2"
    editor = start_neovim(extra=looks, env={"XDG_CACHE_HOME": str(tmp_path / "empty-cache")})
    assert editor.lua("return require('tactful').status()") == ""
    editor.open(project / ACCOUNT)
    said: list[str] = []

    def ready() -> bool:
        said.extend(row for row in editor.screen() if row.startswith("tactful"))
        return said[-1:] == ["tactful"] and any("indexing" in row for row in said)

    editor.wait(ready, f"'indexing', then nothing more, in the status line; it said {said}", 90)
    assert any(re.fullmatch(r"tactful: indexing .*\d+%", row) for row in said)


def test_no_key_is_mapped_by_itself(start_neovim: StartNeovim, project: Path) -> None:
    editor = start_neovim()
    editor.open(project / ACCOUNT)
    maps = "\n".join(editor.lua("return vim.fn.execute('verbose map') .. vim.fn.execute('verbose map!')").splitlines())
    ours = re.findall(r"^(?:[nvxsoilct! ]{3})(\S+) +(?:\* )?<Lua \d+: .*client-neovim", maps, re.MULTILINE)
    assert len(ours) == 8
    assert all(key.startswith("<Plug>(tactful-") for key in ours)


def test_a_server_that_is_not_installed_is_named_by_the_health_check(start_neovim: StartNeovim, project: Path) -> None:
    editor = start_neovim(extra="vim.lsp.config('tactful', { cmd = { '/nowhere/tactful', 'serve' } })")
    editor.lua("vim.cmd('checkhealth tactful')")
    assert "`/nowhere/tactful` was not found" in "\n".join(editor.buffer())


def run_action(editor: Neovim, title: str) -> None:
    """Choose the code action with this title at the cursor, as the menu would."""
    editor.lua(
        """
        local wanted = ...
        vim.lsp.buf.code_action({
          apply = true,
          filter = function(action) return vim.startswith(action.title, wanted)
            and (wanted ~= 'Tactful: verify' or action.title == wanted) end,
        })
        """,
        title,
    )
