from phone import History


def calls(*numbers, size=5):
    history = History(size)
    for number in numbers:
        history.add(number)
    return list(history.calls)


def test_latest_first():
    assert calls(1, 2, 3) == [3, 2, 1]
    assert calls(5) == [5]
    assert calls() == []


def test_repetitions():
    assert calls(1, 2, 2, 1) == [1, 2, 1]
    assert calls(1, 1, 2, 2) == [2, 1]
    assert calls(1, 2, 1, 2) == [2, 1, 2, 1]


def test_bounds():
    assert calls(1, 2, 3, size=3) == [3, 2, 1]
    assert calls(*range(10)) == [9, 8, 7, 6, 5]
    assert calls(1, 2, size=1) == [2]
    assert calls(1, 2, size=0) == []


def test_favourite_among_equals():
    history = History()
    for number in (3, 9, 4):
        history.add(number)
    assert history.favourite() == 4
    assert history.latest() == 4
