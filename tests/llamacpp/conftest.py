"""Real inference engines with a model of half a megabyte: llama.cpp's own server, and llama-cpp-python's.

Each has an environment of its own under .cache (see the Makefile). The second one is compiled for minutes, so that its
tests are skipped where `make test-llamacpp` has not been run.
"""

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache"
ENGINES = ("llama.cpp", "llama-cpp-python")
START_S = 60.0


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Return the name of an engine that is there."""
    name = str(request.param)
    if not _python(name).exists():
        assert name != "llama.cpp" or not os.environ.get("CI"), "its wheel could not be installed: make engines"
        pytest.skip(f"needs {name}: make test-llamacpp")
    return name


@pytest.fixture(scope="session")
def url(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server that has loaded a model made for these tests."""
    python = _python(engine)
    model = tmp_path_factory.mktemp("model") / "tiny.gguf"
    subprocess.run([python, HERE / "tiny_gguf.py", model], check=True)
    serve = _llamacpp if engine == "llama.cpp" else _llama_cpp_python
    with serve(python, model) as address:
        yield f"{address}/v1"


def _python(engine: str) -> Path:
    return CACHE / engine / "bin" / "python"


@contextmanager
def _llamacpp(python: Path, model: Path) -> Iterator[str]:
    with _running([python, HERE / "serve_llamacpp.py", model], model, subprocess.PIPE) as server:
        assert server.stdout is not None
        address = server.stdout.readline().decode().strip()
        assert address, model.with_name("server.log").read_text()
        yield address


@contextmanager
def _llama_cpp_python(python: Path, model: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = {"model": model, "host": "127.0.0.1", "port": port, "n_ctx": 8192, "logits_all": True}
    options["chat_format"] = "chatml"
    command = [python, "-m", "llama_cpp.server", *(f"--{name}={value}" for name, value in options.items())]
    with _running(command, model, subprocess.DEVNULL) as server:
        _wait_for(f"http://127.0.0.1:{port}/v1/models", server)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _running(command: "list[str | Path]", model: Path, stdout: int) -> "Iterator[subprocess.Popen[bytes]]":
    with model.with_name("server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=stdout, stderr=log)
        try:
            yield server
        finally:
            server.kill()
            server.communicate()


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the server did not start")
