"""What is turned down twice at a place does not come back in that session; a real server tells."""

import asyncio

import pytest

from tactful.feedback.outcomes import UNSEEN_S

pytestmark = pytest.mark.e2e

SOURCE = (
    "def area(width, height):\n    return width * height\n\n\ndef volume(width, height, depth):\n    return width * hei"
)


async def turn_down(client, uri) -> None:
    """Look at the suggestion, type something else, and take that back."""
    await asyncio.sleep(UNSEEN_S + 0.1)
    end = len(client.documents[uri].text)
    client.edit(uri, end, end, "q")
    client.edit(uri, end, end + 1, "")


async def offered(client, uri, **options) -> list[str]:
    items = await client.suggest(uri, len(client.documents[uri].text), **options)
    return [item.insert_text for item in items]


async def test_a_suggestion_stays_away_after_two_rejections(connect, project):
    client = await connect(project, options={"gate": {"mode": "off"}})
    uri = client.open(project / "shapes.py", SOURCE)
    for _ in range(2):
        assert await offered(client, uri) == ["ght"]
        await turn_down(client, uri)
        client.edit(uri, 0, 0, "import os\n")  # an edit elsewhere moves the place but does not make it another
    assert await offered(client, uri) == []
    assert "turned down here twice" in (await client.command("tactful.explain", uri))["reason"]
    assert await offered(client, uri, automatic=False) == ["ght"]
    end = len(client.documents[uri].text)
    client.edit(uri, end, end, "g")
    assert await offered(client, uri) == ["ht"]  # typing towards it asks for it
