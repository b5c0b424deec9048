from scores import Score, show, table


def points(*values, size=10):
    return [score.points for score in table([Score("x", value, 1) for value in values], size)]


def test_order():
    assert points(1, 2, 3) == [3, 2, 1]
    assert points(3, 2, 1) == [3, 2, 1]
    assert points(5) == [5]
    assert points(-1, 0, -2) == [0, -1, -2]


def test_size():
    assert points(1, 2, 3, size=2) == [3, 2]
    assert points(1, 2, 3, size=0) == []
    assert points(*range(20)) == list(range(19, 9, -1))
    many = [Score("x", value, 1) for value in range(12)]
    assert len(table(many)) == len(show(many)) == 10


def test_level_breaks_ties():
    scores = [Score("low", 10, 1), Score("high", 10, 3), Score("mid", 10, 2)]
    assert [score.player for score in table(scores)] == ["high", "mid", "low"]


def test_equal_scores_keep_their_order():
    scores = [Score("first", 10, 1), Score("second", 10, 1)]
    assert [score.player for score in table(scores)] == ["first", "second"]


def test_show_places():
    assert [line[:6] for line in show([Score("a", 1, 1), Score("b", 2, 1)])] == [" 1. b ", " 2. a "]
