"""The builder process: what it reports, and how it ends when nobody listens any more."""

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tactful.backends.local.builder import run
from tactful.processes.frames import encode, read_frame


def test_reports_each_layer_and_the_end(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("x = 1\n")
    sink = io.BytesIO()
    run(io.BytesIO(encode((str(tmp_path / "cache"), (str(tmp_path),), None))), sink)
    sink.seek(0)
    kinds = [message[0] for message in iter(lambda: read_frame(sink), None)]
    assert kinds[-2:] == ["built", "done"]


def test_ends_quietly_when_nobody_reads(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("x = 1\n")
    builder = subprocess.Popen(
        [sys.executable, "-m", "tactful.backends.local.builder"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert builder.stdout is not None
    builder.stdout.close()
    builder.stdout = None
    _, errors = builder.communicate(encode((str(tmp_path / "cache"), (str(tmp_path),), None)), timeout=30)
    assert (builder.returncode, errors) == (0, b"")


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="priorities of processes are told otherwise here")
def test_gives_way_to_everybody_else() -> None:
    command = [sys.executable, "-m", "tactful.backends.local.builder"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as builder:
        assert builder.stdin is not None
        wanted = min(19, os.getpriority(os.PRIO_PROCESS, 0) + 15)
        deadline = time.monotonic() + 30
        while os.getpriority(os.PRIO_PROCESS, builder.pid) != wanted and time.monotonic() < deadline:
            time.sleep(0.01)  # It is still starting; then it waits for its order.
        assert os.getpriority(os.PRIO_PROCESS, builder.pid) == wanted
        builder.stdin.close()
        assert builder.wait(timeout=30) == 0
