import pytest
from login import Account, Locked


def test_login():
    account = Account("eva", "secret")
    assert account.login("secret")
    assert not account.login("Secret")


def test_three_failures_lock():
    account = Account("eva", "secret")
    for _ in range(3):
        account.login("?")
    with pytest.raises(Locked):
        account.login("secret")


def test_only_failures_in_a_row_count():
    account = Account("eva", "secret")
    for password in ("?", "?", "secret", "?", "?"):
        account.login(password)
    assert not account.locked


def test_unlock():
    account = Account("eva", "secret")
    for _ in range(3):
        account.login("?")
    account.unlock()
    assert account.login("secret")
