from cart import Cart


def test_total():
    assert Cart("ann", []).add("tea", 400).add("jam", 300).total() == 700


def test_carts_are_separate():
    first = Cart("ann")
    first.add("tea", 400)
    assert Cart("bob").items == []


def test_initial_items():
    assert Cart("ann", [("tea", 400)]).total() == 400


def test_coupon():
    cart = Cart("ann", [("tea", 400)])
    cart.apply_coupon("MAY", 10)
    cart.apply_coupon("MAY", 10)
    assert cart.total() == 360


def test_given_items_are_not_changed():
    wishes = [("tea", 400)]
    Cart("ann", wishes).add("jam", 300)
    assert wishes == [("tea", 400)]
