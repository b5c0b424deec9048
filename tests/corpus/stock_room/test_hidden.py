from stock import StockRoom


def test_stock_is_never_negative():
    room = StockRoom({"bolt": 3})
    room.deliver("bolt", 100)
    assert room.levels == {"bolt": 0}
    assert room.deliver("bolt", 1) == 0
    assert room.levels == {"bolt": 0}
    assert room.back_orders == [("bolt", 97), ("bolt", 1)]


def test_unknown_item():
    room = StockRoom({})
    assert room.deliver("nut", 2) == 0
    assert room.levels == {"nut": 0}


def test_exact_quantity():
    room = StockRoom({"bolt": 3})
    assert room.deliver("bolt", 3) == 3
    assert room.levels["bolt"] == 0
    assert room.back_orders == []


def test_back_orders_may_stay_partial():
    room = StockRoom({"bolt": 1, "nut": 5})
    room.deliver("bolt", 4)
    room.deliver("nut", 6)
    room.restock("bolt", 2)
    assert room.serve_back_orders() == [("bolt", 2), ("nut", 0)]
    assert room.back_orders == [("bolt", 1), ("nut", 1)]
    assert room.levels == {"bolt": 0, "nut": 0}


def test_levels_of_the_caller_are_kept():
    levels = {"bolt": 2}
    StockRoom(levels).deliver("bolt", 1)
    assert levels == {"bolt": 2}
