"""The worker process: one request as a JSON line on standard input, progress and the result as JSON lines back.

Started by `client.py` as `python -m tactful.verify.worker SCRATCH`; whatever goes wrong here cannot hurt the server.
When the server ends, however it ends, the worker ends with all that it started.
"""

import json
import os
import sys
from pathlib import Path

from tactful.verify.model import VerifyRequest
from tactful.verify.processes import end_with_parent
from tactful.verify.session import run

__all__ = ["main"]


def main() -> None:
    """Answer the request on standard input."""
    sink = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # nothing else that writes to standard output may disturb the lines

    def send(kind: str, value: object) -> None:
        sink.write(json.dumps({kind: value}) + "\n")

    request = VerifyRequest.from_json(json.loads(sys.stdin.readline()))
    end_with_parent()
    result = run(request, lambda message, fraction: send("progress", [message, fraction]), Path(sys.argv[1]))
    send("result", result.to_json())


if __name__ == "__main__":
    main()
