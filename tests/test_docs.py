"""The documents say what the program does."""

import json
import re
from pathlib import Path

from tactful.config import describe, resolve
from tactful.docs import settings_page
from tactful.lsp.extensions import COMMANDS

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("bench/*.md"), *ROOT.glob("client-neovim/*.md")]


def test_the_settings_page_is_what_make_docs_writes():
    assert (ROOT / "docs" / "settings.md").read_text() == settings_page()


def test_the_protocol_page_lists_every_command():
    page = (ROOT / "docs" / "protocol.md").read_text()
    listed = set(re.findall(r"^\| `(tactful\.\w+)`", page, re.MULTILINE))
    assert listed == set(COMMANDS)


def test_no_page_holds_what_a_merge_left_behind():
    for page in PAGES:
        assert not re.search(r"^(<{7}|>{7}|={7}$)", page.read_text(), re.MULTILINE), page.name


def test_links_between_pages_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_settings_that_pages_mention_exist():
    known = {setting.name for setting in describe()}
    groups = {name.partition(".")[0] for name in known if "." in name}
    for page in PAGES:
        for name in re.findall(r"`((?:" + "|".join(groups) + r")\.[a-z]\w+)`", page.read_text()):
            assert name in known or "/" in name or name.endswith((".py", ".md", ".json")), f"{page.name}: {name}"


def test_the_settings_to_copy_for_models_are_valid_and_each_is_asked_in_its_way():
    from tactful.backends.remote import EndpointSettings
    from tactful.backends.remote.address import problem_with
    from tactful.backends.remote.call import way_of

    page = (ROOT / "docs" / "models.md").read_text()
    templates = []
    for text in re.findall(r"^    (\{.*(?:\n     +.*)*\}\})$", page, re.MULTILINE):
        settings, problems = resolve(json.loads(text))
        assert problems == ()
        endpoint = EndpointSettings(base_url=settings.backend.base_url, model=settings.backend.model)
        assert problem_with(endpoint) is None
        templates.append(way_of(endpoint).template)
    assert templates == ["suffix", "qwen", "qwen", "qwen", "suffix", "suffix", "chat", "qwen"]
