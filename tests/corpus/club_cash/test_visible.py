import pytest
from cash import Club


@pytest.fixture
def club():
    club = Club()
    club.open_account("fees", 1000)
    club.open_account("balls")
    return club


def test_balances_move(club):
    club.transfer("fees", "balls", 300)
    assert club.balances == {"fees": 700, "balls": 300}


def test_turnover(club):
    club.transfer("fees", "balls", 300)
    club.transfer("fees", "balls", 100)
    assert club.turnover("balls") == (400, 0)


def test_overdraft_is_refused(club):
    with pytest.raises(ValueError):
        club.transfer("balls", "fees", 1)
    assert club.journal == []


def test_account_opens_once(club):
    with pytest.raises(ValueError):
        club.open_account("fees")
