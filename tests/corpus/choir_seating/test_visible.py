from seating import find, quarter_turn, transpose


def test_square():
    assert transpose([["a", "b"], ["c", "d"]]) == [["a", "c"], ["b", "d"]]


def test_wide_plan():
    assert transpose([["a", "b", "c"], ["d", "e", "f"]]) == [["a", "d"], ["b", "e"], ["c", "f"]]


def test_quarter_turn_of_square():
    assert quarter_turn([["a", "b"], ["c", "d"]]) == [["c", "a"], ["d", "b"]]


def test_find():
    assert find([["a", "b"], ["c", "d"]], "d") == (2, 2)
    assert find([["a"]], "z") is None
