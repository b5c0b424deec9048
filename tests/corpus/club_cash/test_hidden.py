import pytest
from cash import Club, Entry


@pytest.fixture
def club():
    club = Club()
    for name, cents in [("a", 100), ("b", 50), ("c", 0)]:
        club.open_account(name, cents)
    return club


def test_journal(club):
    club.transfer("a", "b", 30)
    club.transfer("b", "c", 80)
    assert club.journal == [Entry("a", "b", 30), Entry("b", "c", 80)]
    assert club.turnover("a") == (0, 30)
    assert club.turnover("b") == (30, 80)
    assert club.turnover("c") == (80, 0)
    assert club.balances == {"a": 70, "b": 0, "c": 80}


def test_there_and_back(club):
    club.transfer("a", "b", 20)
    club.transfer("b", "a", 5)
    assert club.turnover("a") == (5, 20)
    assert club.turnover("b") == (20, 5)


def test_amount_must_be_positive(club):
    for cents in (0, -5):
        with pytest.raises(ValueError):
            club.transfer("a", "b", cents)
    assert club.turnover("a") == (0, 0)


def test_to_oneself(club):
    club.transfer("a", "a", 10)
    assert club.turnover("a") == (10, 10)
    assert club.balances["a"] == 100
