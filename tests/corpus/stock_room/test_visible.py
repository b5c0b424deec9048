from stock import StockRoom


def test_full_delivery():
    room = StockRoom({"bolt": 10})
    assert room.deliver("bolt", 4) == 4
    assert room.levels == {"bolt": 6}


def test_partial_delivery():
    room = StockRoom({"bolt": 3})
    assert room.deliver("bolt", 5) == 3
    assert room.back_orders == [("bolt", 2)]


def test_back_order_is_served_after_restocking():
    room = StockRoom({"bolt": 3})
    room.deliver("bolt", 5)
    room.restock("bolt", 10)
    assert room.serve_back_orders() == [("bolt", 2)]
    assert room.levels == {"bolt": 8}


def test_restock_new_item():
    room = StockRoom({})
    room.restock("nut", 7)
    assert room.levels == {"nut": 7}
