from seating import quarter_turn, transpose


def test_tall_plan():
    assert transpose([["a"], ["b"], ["c"]]) == [["a", "b", "c"]]
    assert transpose([[1, 2], [3, 4], [5, 6]]) == [[1, 3, 5], [2, 4, 6]]


def test_single_row():
    assert transpose([["a", "b", "c"]]) == [["a"], ["b"], ["c"]]
    assert transpose([["a"]]) == [["a"]]


def test_empty():
    assert transpose([]) == []
    assert transpose([[]]) == []
    assert quarter_turn([]) == []


def test_twice_is_the_same():
    plan = [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert transpose(transpose(plan)) == plan


def test_turns():
    plan = [[1, 2, 3], [4, 5, 6]]
    assert quarter_turn(plan) == [[4, 1], [5, 2], [6, 3]]
    for _ in range(4):
        plan = quarter_turn(plan)
    assert plan == [[1, 2, 3], [4, 5, 6]]
