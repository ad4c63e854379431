"""Prompts: what is in them, in what order, within the budget, and never what is ignored or secret."""

from pathlib import Path

import pytest
from banking import FILES, TELLER, request_in, texts_of, write

from tactful.core.types import CompletionRequest, PartKind, Prompt, Skipped
from tactful.privacy.ignored import IgnoreRules
from tactful.privacy.redact import Redactor
from tactful.retrieval.edits import RecentEdits
from tactful.retrieval.gather import Sources, gather
from tactful.retrieval.indexing import bring_up_to_date
from tactful.retrieval.store import Reader

KEY = "ghp_" + "a1B2c3D4e5" * 4


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a workspace whose index has not been built yet."""
    folder = tmp_path / "workspace"
    write(folder, FILES)
    return folder


def ask(
    root: Path, request: CompletionRequest, budget: int = 8_000, edits: RecentEdits | None = None
) -> Prompt | Skipped:
    index = root.parent / "index"
    bring_up_to_date(index, [root])
    sources = Sources(
        redactor=Redactor(),
        is_ignored=IgnoreRules([root]).now(),
        shown_path=lambda path: Path(path).relative_to(root).as_posix(),
        reader=Reader(index),
        edits=edits or RecentEdits(),
        texts={path.as_uri(): path.read_text() for path in root.rglob("*.py")},
        paths={path.as_uri(): str(path) for path in root.rglob("*.py")},
    )
    return gather(request, budget, sources)


def test_the_document_comes_first(root: Path) -> None:
    prompt = ask(root, request_in(root, "bank/teller.py", TELLER, "\n        return account\n"))
    assert isinstance(prompt, Prompt)
    assert [part.kind for part in prompt.parts[:2]] == [PartKind.PREFIX, PartKind.SUFFIX]
    assert (prompt.prefix, prompt.suffix) == (TELLER, "\n        return account\n")
    assert prompt.files[0] == "bank/teller.py"
    assert prompt.redactions == 0
    assert all(part.why for part in prompt.parts)


def test_names_in_use_are_defined(root: Path) -> None:
    prompt = ask(root, request_in(root, "bank/teller.py", TELLER + "open_account("))
    text = 'def open_account(owner: str) -> Account:\n    """Begin with nothing."""'
    assert texts_of(prompt, PartKind.DEFINITION) == {"bank/account.py": text}


def test_what_the_document_defines_itself_is_not_said_twice(root: Path) -> None:
    account = FILES["bank/account.py"]
    prompt = ask(root, request_in(root, "bank/account.py", account + "\nother = open_account("))
    assert texts_of(prompt, PartKind.DEFINITION) == {}


def test_lines_like_these_are_found(root: Path) -> None:
    before = "def yearly_report(accounts):\n    total = 0\n    for account in accounts:\n        "
    prompt = ask(root, request_in(root, "bank/yearly.py", before))
    assert texts_of(prompt, PartKind.SIMILAR)["bank/report.py"] == FILES["bank/report.py"].rstrip()


def test_tests_of_what_is_being_written_are_found(root: Path) -> None:
    write(root, {"tests/test_else.py": "def test_else():\n    assert monthly_report([]) == 0\n"})
    request = request_in(root, "bank/teller.py", "class Teller:\n    def pay_in(self, amount):\n        ")
    prompt = ask(root, request)
    told = {**texts_of(prompt, PartKind.TEST), **texts_of(prompt, PartKind.SIMILAR)}
    assert "assert teller.total == 5" in told["tests/test_teller.py"]
    assert "tests/test_else.py" not in texts_of(prompt, PartKind.TEST)


def test_recent_edits_elsewhere_are_told(root: Path) -> None:
    edits = RecentEdits()
    report = root / "bank" / "report.py"
    edits.changed(report.as_uri(), FILES["bank/report.py"], 5)
    far = "x = 1\n" * 3
    request = request_in(root, "bank/far.py", far)
    edits.changed(request.uri, far, len(far))
    prompt = ask(root, request, edits=edits)
    assert list(texts_of(prompt, PartKind.EDIT)) == ["bank/report.py"]  # the cursor's own place is in the prefix


def test_imports_are_told_where_the_prefix_begins_below_them(root: Path) -> None:
    before = "import json\nfrom bank.account import Account\n\n" + "value = compute(value)\n" * 200
    prompt = ask(root, request_in(root, "bank/long.py", before), budget=2_000)
    assert texts_of(prompt, PartKind.IMPORTS) == {"bank/long.py": "import json\nfrom bank.account import Account"}


@pytest.mark.parametrize("budget", [0, 10, 100, 500, 2_000, 50_000])
def test_the_budget_holds(root: Path, budget: int) -> None:
    write(root, {f"bank/more{number}.py": FILES["bank/report.py"] for number in range(30)})
    prompt = ask(root, request_in(root, "bank/teller.py", "x = 1\n" * 300 + TELLER + "total = accounts"), budget)
    assert isinstance(prompt, Prompt)
    assert sum(len(part.text) for part in prompt.parts) <= budget


def test_an_ignored_document_is_not_sent_at_all(root: Path) -> None:
    write(root, {".tactfulignore": "private/\n", "private/a.py": "x = 1\n"})
    for name in ("private/a.py", ".env", "id_rsa"):
        skipped = ask(root, request_in(root, name, "x = "))
        assert isinstance(skipped, Skipped)
        assert "ignored" in skipped.reason


def test_a_cursor_in_a_secret_sends_nothing(root: Path) -> None:
    skipped = ask(root, request_in(root, "bank/a.py", f'key = "{KEY[:20]}', f'{KEY[20:]}"\n'))
    assert isinstance(skipped, Skipped)
    assert "secret" in skipped.reason


def test_ignored_files_are_in_no_part_even_when_the_rule_is_newer_than_the_index(root: Path) -> None:
    write(root, {"bank/secret_report.py": FILES["bank/report.py"].replace("monthly", "hidden")})
    before = "def yearly_report(accounts):\n    total = 0\n    for account in accounts:\n        "
    index = root.parent / "index"
    bring_up_to_date(index, [root])
    write(root, {".gitignore": "secret_*\n"})
    rules = IgnoreRules([root]).now()
    sources = Sources(redactor=Redactor(), is_ignored=rules, shown_path=str, reader=Reader(index))
    prompt = gather(request_in(root, "bank/yearly.py", before), 8_000, sources)
    assert isinstance(prompt, Prompt)
    assert "hidden_report" not in str(prompt)
    assert "monthly_report" in str(prompt)


def test_secrets_are_placeholders_in_every_part(root: Path) -> None:
    write(root, {"bank/settings.py": f'def api_token():\n    """Use {KEY}."""\n    return "{KEY}"  # for accounts\n'})
    edits = RecentEdits()
    edits.changed((root / "bank" / "settings.py").as_uri(), (root / "bank" / "settings.py").read_text(), 60)
    before = f'from bank.settings import api_token\nTOKEN = "{KEY}"\naccounts = api_token('
    prompt = ask(root, request_in(root, "bank/a.py", before), edits=edits)
    assert isinstance(prompt, Prompt)
    assert {PartKind.DEFINITION, PartKind.SIMILAR} <= {part.kind for part in prompt.parts}
    assert KEY not in str(prompt)
    assert prompt.prefix.count("TACTFUL_REDACTED_1") == 1
    assert prompt.redactions >= 3


def test_an_edit_within_a_private_key_is_not_told(root: Path) -> None:
    key = "a = 1\n-----BEGIN PRIVATE KEY-----\n" + "MIIEpAIB\n" * 60 + "-----END PRIVATE KEY-----\n"
    write(root, {"bank/key.py": key})
    edits = RecentEdits()
    edits.changed((root / "bank" / "key.py").as_uri(), key, 300)
    assert "MIIE" not in str(ask(root, request_in(root, "bank/a.py", "x = "), edits=edits))


def test_a_document_that_was_never_saved_has_a_name(root: Path) -> None:
    request = CompletionRequest(uri="untitled:Untitled-1", path=None, language_id="python", text="x = ", offset=4)
    prompt = ask(root, request)
    assert isinstance(prompt, Prompt)
    assert prompt.files == ("untitled:Untitled-1",)
