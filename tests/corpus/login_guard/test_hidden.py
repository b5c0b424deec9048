import pytest
from login import Account, Locked


def account(*passwords):
    result = Account("eva", "x")
    for password in passwords:
        result.login(password)
    return result


def test_failures():
    assert account("?", "?").failures == 2
    assert account("?", "?", "x").failures == 0
    assert account("?", "x", "?").failures == 1
    assert account("x").failures == 0


def test_lock_after_a_good_login():
    assert account("?", "x", "?", "?", "?").locked
    assert not account("?", "?", "x", "?").locked
    assert not account("?", "?").locked
    with pytest.raises(Locked):
        account("x", "?", "?", "?").login("x")


def test_change_password():
    subject = account("?", "?")
    assert subject.change_password("x", "y") is True
    assert subject.failures == 0
    assert subject.login("y")
    assert not subject.login("x")
    assert subject.change_password("x", "z") is False
    assert subject.failures == 2


def test_locked_cannot_change():
    with pytest.raises(Locked):
        account("?", "?", "?").change_password("x", "y")
