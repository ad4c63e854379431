"""Pieces: everything is in one of them, except private keys; none is large, none cuts a word."""

from hypothesis import given
from hypothesis import strategies as st

from tactful.retrieval.chunks import chunks


@given(st.lists(st.sampled_from(["", "def f():", "    return 1", "x = 2"]), max_size=200))
def test_every_line_is_in_one_piece(lines: list[str]) -> None:
    pieces = list(chunks("\n".join(lines)))
    held = [(piece.line + number, line) for piece in pieces for number, line in enumerate(piece.text.split("\n"))]
    assert [(n, line) for n, line in held if line] == [(n, line) for n, line in enumerate(lines) if line]
    assert all(piece.text.count("\n") < 30 for piece in pieces)


def test_pieces_end_at_blank_lines() -> None:
    function = "def f():\n" + "    x = 1\n" * 12
    assert [piece.line for piece in chunks(f"{function}\n{function}\n{function}")] == [0, 14, 28]


def test_long_lines_are_cut_between_words() -> None:
    (piece,) = chunks("word " * 1_000)
    assert 1_000 < len(piece.text) <= 2_000
    assert piece.text.endswith("word")
    assert list(chunks("x" * 3_000)) == []


def test_a_private_key_is_in_no_piece_however_long() -> None:
    text = "a = 1\n-----BEGIN PRIVATE KEY-----\n" + "MIIEpAIB\n" * 100 + "-----END PRIVATE KEY-----\nb = 2\n"
    pieces = list(chunks(text))
    assert not any("MIIEpAIB" in piece.text for piece in pieces)
    assert pieces[-1].text.endswith("b = 2")
    assert pieces[-1].line + pieces[-1].text.count("\n") == 103
