from marks import outliers, summarize


def test_mean():
    assert summarize([2, 4, 6]).mean == 4


def test_deviation():
    assert summarize([2, 4, 4, 4, 5, 5, 7, 9]).deviation == 2


def test_no_marks():
    assert summarize([]).count == 0


def test_outlier_is_found():
    assert outliers([50, 51, 49, 50, 50, 51, 49, 90]) == [90]


def test_equal_marks_have_no_outliers():
    assert outliers([3, 3, 3]) == []
