"""The log holds no secret, whatever a message quotes."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tactful.lsp.logs import set_up_logs


@pytest.fixture(autouse=True)
def loggers() -> Iterator[None]:
    """Give the loggers back as they were."""
    named = [logging.getLogger(name) for name in ("tactful", "pygls")]
    before = [(each.handlers[:], each.propagate, each.level) for each in named]
    yield
    for each, (handlers, propagate, level) in zip(named, before, strict=True):
        for handler in each.handlers:
            if handler not in handlers:
                handler.close()
        each.handlers, each.propagate = handlers, propagate
        each.setLevel(level)


def test_a_quoted_key_does_not_reach_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = set_up_logs(tmp_path)
    assert path is not None
    key = "sk-" + "a1B2" * 12
    logging.getLogger("tactful.test").warning("401 from %s: no such key %s", "https://me:s3cr3t@host/v1", key)
    try:
        raise ValueError(f"password = '{key}'")
    except ValueError:
        logging.getLogger("tactful.test").exception("failed")
    written = path.read_text() + capsys.readouterr().err
    assert "401 from https://me:[redacted]@host/v1: no such key [redacted]" in written
    assert key not in written
    assert "s3cr3t" not in written
