from scores import Score, personal_best, show, table

SCORES = [Score("ada", 120, 2), Score("bob", 300, 4), Score("ada", 90, 1)]


def test_table():
    assert [score.points for score in table(SCORES)] == [300, 120, 90]


def test_show():
    assert show([Score("ada", 120, 2)]) == [" 1. ada        120"]


def test_personal_best():
    assert personal_best(SCORES, "ada") == 120


def test_no_scores():
    assert table([]) == []
