"""The machine's time, as the core's Clock port."""

import asyncio
import time

__all__ = ["SystemClock"]


class SystemClock:
    """The machine's time."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds since some fixed moment, never going back."""
        return time.perf_counter()

    async def sleep(self, seconds: float) -> None:
        """Let that time pass."""
        await asyncio.sleep(seconds)
