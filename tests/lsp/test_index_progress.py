"""The editor sees the index grow, and several servers share one cache."""

import asyncio

import pytest

pytestmark = pytest.mark.e2e

TEXT = "gadget = make_gadget(size)\n" * 3 + "gadget = "


async def test_the_editor_shows_how_far_the_index_is(connect, project) -> None:
    client = await connect(project, options={"gate": {"mode": "off"}})
    client.open(project / "a.py", TEXT)
    await client.until(lambda: any(value.get("kind") == "end" for value in client.progress_values), 60)
    begin, *reports = (value for value in client.progress_values if value["kind"] != "end")
    assert (begin["kind"], begin["title"], begin["cancellable"]) == ("begin", "Tactful: indexing", False)
    assert {report["kind"] for report in reports} == {"report"}
    assert {report["message"] for report in reports} <= {"workspace", "packages", "stdlib"}


async def test_servers_over_one_cache_do_not_disturb_each_other(connect, project) -> None:
    clients = await asyncio.gather(*(connect(project, options={"gate": {"mode": "off"}}) for _ in range(3)))
    for client in clients:
        uri = client.open(project / "a.py", TEXT)
        assert [item.insert_text for item in await client.suggest(uri, len(TEXT))] == ["make_gadget(size)"]
    assert [client.messages for client in clients] == [[], [], []]
