from fractions import Fraction

from recipes import Recipe, parse_ingredient


def dough():
    return Recipe(4, ["1/2 flour", "2 eggs", "1 milk"])


def test_parse():
    assert parse_ingredient("3/4 brown sugar") == ("brown sugar", Fraction(3, 4))


def test_scaled():
    assert dough().scaled(8) == {"flour": 1, "eggs": 4, "milk": 2}


def test_scaled_twice():
    recipe = dough()
    assert recipe.scaled(4) == {"flour": Fraction(1, 2), "eggs": 2, "milk": 1}
    assert recipe.scaled(2) == {"flour": Fraction(1, 4), "eggs": 1, "milk": Fraction(1, 2)}


def test_shopping_list():
    assert dough().shopping_list(6, pantry=["milk"]) == ["3/4 flour", "3 eggs"]
