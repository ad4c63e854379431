"""The status board tells the one thing that matters most, and no short thought."""

import asyncio

import pytest
from lsprotocol import types

from tactful.lsp.status import StatusBoard, wants_status


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def board(told: list[str]) -> StatusBoard:
    def tell(status) -> None:
        told.append(status.state if status.percentage is None else f"{status.state} {status.percentage}%")

    return StatusBoard(tell)


async def test_what_is_told_is_told_once(board, told):
    board.begin()
    board.begin()
    board.indexing(0.401, "workspace")
    board.indexing(0.402, "workspace")
    board.indexing(None, "workspace")
    board.indexed()
    assert told == ["ready", "indexing 40%", "indexing", "ready"]


async def test_a_pause_hides_all_else_and_ends_by_itself(board, told):
    board.paused(0.02)
    board.indexing(0.5, "stdlib")
    assert told == ["paused"]
    while told[-1] == "paused":
        await asyncio.sleep(0.005)
    assert told == ["paused", "indexing 50%"]


async def test_a_pause_can_be_ended_early(board, told):
    board.paused(60)
    board.paused(0)
    assert told == ["paused", "ready"]


async def test_trouble_stays_until_all_is_well(board, told):
    board.trouble("offline", "the endpoint does not answer")
    board.indexing(0.5, "stdlib")
    board.well()
    board.indexed()
    assert told == ["offline", "indexing 50%", "ready"]


async def test_only_a_long_thought_is_told(board, told):
    board.begin()
    with board.thinking():
        await asyncio.sleep(0)
    with board.thinking(), board.thinking():
        while told[-1] != "thinking":
            await asyncio.sleep(0.005)
    assert told == ["ready", "thinking", "ready"]


@pytest.mark.parametrize(
    ("extra", "wanted"), [(None, False), ({}, False), ({"tactfulStatus": True}, True), ([], False)]
)
def test_who_wants_it(extra, wanted):
    assert wants_status(types.ClientCapabilities(experimental=extra)) is wanted


@pytest.mark.e2e
async def test_a_client_that_wants_the_status_is_told_and_gets_no_progress_of_the_index(connect, project):
    client = await connect(project, status=True)
    client.open(project / "ledger" / "account.py")

    def states() -> list[str]:
        return [status.state for status in client.statuses]

    await client.until(lambda: "indexing" in states() and states()[-1] == "ready", timeout_s=60)
    assert client.progress_values == []
    await client.command("tactful.pause", 5)
    await client.until(lambda: states()[-1] == "paused")
    await client.command("tactful.pause", 0)
    await client.until(lambda: states()[-1] == "ready")
