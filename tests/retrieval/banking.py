"""A small workspace for prompts: files, an index over them, requests."""

from pathlib import Path

from tactful.core.types import CompletionRequest, PartKind, Prompt

FILES = {
    "bank/account.py": (
        "class Account:\n"
        '    """One customer\'s money."""\n\n'
        "    def deposit(self, amount: int) -> None:\n"
        '        """Put money in."""\n'
        "        self.balance += amount\n\n\n"
        "def open_account(owner: str) -> Account:\n"
        '    """Begin with nothing."""\n'
        "    return Account(owner)\n"
    ),
    "bank/report.py": (
        "def monthly_report(accounts):\n    total = 0\n    for account in accounts:\n"
        "        total += account.balance\n    return total\n"
    ),
    "tests/test_teller.py": (
        "def test_pay_in():\n    teller = Teller()\n    teller.pay_in(5)\n    assert teller.total == 5\n"
    ),
    "notes.txt": "pay_in is what the teller does\n",
}
TELLER = "from bank.account import open_account\n\n\nclass Teller:\n    def pay_in(self, amount):\n        account = "


def write(root: Path, files: dict[str, str]) -> None:
    """Write files, named by their paths below `root`."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def request_in(root: Path, name: str, before: str, after: str = "") -> CompletionRequest:
    """Return a request at the end of `before` in the open document `name`."""
    path = root / name
    return CompletionRequest(
        uri=path.as_uri(), path=str(path), language_id="python", text=before + after, offset=len(before)
    )


def texts_of(prompt: object, kind: PartKind) -> dict[str, str]:
    """Return the texts of one kind of part, by path."""
    assert isinstance(prompt, Prompt)
    return {part.path: part.text for part in prompt.parts if part.kind is kind}
