import pytest

from ledger import Journal
from ledger.report import balances, largest, turnover


@pytest.fixture
def journal():
    journal = Journal()
    journal.open_account("till").deposit(100)
    journal.open_account("bank")
    return journal


def test_transfer_moves_the_amount(journal):
    journal.transfer("till", "bank", 60)
    assert balances(journal) == {"till": 40, "bank": 60}
    assert journal.total() == 100


def test_turnover_counts_what_went_out(journal):
    journal.transfer("till", "bank", 60)
    journal.transfer("bank", "till", 10)
    assert turnover(journal) == {"till": 60, "bank": 10}


def test_largest_first(journal):
    journal.transfer("till", "bank", 60)
    assert largest(journal, 1) == ["bank"]


def test_only_empty_accounts_are_closed(journal):
    assert journal.close_account("bank").name == "bank"
    with pytest.raises(ValueError):
        journal.close_account("till")
