from shipping import order_total, shipping_fee


def test_small_order_pays_base_fee():
    assert shipping_fee(1200, 1) == 490


def test_order_at_threshold_ships_free():
    assert shipping_fee(5000, 1) == 0


def test_large_order_ships_free():
    assert shipping_fee(7500, 9) == 0


def test_extra_kilos():
    assert shipping_fee(1200, 3.5) == 490 + 2 * 120


def test_total_with_express():
    assert order_total(8000, 1, express=True) == 8990
