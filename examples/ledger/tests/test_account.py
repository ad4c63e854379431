import pytest

from ledger import Account, InsufficientFunds


def test_deposit_adds_to_the_balance():
    account = Account("till")
    assert account.deposit(50) == 50
    assert account.deposit(25) == 75


def test_withdraw_takes_from_the_balance():
    account = Account("till", balance=100)
    assert account.withdraw(30) == 70


def test_the_limit_may_be_used_up_to_the_last_cent():
    account = Account("till", balance=100, limit=50)
    assert account.covers(150)
    assert account.withdraw(150) == -50


def test_beyond_the_limit_is_refused():
    account = Account("till", balance=100, limit=50)
    assert not account.covers(151)
    with pytest.raises(InsufficientFunds):
        account.withdraw(151)


@pytest.mark.parametrize("amount", [0, -1])
def test_amounts_are_positive(amount):
    with pytest.raises(ValueError):
        Account("till").deposit(amount)
