import pytest

from tennis import Game, play


def test_first_points():
    assert play("ada", "bo", ["ada", "bo", "bo"]) == ["15-love", "15 all", "15-30"]


def test_straight_game():
    assert play("ada", "bo", ["bo"] * 4)[-2:] == ["love-40", "game bo"]


def test_deuce_and_advantage():
    calls = play("ada", "bo", ["ada", "bo"] * 3 + ["ada", "ada"])
    assert calls[-3:] == ["deuce", "advantage ada", "game ada"]


def test_advantage_is_lost():
    calls = play("ada", "bo", ["ada", "bo"] * 3 + ["ada", "bo"])
    assert calls[-2:] == ["advantage ada", "deuce"]


def test_nobody_scores_after_the_end():
    game = Game("ada", "bo")
    for _ in range(4):
        game.point("ada")
    with pytest.raises(ValueError):
        game.point("bo")


def test_stranger():
    with pytest.raises(ValueError):
        Game("ada", "bo").point("cy")
