from phone import History


def history(*numbers, size=5):
    history = History(size)
    for number in numbers:
        history.add(number)
    return history


def test_empty():
    assert History().latest() is None
    assert History().favourite() is None


def test_latest():
    assert history(110, 112).latest() == 112


def test_bounded():
    assert list(history(1, 2, 3, 4, size=2).calls) == [4, 3]


def test_repetition():
    assert list(history(7, 7, 7).calls) == [7]


def test_favourite():
    assert history(7, 8, 7).favourite() == 7
