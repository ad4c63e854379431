"""When tests are measured in the background, by a clock of the test's own."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from tactful.lsp.measuring import Measuring

IDLE_S = 0.05


class Desk:
    """A measuring with a clock that stands still until it is set, and what was measured."""

    def __init__(self) -> None:
        self.now = 0.0
        self.measured: list[str] = []
        self.measuring = Measuring(self._measure, self._spawn, lambda: self.now, IDLE_S)

    async def _measure(self, uri: str) -> None:
        self.measured.append(uri)

    def _spawn(self, work: Coroutine[Any, Any, None], what: str) -> None:
        self.task = asyncio.ensure_future(work)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.measured) < count:
                await asyncio.sleep(0.005)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_files_are_measured_once_each_when_nothing_has_stirred(desk):
    for uri in ("a", "b", "a"):
        desk.measuring.add(uri)
    desk.now = 10.0
    await desk.until(2)
    assert desk.measured == ["a", "b"]


async def test_nothing_is_measured_while_the_user_types(desk):
    desk.measuring.add("a")
    for _ in range(10):  # the clock goes on, and so do the keys
        desk.now += IDLE_S
        desk.measuring.stir()
        await asyncio.sleep(IDLE_S / 2)
    assert desk.measured == []
    desk.now += IDLE_S
    await desk.until(1)


async def test_closed_files_are_forgotten(desk):
    desk.measuring.add("a")
    desk.measuring.add("b")
    desk.measuring.drop("a")
    desk.now = 10.0
    await desk.until(1)
    assert desk.measured == ["b"]


async def test_a_file_can_be_measured_again(desk):
    for count in (1, 2):
        desk.measuring.add("a")
        desk.now += 10.0
        await desk.until(count)


async def test_after_its_end_nothing_is_measured(desk):
    desk.measuring.add("a")
    desk.measuring.stop()
    desk.now = 10.0
    await asyncio.sleep(3 * IDLE_S)
    assert desk.measured == []
