from itertools import permutations

from hours import is_open, merge, open_minutes


def test_any_order():
    for intervals in permutations([(0, 100), (10, 20), (30, 40)]):
        assert merge(intervals) == [(0, 100)]
    for intervals in permutations([(0, 50), (10, 20), (45, 60)]):
        assert merge(intervals) == [(0, 60)]


def test_same_start():
    assert merge([(0, 5), (0, 9)]) == [(0, 9)]
    assert merge([(0, 9), (0, 5)]) == [(0, 9)]
    assert merge([(0, 9), (0, 9)]) == [(0, 9)]


def test_same_end():
    assert merge([(0, 9), (4, 9)]) == [(0, 9)]


def test_touching_and_apart():
    assert merge([(0, 5), (5, 9)]) == [(0, 9)]
    assert merge([(0, 5), (6, 9)]) == [(0, 5), (6, 9)]
    assert merge([(0, 20), (1, 2), (21, 30)]) == [(0, 20), (21, 30)]
    assert merge([(0, 5), (10, 90), (20, 30), (95, 99)]) == [(0, 5), (10, 90), (95, 99)]
    assert merge([(0, 5), (10, 20), (15, 40), (40, 41)]) == [(0, 5), (10, 41)]
    assert merge([]) == []


def test_derived():
    assert open_minutes([(0, 100), (10, 20)]) == 100
    assert is_open([(0, 100), (10, 20)], 50)
    assert not is_open([(0, 100), (10, 20)], 100)
