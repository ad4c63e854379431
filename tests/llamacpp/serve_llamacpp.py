"""llama.cpp's own server, as llama-server runs it: `python serve_llamacpp.py MODEL` prints its address.

For the interpreter that has xllamacpp, a wheel of llama.cpp with its server compiled in.
"""

import sys
import threading

import xllamacpp


def main(model: str) -> None:
    """Serve until the process is ended."""
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.hostnames = ["127.0.0.1"]
    params.port = 0  # any that is free
    params.n_ctx = 16384
    params.n_parallel = 2
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.endpoint_metrics = True
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
