"""Index layers: contexts are found as by brute force, files are masked, damage is noticed."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactful.backends.local.build import Source, build_segment, write_atomically
from tactful.backends.local.segment import Segment, load_segment
from tactful.core.errors import IndexUnusable


def segment(*texts: str) -> Segment:
    sources = [Source(path=f"/{number}.py", text=text) for number, text in enumerate(texts)]
    return Segment(build_segment(sources, max_tokens=1_000, meta={"a": 1}))


def local(layer: Segment, *words: str) -> list[int]:
    return [-1 if (token := layer.token(word)) is None else token for word in words]


def following(layer: Segment, *words: str) -> list[str]:
    intervals = layer.intervals(local(layer, *words))
    if len(intervals) < len(words):
        return []
    return sorted(layer.text(raw >> 2) for raw in layer.followers(*intervals[-1], 100))


@settings(deadline=None)
@given(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=30), st.lists(st.sampled_from("abc"), min_size=1, max_size=3)
)
def test_followers_equal_brute_force(words: list[str], context: list[str]) -> None:
    size = len(context)
    stream = [*words, ""]
    expected = sorted(stream[i + size] for i in range(len(words) - size + 1) if words[i : i + size] == context)
    assert following(segment(" ".join(words)), *context) == expected


def test_contexts_do_not_reach_across_files() -> None:
    layer = segment("a b", "c d")
    assert following(layer, "b") == [""]
    assert following(layer, "b", "c") == []


def test_masked_files_do_not_answer() -> None:
    layer = segment("a b", "a c")
    assert layer.mask("/0.py")
    assert following(layer, "a") == ["c"]
    layer.unmask("/0.py")
    assert following(layer, "a") == ["b", "c"]
    assert not layer.mask("/none.py")


def test_words_by_prefix_most_frequent_first() -> None:
    layer = segment("ab ac ac b é")
    assert [layer.text(token) for token in layer.words_with_prefix("a", 5)] == ["ac", "ab"]
    assert [layer.text(token) for token in layer.words_with_prefix("a", 1)] == ["ac"]
    assert layer.words_with_prefix("zz", 5) == []


def test_words_with_odd_unicode_come_back() -> None:
    layer = segment("\ud800 é 中")
    assert [layer.text(layer.token(word) or 0) for word in ("é", "中", "\ud800")] == ["é", "中", "\ud800"]


def test_empty_layer_answers_nothing() -> None:
    assert following(segment(), "a") == []


def damaged(content: bytes) -> list[bytes]:
    flipped = bytearray(content)
    flipped[40] ^= 1
    return [b"", content[:10], content[:-1], bytes(flipped), b"X" + content[1:]]


@pytest.mark.parametrize("case", range(5))
def test_damage_is_noticed(tmp_path: Path, case: int) -> None:
    content = build_segment([Source(path="/a", text="a b")], max_tokens=10, meta={})
    path = tmp_path / "layer.tix"
    path.write_bytes(damaged(content)[case])
    with pytest.raises(IndexUnusable):
        load_segment(path)


def test_missing_file_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable):
        load_segment(tmp_path / "none.tix")


def test_written_layer_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "layer.tix"
    write_atomically(path, build_segment([Source(path="/a", text="a b")], max_tokens=10, meta={"x": 1}))
    assert load_segment(path).meta["x"] == 1
    assert [entry.name for entry in path.parent.iterdir()] == ["layer.tix"]


def test_failed_write_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "layer.tix"
    path.mkdir()
    with pytest.raises(OSError, match="layer"):
        write_atomically(path, b"x")
    assert [entry.name for entry in tmp_path.iterdir()] == ["layer.tix"]
