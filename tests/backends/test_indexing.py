"""The index on disk: reused when right, built again when not, and trouble is told."""

import errno
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tactful.backends.local import build_index
from tactful.backends.local.engine import Engine
from tactful.backends.local.evidence import Layer
from tactful.backends.local.indexing import BuiltLayer, build_layers, layer_files
from tactful.backends.local.status import EngineStatus
from tactful.core.errors import BackendError
from tactful.core.types import CompletionRequest
from tactful.processes.frames import encode, read_frame


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "a.py").write_text("connection = connect(host, port)\n" * 3)
    return root


def test_index_is_built_then_reused_then_rebuilt(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    seen: list[EngineStatus] = []
    first = build_index(roots=[root], python=None, cache_dir=cache, on_progress=seen.append)
    assert (first.files, first.layers[0].reused) == (1, False)
    assert seen[-1].done == seen[-1].total == 1
    assert first.tokens > 0
    assert first.bytes_on_disk > 0
    assert build_index(roots=[root], python=None, cache_dir=cache).layers[0].reused
    (root / "b.py").write_text("x = 1\n")
    assert build_index(roots=[root], python=None, cache_dir=cache).files == 2
    assert not build_index(roots=[root], python=None, cache_dir=cache, force=True).layers[0].reused


def test_engine_opens_what_was_built(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    build_index(roots=[root], python=None, cache_dir=cache)
    engine = Engine.open(cache_dir=cache, roots=[root], python=None)
    request = CompletionRequest(uri="u", path=None, language_id="python", text="connection = ", offset=13)
    assert engine.complete(request)[0].text == "connect(host, port)"


def test_damaged_index_is_built_again(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    build_index(roots=[root], python=None, cache_dir=cache)
    path = layer_files(cache_dir=cache, roots=[root], python=None)[Layer.WORKSPACE]
    path.write_bytes(path.read_bytes()[:-7])
    assert (
        Engine.open(cache_dir=cache, roots=[root], python=None).complete(
            CompletionRequest(uri="u", path=None, language_id="python", text="connection = ", offset=13)
        )
        == []
    )
    assert not build_index(roots=[root], python=None, cache_dir=cache).layers[0].reused


def test_unusable_cache_folder_is_told(root: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(BackendError, match="cannot be kept"):
        build_index(roots=[root], python=None, cache_dir=blocked)


def test_empty_workspace_has_an_empty_index(tmp_path: Path) -> None:
    report = build_index(roots=[tmp_path / "none"], python=None, cache_dir=tmp_path / "cache")
    assert report.files == 0


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every index count as large."""
    monkeypatch.setattr("tactful.backends.local.indexing._LARGE", 0)


def layers(root: Path, cache: Path, keep_beside: int = 2) -> BuiltLayer:
    (built,) = build_layers(
        roots=[root], python=None, cache_dir=cache, on_progress=lambda status: None, keep_beside=keep_beside
    )
    return built


@pytest.mark.usefixtures("large")
def test_a_large_index_stays_when_few_files_changed(root: Path, tmp_path: Path) -> None:
    (root / "gone.py").write_text("x = 1\n")
    (root / "blob.py").write_bytes(b"\0")
    cache = tmp_path / "cache"
    assert layers(root, cache).changed == ()
    (root / "new.py").write_text("y = 1\n")
    (root / "gone.py").unlink()
    kept = layers(root, cache)
    assert kept.report.reused
    assert sorted(path.name for path in kept.changed) == ["gone.py", "new.py"]
    (root / "a.py").write_text("z = 1\n")
    again = layers(root, cache)
    assert (again.report.reused, again.changed) == (False, ())


def test_a_small_index_is_built_again_when_a_file_changed(root: Path, tmp_path: Path) -> None:
    assert not layers(root, tmp_path / "cache").report.reused
    (root / "a.py").write_text("z = 1\n")
    assert not layers(root, tmp_path / "cache").report.reused


@pytest.mark.usefixtures("large")
def test_an_index_that_was_asked_for_holds_every_change(root: Path, tmp_path: Path) -> None:
    build_index(roots=[root], python=None, cache_dir=tmp_path / "cache")
    (root / "a.py").write_text("z = 1\n")
    assert not build_index(roots=[root], python=None, cache_dir=tmp_path / "cache").layers[0].reused


@pytest.mark.parametrize("damage", ["cut off", "garbage", "another version", "empty", "header only"])
def test_whatever_is_wrong_with_an_index_it_is_built_again(root: Path, tmp_path: Path, damage: str) -> None:
    cache = tmp_path / "cache"
    path = layers(root, cache).path
    whole = path.read_bytes()
    contents = {
        "cut off": whole[: len(whole) // 2],
        "garbage": bytes(len(whole)),
        "another version": whole[:8] + b"\xff" + whole[9:],
        "empty": b"",
        "header only": whole[:40],
    }
    path.write_bytes(contents[damage])
    assert not layers(root, cache).report.reused
    assert path.read_bytes() == whole
    assert layers(root, cache).report.reused


def test_what_a_crash_left_half_written_is_no_index(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    path = layers(root, cache).path
    (path.parent / "workspace.tixabc.part").write_bytes(b"half")
    assert layers(root, cache).report.reused


def test_a_full_disk_costs_the_index_and_leaves_nothing_behind(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BackendError, match=r"No space left on device.*Suggestions come from open documents only"):
        build_index(roots=[root], python=None, cache_dir=tmp_path / "cache")
    assert not list((tmp_path / "cache").rglob("*.part"))
    assert not list((tmp_path / "cache").rglob("*.tix"))


def test_several_builders_over_one_cache_agree(root: Path, tmp_path: Path) -> None:
    order = encode((str(tmp_path / "cache"), (str(root),), None))
    builders = [
        subprocess.Popen(
            [sys.executable, "-m", "tactful.backends.local.builder"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    for builder in builders:
        assert builder.stdin is not None
        builder.stdin.write(order)
        builder.stdin.close()
    for builder in builders:
        assert builder.stdout is not None
        kinds = [message[0] for message in iter(partial(read_frame, builder.stdout), None)]
        assert (builder.wait(), kinds[-2:]) == (0, ["built", "done"])
        builder.stdout.close()
    assert layers(root, tmp_path / "cache").report.reused
