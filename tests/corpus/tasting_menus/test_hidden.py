from menus import Dish, best_menu, menus, price


def dish(name, cost):
    """A dish whose name begins with the letter of its course."""
    return Dish(name, cost, {"s": "starter", "m": "main", "d": "dessert"}[name[0]])


def names(found):
    return [" ".join(dish.name for dish in menu) for menu in found]


CARD = [dish("d1", 1), dish("s1", 2), dish("m1", 3), dish("m2", 1), dish("d2", 2)]


def test_all_menus_in_order():
    assert names(menus(CARD, 10)) == ["s1 m1 d1", "s1 m1 d2", "s1 m2 d1", "s1 m2 d2"]


def test_budget_is_exact():
    assert names(menus(CARD, 6)) == ["s1 m1 d1", "s1 m2 d1", "s1 m2 d2"]
    assert names(menus(CARD, 4)) == ["s1 m2 d1"]
    assert menus(CARD, 3) == []


def test_menus_are_separate_lists():
    found = menus(CARD, 10)
    found[0].clear()
    assert len(found[1]) == 3
    assert len({id(menu) for menu in found}) == 4


def test_every_menu_has_all_courses():
    assert all([dish.course for dish in menu] == ["starter", "main", "dessert"] for menu in menus(CARD, 10))
    assert menus(CARD[1:4], 10) == []
    assert menus([], 10) == []


def test_prices():
    assert [price(menu) for menu in menus(CARD, 10)] == [6, 7, 4, 5]


def test_best_menu_is_the_first_of_equals():
    card = [dish("s1", 1), dish("s2", 1), dish("m1", 1), dish("d1", 1)]
    assert best_menu(card, 3) == ["s1", "m1", "d1"]
    assert best_menu(CARD, 6) == ["s1", "m1", "d1"]
    assert best_menu(CARD, 5) == ["s1", "m2", "d2"]


def test_two_searches():
    assert names(menus(CARD, 4)) == names(menus(CARD, 4)) == ["s1 m2 d1"]
