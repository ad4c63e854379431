"""The builder process: what it reports, and how it ends when nobody listens any more."""

import io
import subprocess
import sys
from pathlib import Path

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
