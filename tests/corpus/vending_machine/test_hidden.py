from vending import Vending


def test_no_coins_for_change():
    vending = Vending({"tea": 130})
    vending.insert(200)
    assert vending.sell("tea") is None
    assert vending.credit == 200
    assert vending.coins[200] == 1


def test_largest_coins_first():
    vending = Vending({}, {10: 10, 20: 3, 50: 2, 100: 1})
    assert vending.change_for(190) == [100, 50, 20, 20]
    assert vending.change_for(90) == [50, 20, 20]
    assert vending.change_for(0) == []
    assert vending.change_for(100) == [100]


def test_runs_out_of_one_coin():
    vending = Vending({}, {50: 1, 20: 1, 10: 3})
    assert vending.change_for(100) == [50, 20, 10, 10, 10]
    assert vending.change_for(110) is None


def test_coins_leave_the_machine():
    vending = Vending({"tea": 130}, {50: 1, 10: 2})
    vending.insert(200)
    assert vending.sell("tea") == [50, 10, 10]
    assert vending.coins == {200: 1, 100: 0, 50: 0, 20: 0, 10: 0}
    assert vending.credit == 0
