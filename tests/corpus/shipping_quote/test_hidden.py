from shipping import order_total, shipping_fee


def test_around_the_threshold():
    assert shipping_fee(4999, 1) == 490
    assert shipping_fee(5000, 30) == 0
    assert shipping_fee(5001, 1) == 0
    assert shipping_fee(4998, 2) == 490


def test_express_at_the_threshold():
    assert shipping_fee(5000, 1, express=True) == 990
    assert shipping_fee(4999, 1, express=True) == 1480


def test_kilos_start_counting_after_the_included_ones():
    assert shipping_fee(100, 2) == 490
    assert shipping_fee(100, 2.1) == 610
    assert shipping_fee(100, 3) == 610
    assert shipping_fee(0, 5) == 850


def test_total():
    assert order_total(5000, 4) == 5000
    assert order_total(4999, 4) == 4999 + 490 + 240
