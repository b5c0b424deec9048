import pytest
from marks import outliers, summarize


def test_equal_marks_do_not_deviate():
    assert summarize([3, 3, 3]).deviation == 0
    assert summarize([7]).deviation == 0


def test_deviation_ignores_a_shift():
    assert summarize([1, 3]).deviation == 1
    assert summarize([101, 103]).deviation == 1
    assert summarize([-1, 1]).deviation == 1


def test_deviation_scales():
    assert summarize([0, 10]).deviation == 5
    assert summarize([1, 2, 3, 4]).deviation == pytest.approx(1.118, abs=0.001)
    assert summarize([0, 0, 0, 8]).deviation == pytest.approx(3.464, abs=0.001)


def test_outliers():
    assert outliers([1, 2, 3], factor=1) == [1, 3]
    assert outliers([0, 0, 0, 8], factor=1.5) == [8]
    assert outliers([]) == []
