import pytest
from card import Card, NotEnoughMoney


def test_the_last_cent():
    card = Card(300)
    card.pay(300)
    assert card.balance == 0
    with pytest.raises(NotEnoughMoney) as caught:
        card.pay(1)
    assert caught.value.missing == 1


def test_a_refused_payment_changes_nothing():
    card = Card(300)
    with pytest.raises(NotEnoughMoney):
        card.pay(1000)
    assert card.balance == 300
    assert card.history == []
    assert card.spent() == 0


def test_empty_card():
    with pytest.raises(NotEnoughMoney) as caught:
        Card().pay(120)
    assert caught.value.missing == 120
    assert str(caught.value) == "120 cents are missing"


def test_amounts_must_be_positive():
    for cents in (0, -5):
        with pytest.raises(ValueError):
            Card(100).pay(cents)
        with pytest.raises(ValueError):
            Card(100).top_up(cents)


def test_top_up_to_the_limit():
    card = Card(9500)
    card.top_up(500)
    assert card.balance == 10_000
