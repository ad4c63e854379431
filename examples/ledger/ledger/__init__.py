"""Accounts, transactions and reports."""

from ledger.account import Account, InsufficientFunds
from ledger.journal import Journal, Transaction

__all__ = ["Account", "InsufficientFunds", "Journal", "Transaction"]
