"""The journal: transactions between accounts, in order."""

from dataclasses import dataclass, field

from ledger.account import Account


@dataclass(frozen=True)
class Transaction:
    """An amount that went from one account to another."""

    source: str
    target: str
    amount: int
    text: str = ""


@dataclass
class Journal:
    """All accounts and what happened between them."""

    accounts: dict[str, Account] = field(default_factory=dict)
    transactions: list[Transaction] = field(default_factory=list)

    def open_account(self, name: str, limit: int = 0) -> Account:
        """Open an account and return it."""
        if name in self.accounts:
            raise ValueError(f"the account {name} is open already")
        account = Account(name, limit=limit)
        self.accounts[name] = account
        return account

    def close_account(self, name: str) -> Account:
        """Close an account whose balance is zero and return it."""
        account = self.accounts[name]
        if account.balance != 0:
            raise ValueError(f"the account {name} still holds {account.balance}")
        del self.accounts[name]
        return account

    def transfer(self, source: str, target: str, amount: int, text: str = "") -> Transaction:
        """Move an amount from one account to another."""
        self.accounts[source].withdraw(amount, text)
        self.accounts[target].deposit(amount, text)
        transaction = Transaction(source, target, amount, text)
        self.transactions.append(transaction)
        return transaction

    def total(self) -> int:
        """Return the sum of all balances."""
        return sum(account.balance for account in self.accounts.values())
