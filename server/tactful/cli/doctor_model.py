"""What `tactful doctor` says of a model: it asks it for one line of a program that is nobody's.

The answer itself does not count. What is sent stands in the egress log, as every request does.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tactful import paths

if TYPE_CHECKING:
    from tactful.backends.remote import EndpointSettings
    from tactful.backends.remote.call import Call
    from tactful.backends.remote.wire import Piece

__all__ = ["checked"]

_PROGRAM = ("def area(width, height):\n    return ", "\n")
_FILE = "area.py"


def checked(settings: "EndpointSettings") -> Iterator[tuple[bool | None, str]]:
    """Yield lines on the model that `settings` describe, each with whether all is well (None: good to know)."""
    from tactful.backends.remote.call import way_of, way_without_insert
    from tactful.backends.remote.trouble import Cause, EndpointTrouble

    way = way_of(settings)
    yield None, f"{settings.model} is asked at {way.base_url}, template `{way.template}`"
    try:
        pieces, elapsed_ms = asyncio.run(_asked(settings))
    except EndpointTrouble as trouble:
        other = way_without_insert(settings) if trouble.cause is Cause.NO_INSERT else None
        if other is None:
            yield False, str(trouble)
        else:
            yield None, "the server does not fill in by itself; it is asked with the model's own tokens"
            yield from checked(replace(settings, template=other.template))
        return
    told = any(piece.logprobs for piece in pieces)
    sureness = "with log-probabilities" if told else "without log-probabilities: the gate does not know how sure it is"
    yield True, f"answers in {elapsed_ms:.0f} ms, {sureness}"


async def _asked(settings: "EndpointSettings") -> "tuple[list[Piece], float]":
    """Return what came, and after how many milliseconds all of it was there. Raises EndpointTrouble."""
    from tactful.backends.remote.endpoint import Endpoint
    from tactful.backends.remote.trouble import Cause, EndpointTrouble, trouble

    endpoint, call = Endpoint(settings), _call(settings)
    pieces: list[Piece] = []
    outcome = "answered"

    def take(piece: "Piece") -> bool:
        pieces.append(piece)
        return False

    try:
        await endpoint.open()
        begun = time.perf_counter()
        try:
            async with asyncio.timeout(settings.timeout_ms / 1000):
                await endpoint.stream(call, take)
        except TimeoutError:
            outcome = Cause.TIMEOUT
            raise trouble(Cause.TIMEOUT, host=endpoint.host) from None
        except EndpointTrouble as error:
            outcome = error.cause
            raise
        finally:
            _write_down(endpoint.host, call, outcome)
        return pieces, 1000 * (time.perf_counter() - begun)
    finally:
        await endpoint.close()


def _call(settings: "EndpointSettings") -> "Call":
    from tactful.backends.remote.call import call_for, way_of
    from tactful.backends.remote.ending import Goal
    from tactful.core.types import PartKind, Prompt, PromptPart

    kinds = (PartKind.PREFIX, PartKind.SUFFIX)
    parts = (PromptPart(kind=kind, path=_FILE, text=text, why="") for kind, text in zip(kinds, _PROGRAM, strict=True))
    return call_for(way_of(settings), Prompt(parts=tuple(parts), redactions=0), "python", Goal.LINE)


def _write_down(host: str, call: "Call", outcome: str) -> None:
    from tactful.core.types import EgressEntry
    from tactful.privacy.egress import EgressLog

    log = EgressLog(paths.egress_log())
    log.record(
        EgressEntry(at=time.time(), host=host, bytes_sent=call.size_bytes(), files=(), redactions=0, outcome=outcome)
    )
    log.close()
