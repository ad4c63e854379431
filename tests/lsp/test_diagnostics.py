"""The board shows the sum of what each verified document brought."""

from lsprotocol import types

from tactful.lsp.diagnostics import Board


def diagnostic(message: str) -> types.Diagnostic:
    place = types.Position(0, 0)
    return types.Diagnostic(range=types.Range(place, place), message=message)


def test_what_one_verification_found_does_not_hide_what_another_did():
    shown: dict[str, list[str]] = {}
    board = Board(lambda uri, found: shown.update({uri: [each.message for each in found]}))
    board.show("a.py", {"a.py": [diagnostic("1")], "t.py": [diagnostic("2")]})
    board.show("b.py", {"t.py": [diagnostic("3")]})
    assert shown == {"a.py": ["1"], "t.py": ["2", "3"]}
    board.clear("a.py")
    assert shown == {"a.py": [], "t.py": ["3"]}
    board.clear("a.py")
    board.show("b.py", {})
    assert shown == {"a.py": [], "t.py": []}
