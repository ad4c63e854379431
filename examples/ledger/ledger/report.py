"""Reports over a journal."""

from collections import defaultdict

from ledger.journal import Journal


def balances(journal: Journal) -> dict[str, int]:
    """Return the balance of each account by name."""
    return {name: account.balance for name, account in journal.accounts.items()}


def turnover(journal: Journal) -> dict[str, int]:
    """Return for each account how much went out of it."""
    result: dict[str, int] = defaultdict(int)
    for transaction in journal.transactions:
        result[transaction.source] += transaction.amount
    return dict(result)


def largest(journal: Journal, count: int = 3) -> list[str]:
    """Return the names of the accounts with the largest balances, largest first."""
    ranked = sorted(journal.accounts.values(), key=lambda account: account.balance, reverse=True)
    return [account.name for account in ranked[:count]]
