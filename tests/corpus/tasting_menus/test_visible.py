from menus import Dish, best_menu, menus, price

SOUP = Dish("soup", 4, "starter")
SALAD = Dish("salad", 6, "starter")
PASTA = Dish("pasta", 9, "main")
FISH = Dish("fish", 14, "main")
ICE = Dish("ice", 3, "dessert")
CARD = [SOUP, SALAD, PASTA, FISH, ICE]


def test_price():
    assert price([SOUP, PASTA, ICE]) == 16


def test_number_of_menus():
    assert len(menus(CARD, 100)) == 4
    assert len(menus(CARD, 18)) == 2


def test_dishes_of_a_menu():
    assert menus(CARD, 16) == [[SOUP, PASTA, ICE]]


def test_best_menu():
    assert best_menu(CARD, 21) == ["soup", "fish", "ice"]


def test_nothing_is_cheap_enough():
    assert best_menu(CARD, 15) == []
