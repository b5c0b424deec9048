from itertools import permutations

from cup import champion, play_round

STRENGTH = {"a": 1, "b": 2, "c": 3, "d": 4, "e": 4}


def test_strongest_wins_in_any_order():
    for teams in permutations("abcd"):
        assert champion(list(teams), STRENGTH) == "d"
    for teams in permutations("abc"):
        assert champion(list(teams), STRENGTH) == "c"


def test_two_teams():
    assert champion(["a", "b"], STRENGTH) == "b"
    assert champion(["b", "a"], STRENGTH) == "b"


def test_equal_teams():
    assert champion(["d", "e"], STRENGTH) == "d"
    assert champion(["e", "d"], STRENGTH) == "e"
    assert champion(["e", "a", "d"], STRENGTH) == "e"


def test_bye():
    assert champion(["a", "b", "d"], STRENGTH) == "d"
    assert champion(["a", "b", "a", "b", "c"], STRENGTH) == "c"


def test_round():
    assert play_round([], STRENGTH) == []
    assert play_round(["a"], STRENGTH) == ["a"]
