"""The worker process: each request a JSON line on standard input, progress and the result as JSON lines back.

Started by `client.py` as `python -m tactful.verify.worker SCRATCH`; whatever goes wrong here cannot hurt the server.
Questions to a model go to the parent as lines too, and their answers come back between the requests.
After each answer it makes ready for the next request. A line `{"learn": request}` has no answer: it asks for a pass in
the background (see `learn.py`), and every request ends those. When the server ends, however it ends, the worker ends
with all that it started.
"""

import json
import os
import queue
import sys
from pathlib import Path

from tactful.verify.asking import Asker
from tactful.verify.bed import Spare
from tactful.verify.learn import Background
from tactful.verify.lessons import Lessons
from tactful.verify.model import VerifyRequest
from tactful.verify.processes import end_with_parent
from tactful.verify.session import prepare, run

__all__ = ["main"]


def main() -> None:
    """Answer the requests on standard input until it ends."""
    sink = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # nothing else that writes to standard output may disturb the lines

    def send(kind: str, value: object) -> None:
        sink.write(json.dumps({kind: value}) + "\n")

    requests: queue.SimpleQueue[VerifyRequest] = queue.SimpleQueue()
    ask, spare, background = Asker(send), Spare(Path(sys.argv[1])), Background(Path(sys.argv[1]))

    def take(line: str) -> None:
        message = json.loads(line)
        if "answer" in message:
            ask.take(message["answer"])
        elif "learn" in message:
            background.add(VerifyRequest.from_json(message["learn"]))
        else:
            background.stop()
            requests.put(VerifyRequest.from_json(message))

    end_with_parent(take)
    while True:
        request, lessons = requests.get(), Lessons()
        result = run(request, lambda message, fraction: send("progress", [message, fraction]), spare, ask, lessons)
        send("result", result.to_json())
        lessons.keep()
        prepare(request, spare)


if __name__ == "__main__":
    main()
