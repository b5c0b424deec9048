import pytest

from tennis import Game, play

TO_DEUCE = ["a", "b", "b", "a", "b", "a"]


def test_way_to_deuce():
    assert play("a", "b", TO_DEUCE) == ["15-love", "15 all", "15-30", "30 all", "30-40", "deuce"]


def test_long_deuce():
    calls = play("a", "b", TO_DEUCE + ["a", "b", "b", "a", "b", "b"])
    assert calls[6:] == [
        "advantage a",
        "deuce",
        "advantage b",
        "deuce",
        "advantage b",
        "game b",
    ]


def test_two_points_in_a_row_are_needed():
    calls = play("a", "b", TO_DEUCE + ["b", "a", "a"])
    assert calls[-1] == "advantage a"
    assert play("a", "b", TO_DEUCE + ["b", "a", "a", "a"])[-1] == "game a"


def test_state_after_losing_the_advantage():
    game = Game("a", "b")
    for player in TO_DEUCE + ["b", "a"]:
        game.point(player)
    assert game.advantage is None
    assert game.winner is None
    assert game.score() == "deuce"
    assert game.points == {"a": 3, "b": 3}


def test_forty_thirty_needs_no_advantage():
    assert play("a", "b", ["a", "a", "b", "b", "a", "a"])[-2:] == ["40-30", "game a"]
    assert play("a", "b", ["b", "a", "b", "a", "b", "b"])[-2:] == ["30-40", "game b"]


def test_end_after_deuce():
    game = Game("a", "b")
    for player in TO_DEUCE + ["a", "a"]:
        game.point(player)
    with pytest.raises(ValueError):
        game.point("a")
    assert game.score() == "game a"
