"""Accounts: a name, a balance in cents and a history of entries."""

from dataclasses import dataclass, field


class InsufficientFunds(Exception):
    """The balance does not cover a withdrawal."""


@dataclass
class Entry:
    """One change of a balance."""

    amount: int
    text: str


@dataclass
class Account:
    """An account that cannot be overdrawn beyond its limit."""

    name: str
    balance: int = 0
    limit: int = 0
    entries: list[Entry] = field(default_factory=list)

    def deposit(self, amount: int, text: str = "") -> int:
        """Add an amount and return the new balance."""
        if amount <= 0:
            raise ValueError("the amount must be positive")
        self.balance += amount
        self.entries.append(Entry(amount, text))
        return self.balance

    def withdraw(self, amount: int, text: str = "") -> int:
        """Take an amount away and return the new balance."""
        if amount <= 0:
            raise ValueError("the amount must be positive")
        if not self.covers(amount):
            raise InsufficientFunds(f"{self.name} does not cover {amount}")
        self.balance -= amount
        self.entries.append(Entry(-amount, text))
        return self.balance

    def covers(self, amount: int) -> bool:
        """Return whether an amount may be withdrawn: the limit may be used up to the last cent."""
        return amount <= self.balance + self.limit

    def statement(self) -> list[str]:
        """Return one line for each entry, oldest first."""
        lines = []
        for entry in self.entries:
            lines.append(f"{entry.amount:>10} {entry.text}")
        return lines
