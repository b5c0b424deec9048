from ballots import count_ballots
from results import elected, ranking, table


def names(tally):
    return [name for name, _ in ranking(tally)]


def test_all_equal():
    assert names({"d": 1, "b": 1, "a": 1, "c": 1}) == ["a", "b", "c", "d"]


def test_two_groups():
    assert names({"d": 2, "b": 1, "a": 2, "c": 1}) == ["a", "d", "b", "c"]
    assert names({"b": 10, "a": 9, "c": 10}) == ["b", "c", "a"]


def test_no_votes():
    assert ranking({}) == []
    assert ranking({"b": 0, "a": 0}) == [("a", 0), ("b", 0)]
    assert table({}) == []


def test_table_with_shared_ranks():
    assert table({"c": 1, "b": 4, "a": 4, "d": 1}) == [
        "1. a 4 (40.0%)",
        "1. b 4 (40.0%)",
        "3. c 1 (10.0%)",
        "3. d 1 (10.0%)",
    ]


def test_enough_seats():
    assert elected({"b": 1, "a": 2}, 2) == (["a", "b"], [])
    assert elected({"b": 1, "a": 2}, 5) == (["a", "b"], [])


def test_tie_within_the_seats():
    assert elected({"b": 4, "a": 4, "c": 1}, 2) == (["a", "b"], [])


def test_tie_of_all():
    assert elected({"b": 4, "a": 4, "c": 4}, 2) == ([], ["a", "b", "c"])


def test_ranking_of_counted_ballots():
    tally, invalid = count_ballots([{"B": "x", "A": ""}, {"A": "x", "B": "-"}, {"A": "", "B": ""}])
    assert ranking(tally) == [("A", 1), ("B", 1)]
    assert invalid == 1
