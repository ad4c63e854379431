"""A locked database costs neither a keystroke nor a record; a real server tells."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

pytestmark = pytest.mark.e2e

SOURCE = "first_name = 1\nvalue = first_na"


async def test_suggestions_go_on_while_the_database_is_locked_and_nothing_is_lost(connect, project, home):
    client = await connect(project, options={"gate": {"mode": "off"}})
    uri = client.open(project / "names.py", SOURCE)
    first = await client.suggest(uri, len(SOURCE))
    assert first
    async with asyncio.timeout(20):
        while not (found := list(home.rglob("feedback.sqlite3"))) or not recorded(found[0]):
            await asyncio.sleep(0.05)
    with closing(sqlite3.connect(found[0], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await client.accept(uri, first[0])
        client.edit(uri, len(SOURCE), len(client.documents[uri].text), "")
        second = await client.suggest(uri, len(SOURCE))
        assert [item.insert_text for item in second] == [item.insert_text for item in first]
        await client.until(lambda: any("locked" in message for message in client.messages))
        third = await client.suggest(uri, len(SOURCE))
        assert [item.insert_text for item in third] == [item.insert_text for item in first]
        other.execute("ROLLBACK")
    await client.stop()
    sent = {item.command.arguments[0] for item in (*first, *second, *third)}
    assert sent <= recorded(found[0])
    with closing(sqlite3.connect(found[0])) as connection:
        outcomes = dict(connection.execute("SELECT suggestion_id, outcome FROM outcomes").fetchall())
    assert outcomes[first[0].command.arguments[0]] == "accepted"
    assert sum("locked" in message for message in client.messages) == 1


def recorded(path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'decisions'").fetchone()[0]
        return {row[0] for row in connection.execute("SELECT id FROM decisions")} if tables else set()
