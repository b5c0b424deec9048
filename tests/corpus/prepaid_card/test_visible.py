import pytest
from card import Card, NotEnoughMoney


def test_pay():
    card = Card(500)
    card.pay(320)
    assert card.balance == 180


def test_top_up_limit():
    with pytest.raises(ValueError):
        Card(9500).top_up(501)


def test_not_enough_money():
    with pytest.raises(NotEnoughMoney) as caught:
        Card(300).pay(350)
    assert caught.value.missing == 50


def test_spent():
    card = Card(500)
    card.pay(100)
    card.top_up(50)
    card.pay(30)
    assert card.spent() == 130
