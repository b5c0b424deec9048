from cart import Cart


def test_many_carts():
    carts = [Cart(str(number)) for number in range(3)]
    for number, cart in enumerate(carts):
        cart.add("x", number)
    assert [cart.total() for cart in carts] == [0, 1, 2]
    assert [len(cart.items) for cart in carts] == [1, 1, 1]
    assert Cart("new").items == []


def test_given_list_stays_independent():
    wishes = [("tea", 400)]
    first, second = Cart("a", wishes), Cart("b", wishes)
    first.add("jam", 1)
    assert second.items == [("tea", 400)]
    assert wishes == [("tea", 400)]
    wishes.clear()
    assert second.total() == 400


def test_given_empty_list():
    wishes = []
    cart = Cart("a", wishes)
    cart.add("jam", 1)
    assert wishes == []
    assert cart.items == [("jam", 1)]


def test_discount_limit():
    cart = Cart("a", [("x", 1000)])
    assert cart.owner == "a"
    cart.apply_coupon("A", 40)
    cart.apply_coupon("B", 40)
    assert cart.total() == 500
