from ballots import count_ballots
from results import elected, ranking, table


def test_count():
    ballots = [{"Ann": "x", "Ben": ""}, {"Ann": "X ", "Ben": ""}, {"Ann": "x", "Ben": "x"}]
    assert count_ballots(ballots) == ({"Ann": 2}, 1)


def test_most_votes_first():
    assert ranking({"Ann": 3, "Ben": 9, "Cleo": 5}) == [("Ben", 9), ("Cleo", 5), ("Ann", 3)]


def test_equal_votes():
    assert ranking({"Cleo": 4, "Ann": 4, "Ben": 7}) == [("Ben", 7), ("Ann", 4), ("Cleo", 4)]


def test_elected():
    assert elected({"Cleo": 5, "Ann": 3, "Ben": 9}, 2) == (["Ben", "Cleo"], [])


def test_lots_are_drawn():
    assert elected({"Ann": 3, "Ben": 9, "Cleo": 3}, 2) == (["Ben"], ["Ann", "Cleo"])


def test_table():
    assert table({"Ann": 3, "Ben": 9}) == ["1. Ben 9 (75.0%)", "2. Ann 3 (25.0%)"]
