"""The index on disk: reused when right, built again when not, and trouble is told."""

from pathlib import Path

import pytest

from tactful.backends.local import build_index
from tactful.backends.local.engine import Engine
from tactful.backends.local.evidence import Layer
from tactful.backends.local.indexing import layer_files
from tactful.backends.local.status import EngineStatus
from tactful.core.errors import BackendError
from tactful.core.types import CompletionRequest


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
