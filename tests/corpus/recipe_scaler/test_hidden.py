from fractions import Fraction

from recipes import Recipe


def test_any_number_of_uses():
    recipe = Recipe(2, ["1 egg"])
    assert [recipe.scaled(portions)["egg"] for portions in (2, 4, 1)] == [1, 2, Fraction(1, 2)]
    assert recipe.shopping_list(4) == ["2 egg"]
    assert recipe.shopping_list(4) == ["2 egg"]


def test_lines_may_be_an_iterator():
    recipe = Recipe(1, iter(["2 a", "3 b"]))
    assert recipe.scaled(1) == {"a": 2, "b": 3}
    assert recipe.scaled(2) == {"a": 4, "b": 6}


def test_number_of_ingredients():
    recipe = Recipe(1, ["2 a", "3 b"])
    assert len(list(recipe.ingredients)) == 2
    assert len(list(recipe.ingredients)) == 2


def test_pantry():
    recipe = Recipe(1, ["2 a", "3 b"])
    assert recipe.shopping_list(1, pantry={"a", "b"}) == []
    assert recipe.shopping_list(3, pantry={"b"}) == ["6 a"]
    assert Recipe(1, []).shopping_list(5) == []
